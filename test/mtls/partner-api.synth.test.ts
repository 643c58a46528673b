/** The partner API as it is deployed: how it can be reached, and what its authorizer may do. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App, Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';

import {
  composeSallyport,
  readDocument,
  settingsFor,
  type Composition,
  type OpenApiDocument,
} from '../../lib';
import { commandLineSettings, ENVIRONMENTS } from '../../lib/config';
import { MTLS_DEFAULTS } from '../../lib/mtls-settings';
import { checkTrustStore } from '../../lib/mtls/trust-store';
import { Authority } from './authority';
import { makeCertificate, pem } from './make-crl';

const web = join(__dirname, '../site/web');
const docs = join(__dirname, '../publishing/docs');
const document = readDocument(join(__dirname, '../../openapi.yaml'));
const folder = mkdtempSync(join(tmpdir(), 'sallyport-synth-'));
const ca = new Authority('CA');
const trustStore = file('truststore.pem', pem('CERTIFICATE', ca.der));
const MTLS = {
  ...MTLS_DEFAULTS,
  domain: 'partners.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1-2-3',
  trustStore,
};

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** Without bundles, which nothing here looks at. */
function appIn(name: string): App {
  return new App({ outdir: join(folder, name), context: { 'aws:cdk:bundling-stacks': [] } });
}

let runs = 0;
interface Synthesized {
  readonly template: (stack: string) => Template;
  readonly stack: (name: string) => Stack;
  readonly composition: Composition;
}

function synth(mtls: object | null = MTLS, more: object = {}, of: OpenApiDocument = document): Synthesized {
  const app = appIn(`out-${(runs += 1)}`);
  const settings = settingsFor('prod', { mtls, account: '123456789012', ...more });
  const composition = composeSallyport(app, { settings, document: of, web, docs });
  const stack = (name: string): Stack => Stack.of(app.node.findChild(name));
  return { composition, stack, template: (name) => Template.fromStack(stack(name)) };
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

function statementsOf(template: Template, prefix: string): Statement[] {
  return Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([name]) => name.startsWith(prefix))
    .flatMap(
      ([, policy]) =>
        (policy as { Properties: { PolicyDocument: { Statement: Statement[] } } }).Properties.PolicyDocument
          .Statement,
    );
}

describe('OCSP-05 responders', () => {
  const readsTrustStore = (template: Template): boolean =>
    statementsOf(template, 'FrontDoor').some(({ Action, Resource }) =>
      `${JSON.stringify(Action)} ${JSON.stringify(Resource)}`.includes('truststore.pem'),
    );
  const environmentOf = (template: Template): Record<string, unknown> => {
    const functions = Object.entries(template.findResources('AWS::Lambda::Function'));
    const [, authorizer] = functions.find(([id]) => id.startsWith('FrontDoorAuthorizer')) ?? [];
    return (authorizer as { Properties: { Environment: { Variables: Record<string, unknown> } } }).Properties
      .Environment.Variables;
  };

  test('OCSP-05 are asked where the settings name them, and the trust store may be read there alone', () => {
    const ocsp = { responders: ['http://ocsp.test/a', 'https://ocsp.test/b'], maximumAgeMinutes: 10 };
    const [without, withOcsp] = [synth(), synth({ ...MTLS, ocsp })].map(({ template }) =>
      template('partner'),
    );
    expect(Object.keys(environmentOf(without!)).filter((name) => name.startsWith('OCSP'))).toEqual([]);
    expect(readsTrustStore(without!)).toBe(false);
    expect(environmentOf(withOcsp!)).toMatchObject({
      OCSP: 'fallback',
      OCSP_RESPONDERS: 'http://ocsp.test/a https://ocsp.test/b',
      OCSP_MAXIMUM_AGE_SECONDS: '600',
    });
    expect(readsTrustStore(withOcsp!)).toBe(true);
  });

  test.each([
    [['ldap://ocsp.test/']],
    [['http://ocsp.test/a http://elsewhere.test/']],
    [['http://user@ocsp.test/']],
    [[]],
  ])('OCSP-04 %j stop the synth', (responders) => {
    expect(() => synth({ ...MTLS, ocsp: { responders, maximumAgeMinutes: 10 } })).toThrow(/mtls\.ocsp/);
  });
});

describe('AUTHZ-06 the partner API', () => {
  const { template } = synth();
  const partner = template('partner');

  test('AUTHZ-06 has no endpoint but its domain', () => {
    partner.hasResourceProperties('AWS::ApiGateway::RestApi', {
      DisableExecuteApiEndpoint: true,
      Body: Match.objectLike({
        'x-amazon-apigateway-endpoint-configuration': { disableExecuteApiEndpoint: true },
        paths: { '/partner/orders': Match.anyValue() },
      }),
    });
    partner.resourceCountIs('AWS::ApiGateway::RestApi', 1);
    partner.resourceCountIs('AWS::ApiGateway::BasePathMapping', 1);
  });

  test('AUTHZ-06 asks for a certificate of the deployed version of the trust store, over TLS 1.2', () => {
    partner.hasResourceProperties('AWS::ApiGateway::DomainName', {
      DomainName: 'partners.example.com',
      RegionalCertificateArn: MTLS.certificateArn,
      EndpointConfiguration: { Types: ['REGIONAL'] },
      SecurityPolicy: 'TLS_1_2',
      MutualTlsAuthentication: {
        TruststoreUri: {
          'Fn::Join': ['', ['s3://', { 'Fn::ImportValue': Match.anyValue() }, '/truststore.pem']],
        },
        TruststoreVersion: { 'Fn::ImportValue': Match.stringLikeRegexp('VersionId') },
      },
    });
  });

  test('a changed bundle is a new version', () => {
    const keyOf = (one: Template): unknown => {
      const [placed] = Object.values(one.findResources('Custom::TrustStore')) as {
        Properties: Record<string, unknown>;
      }[];
      return placed?.Properties['SourceKey'];
    };
    const other = file('other.pem', pem('CERTIFICATE', new Authority('Other').der));

    expect(keyOf(synth({ ...MTLS, trustStore: other }).template('data'))).not.toEqual(
      keyOf(template('data')),
    );
    expect(keyOf(synth().template('data'))).toEqual(keyOf(template('data')));
  });

  test('operations with client certificates are nowhere but there', () => {
    const pathsOf = (one: Template): string[] => {
      const [api] = Object.values(one.findResources('AWS::ApiGateway::RestApi')) as {
        Properties: { Body: { paths: object } };
      }[];
      return Object.keys(api!.Properties.Body.paths);
    };

    expect(pathsOf(partner)).toEqual(['/partner/orders']);
    expect(pathsOf(template('api'))).not.toContain('/partner/orders');
  });

  test('without settings they are nowhere at all, and the synth says so', () => {
    const { composition, template: without } = synth(null);

    expect(composition.losses).toContainEqual({
      place: 'GET /partner/orders',
      what: 'not deployed',
      madeUpBy: 'nobody: mtls is null in the settings',
    });
    expect(JSON.stringify(without('api').toJSON())).not.toContain('/partner/orders');
  });

  test('has records where a zone is given', () => {
    const { template: zoned } = synth({ ...MTLS, hostedZone: { id: 'Z1', name: 'example.com' } });

    zoned('partner').resourceCountIs('AWS::Route53::RecordSet', 2);
    partner.resourceCountIs('AWS::Route53::RecordSet', 0);
  });
});

describe('CRL-10 the authorizer', () => {
  /** What of a policy is more than reading; both functions of API Gateway's authorizers write their own log. */
  const writing = (statements: readonly Statement[]): unknown[] =>
    statements
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action, Resource }) => [Action].flat().map((action) => [action, Resource] as const))
      .filter(([action]) => !/^s3:(GetObject|ListBucket)$/.test(action) && !action.startsWith('logs:'));

  test('CRL-10 can read lists and indexes, list manifests, and write nothing', () => {
    const statements = statementsOf(synth().template('partner'), 'FrontDoor');

    expect(writing(statements)).toEqual([]);
    const [get, list, ...more] = statements.filter(({ Action }) => String(Action).startsWith('s3:'));
    expect(more).toEqual([]);
    expect(get?.Action).toBe('s3:GetObject');
    expect(JSON.stringify(get?.Resource).match(/\/(current|indexes)\/\*/g)).toEqual([
      '/current/*',
      '/indexes/*',
    ]);
    expect(list).toMatchObject({
      Action: 's3:ListBucket',
      Condition: { StringLike: { 's3:prefix': 'current/*' } },
    });
    expect(JSON.stringify(statements)).not.toMatch(/uploads|TrustStore/);
  });

  test.each([
    ['s3:PutObject', { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: 'x' }],
    ['s3:*', { Effect: 'Allow', Action: 's3:*', Resource: 'x' }],
    ['dynamodb:UpdateItem', { Effect: 'Allow', Action: 'dynamodb:UpdateItem', Resource: 'x' }],
  ])('CRL-10 a grant of %s would be noticed', (_name, statement) => {
    expect(writing([statement])).not.toEqual([]);
  });

  test('has the concurrency its settings say, by the clock too', () => {
    const warm = synth({
      ...MTLS,
      reservedConcurrency: 20,
      provisionedConcurrency: 2,
      warmSchedule: [{ at: 'cron(0 7 ? * MON-FRI *)', instances: 10 }],
    }).template('partner');

    warm.hasResourceProperties('AWS::Lambda::Function', { ReservedConcurrentExecutions: 20 });
    warm.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
      MinCapacity: 2,
      MaxCapacity: 10,
      ScalableDimension: 'lambda:function:ProvisionedConcurrency',
      ScheduledActions: [
        Match.objectLike({
          Schedule: 'cron(0 7 ? * MON-FRI *)',
          ScalableTargetAction: { MinCapacity: 10, MaxCapacity: 10 },
        }),
      ],
    });
    expect(() => synth({ ...MTLS, reservedConcurrency: 1, provisionedConcurrency: 2 })).toThrow(
      'more instances are kept warm than reservedConcurrency',
    );
  });
});

describe('the trust store', () => {
  test('CRL-10 is written by its own function alone, at one key', () => {
    const data = synth().template('data');

    expect(JSON.stringify(statementsOf(data, 'TrustStorePlace'))).toContain('/truststore.pem');
    expect(JSON.stringify(statementsOf(synth().template('partner'), ''))).not.toMatch(
      /s3:(PutObject|DeleteObject)[^}]*truststore/i,
    );
  });

  test.each<[string, () => string, string]>([
    ['a file that is not there', () => join(folder, 'none.pem'), 'cannot read'],
    ['no certificate', () => file('empty.pem', 'nothing'), 'holds no whole PEM certificate'],
    [
      'half a certificate',
      () => file('half.pem', pem('CERTIFICATE', ca.der).slice(0, -20)),
      'holds no whole PEM',
    ],
    [
      'a private key',
      () => file('key.pem', pem('CERTIFICATE', ca.der) + pem('PRIVATE KEY', ca.der)),
      'a private key must never be in it',
    ],
    [
      'what is no certificate',
      () => file('der.pem', pem('CERTIFICATE', Buffer.of(0x30, 0))),
      'cannot be read',
    ],
    [
      'a certificate that is no CA',
      () => file('leaf.pem', pem('CERTIFICATE', makeCertificate({ subject: 'leaf', keys: ca.keys }))),
      "is not a CA's",
    ],
    [
      'more than API Gateway takes',
      () => file('many.pem', pem('CERTIFICATE', ca.der).repeat(1001)),
      'holds 1001 certificates',
    ],
  ])('refuses %s', (_name, path, message) => {
    expect(() => checkTrustStore(path())).toThrow(message);
    expect(() => checkTrustStore(trustStore)).not.toThrow();
  });

  test('warns of what is out of date, and of one name with two keys', () => {
    const shared = file(
      'shared.pem',
      pem('CERTIFICATE', ca.der) + pem('CERTIFICATE', new Authority('CA').der),
    );
    const now = Date.UTC(2026, 10, 21, 6);

    expect(checkTrustStore(trustStore, now)).toEqual([]);
    expect(checkTrustStore(trustStore, now + 2 * 365 * 86_400_000)).toEqual([
      expect.objectContaining({ id: 'out-of-date-1' }),
    ]);
    expect(checkTrustStore(shared, now)).toEqual([expect.objectContaining({ id: 'shared-name-1' })]);
    Annotations.fromStack(synth({ ...MTLS, trustStore: shared }).stack('data')).hasWarning(
      '*',
      Match.stringLikeRegexp('two keys share the name'),
    );
  });

  test('of the local machine is for the local environment alone', () => {
    expect(commandLineSettings('local', { trustStore })).toMatchObject({ mtls: { trustStore } });
    expect(commandLineSettings('prod', {})).toEqual({});
    expect(() => commandLineSettings('prod', { trustStore })).toThrow(
      '-c trustStore is for the environment local alone',
    );
  });
});

/** Every setting of lists, none of them its default. */
const LISTS = {
  warnBeforeHours: 48,
  fetch: [
    { name: 'partner-ca', url: 'https://pki.example.com/ca.crl', everyMinutes: 30 },
    {
      name: 'other-ca',
      url: 'http://crl.example.net/lists/other.crl',
      everyMinutes: 60,
      allowPrivateAddresses: true,
    },
  ],
  canary: {
    secretArn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:partners/canary-Ab12Cd',
    everyMinutes: 10,
  },
  loadBalancerTrustStoreArn:
    'arn:aws:elasticloadbalancing:us-east-1:123456789012:truststore/partners/0123456789abcdef',
  keyValueStoreArn: 'arn:aws:cloudfront::123456789012:key-value-store/0c2ac4c5-7e45-4b8f-a1d4-9d2a0f6b1e77',
  privateAuthorities: [
    'arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/0c2ac4c5-7e45-4b8f-a1d4-9d2a0f6b1e77',
  ],
};

describe('the settings of lists', () => {
  const WITH = synth({ ...MTLS, ...LISTS });
  const [partner, data] = [WITH.template('partner'), WITH.template('data')];
  const without = synth().template('partner');
  const functionsOf = (one: Template): string[] =>
    Object.values(one.findResources('AWS::Lambda::Function')).map(
      ({ Properties }) => (Properties as { Description: string }).Description,
    );

  test('fetch: one function with the addresses, a schedule for each, an alarm, and its own keys to write', () => {
    partner.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Certificate lists: fetches those of the settings',
      Environment: {
        Variables: Match.objectLike({
          FETCH_SOURCES: JSON.stringify(
            LISTS.fetch.map(({ name, url, allowPrivateAddresses = false }) => ({
              name,
              url,
              allowPrivateAddresses,
            })),
          ),
        }),
      },
    });
    for (const [rate, name] of [
      ['30 minutes', 'partner-ca'],
      ['1 hour', 'other-ca'],
    ] as const)
      partner.hasResourceProperties('AWS::Events::Rule', {
        ScheduleExpression: `rate(${rate})`,
        Targets: [Match.objectLike({ Input: JSON.stringify({ name }) })],
      });
    partner.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'RevocationListFetchFailed' });
    const writing = statementsOf(partner, 'ListsFetch').filter(({ Action }) =>
      [Action].flat().includes('s3:PutObject'),
    );
    expect(JSON.stringify(writing).match(/uploads\/[^"]*/g)).toEqual([
      'uploads/partner-ca.crl',
      'uploads/other-ca.crl',
    ]);
  });

  test('canary: an operation of the document at the domain, the one secret, its schedule and both alarms', () => {
    partner.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          CANARY_URL: 'https://partners.example.com/partner/orders',
          CANARY_SECRET_ARN: LISTS.canary.secretArn,
        }),
      },
    });
    partner.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(10 minutes)' });
    partner.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'CanaryAdmitted', Period: 60 });
    partner.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'CanaryRefused', Period: 1800 });
    expect(
      statementsOf(partner, 'ListsCanary').filter(({ Action }) => String(Action).includes('secretsmanager')),
    ).toEqual([expect.objectContaining({ Resource: LISTS.canary.secretArn })]);
  });

  test('canary: stops the synth where no operation is opened by a certificate alone', () => {
    const changed = structuredClone(document) as { paths: Record<string, { get: object }> };
    changed.paths['/partner/orders']!.get = {
      ...changed.paths['/partner/orders']!.get,
      security: [{ clientCertificate: [], cognito: [] }],
    };

    expect(() => synth({ ...MTLS, ...LISTS }, {}, changed as unknown as OpenApiDocument)).toThrow(
      'mtls.canary cannot be tried',
    );
    expect(() => synth(MTLS, {}, changed as unknown as OpenApiDocument)).not.toThrow();
  });

  test.each([
    ['loadBalancerTrustStoreArn', 'ListsLoadBalancer', 'elasticloadbalancing:'],
    ['keyValueStoreArn', 'ListsKeyValueStore', 'cloudfront-keyvaluestore:'],
  ] as const)('%s: a function for it that a manifest starts, and an alarm', (key, role, service) => {
    const granted = statementsOf(partner, role).filter(({ Action }) =>
      [Action].flat().some((action) => action.startsWith(service)),
    );

    expect(granted).toEqual([expect.objectContaining({ Effect: 'Allow', Resource: LISTS[key] })]);
    partner.resourcePropertiesCountIs(
      'AWS::Events::Rule',
      { EventPattern: { detail: { object: { key: [{ wildcard: 'current/*.cache.json' }] } } } },
      2,
    );
    partner.resourcePropertiesCountIs(
      'AWS::CloudWatch::Alarm',
      { MetricName: 'RevocationListElsewhereRefused' },
      2,
    );
  });

  test('privateAuthorities: may write their lists into the bucket, and nobody else may', () => {
    const writers = (one: Template): unknown[] =>
      Object.values(one.findResources('AWS::S3::BucketPolicy')).filter((policy) =>
        JSON.stringify(policy).includes('acm-pca.amazonaws.com'),
      );

    expect(writers(data)).toHaveLength(1);
    expect(JSON.stringify(writers(data))).toContain(
      `"aws:SourceArn":${JSON.stringify(LISTS.privateAuthorities)}`,
    );
    expect(writers(synth().template('data'))).toEqual([]);
  });

  test('warnBeforeHours: the alarm on lists that end', () => {
    const ending = { MetricName: 'RevocationListTimeLeft', TreatMissingData: 'breaching' };

    partner.hasResourceProperties('AWS::CloudWatch::Alarm', { ...ending, Threshold: 48 * 3600 });
    without.hasResourceProperties('AWS::CloudWatch::Alarm', { ...ending, Threshold: 24 * 3600 });
  });

  test('a check that answers by an old list too long raises an alarm, by how often it looks', () => {
    const late = { MetricName: 'RevocationInUse', Statistic: 'Maximum', TreatMissingData: 'notBreaching' };
    const slow = synth({ ...MTLS, revalidateSeconds: 30 }).template('partner');

    partner.hasResourceProperties('AWS::CloudWatch::Alarm', { ...late, Threshold: 65 });
    slow.hasResourceProperties('AWS::CloudWatch::Alarm', { ...late, Threshold: 90 });
  });

  test('lists that cannot be read raise an alarm, before what was read counts no more', () => {
    without.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'RevocationListReadsFailed',
      Dimensions: [{ Name: 'FunctionName', Value: Match.anyValue() }],
      Period: 300,
      Threshold: 10,
      AlarmDescription: Match.stringLikeRegexp('docs/mtls.md'),
    });
  });

  test('without them there is nothing of it', () => {
    const more = functionsOf(partner).filter((one) => !functionsOf(without).includes(one));

    expect(more.map((one) => one.replace('Certificate lists: ', '')).sort()).toEqual([
      'fetches those of the settings',
      'gives their entries to a key value store of CloudFront',
      'gives them to a trust store of a load balancer',
      'tries a revoked certificate',
    ]);
  });

  test.each(ENVIRONMENTS)('AwsSolutions finds nothing in %s that is not decided', (environment) => {
    const app = appIn(`nag-${environment}`);
    const account = environment === 'local' ? '000000000000' : '123456789012';
    const settings = settingsFor(environment, { mtls: { ...MTLS, ...LISTS }, account });
    Validations.of(app).addPlugins(new AwsSolutionsChecks());
    composeSallyport(app, { settings, document, web, docs });

    expect(() => app.synth()).not.toThrow();
    const { Resources } = Template.fromStack(Stack.of(app.node.findChild('partner'))).toJSON() as {
      Resources: object;
    };
    expect(JSON.stringify(Resources)).not.toContain('"Resource":"*"');
    expect(JSON.stringify(Resources)).toContain('"MetricName":"CanaryAdmitted"');
  });

  test.each<[string, object, string]>([
    ['a time that is none', { warnBeforeHours: 0 }, 'prod.mtls.warnBeforeHours is wrong'],
    [
      'an address of another kind',
      { fetch: [{ ...LISTS.fetch[0], url: 'ftp://crl.example.com/a.crl' }] },
      'prod.mtls.fetch.0.url is not an address of https or http',
    ],
    [
      'an address with a user',
      { fetch: [{ ...LISTS.fetch[0], url: 'https://a:b@crl.example.com/a.crl' }] },
      'prod.mtls.fetch.0.url is not an address',
    ],
    [
      'a name with a path in it',
      { fetch: [{ ...LISTS.fetch[0], name: '../current/x' }] },
      'prod.mtls.fetch.0.name is not the name of a list',
    ],
    [
      'one name twice',
      { fetch: [LISTS.fetch[0], LISTS.fetch[0]] },
      'prod.mtls.fetch is wrong: two lists have the same name',
    ],
    [
      'a fetch without its time',
      { fetch: [{ name: 'a', url: 'https://a.example/' }] },
      'prod.mtls.fetch.0.everyMinutes is missing',
    ],
    [
      'a secret without its last characters',
      { canary: { ...LISTS.canary, secretArn: LISTS.canary.secretArn.slice(0, -7) } },
      'prod.mtls.canary.secretArn is not the ARN of a secret',
    ],
    [
      'a secret elsewhere',
      { canary: { ...LISTS.canary, secretArn: LISTS.canary.secretArn.replace('us-east-1', 'eu-west-1') } },
      'prod.mtls.canary.secretArn is in eu-west-1, and the deployment in us-east-1',
    ],
    [
      'a canary that is tried too seldom',
      { canary: { ...LISTS.canary, everyMinutes: 1441 } },
      'prod.mtls.canary.everyMinutes is wrong',
    ],
    [
      'a target group',
      { loadBalancerTrustStoreArn: 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/0' },
      'prod.mtls.loadBalancerTrustStoreArn is not the ARN of a trust store',
    ],
    [
      'a distribution',
      { keyValueStoreArn: 'arn:aws:cloudfront::123456789012:distribution/A' },
      'prod.mtls.keyValueStoreArn is not the ARN of a key value store',
    ],
    [
      'an authority that is none',
      { privateAuthorities: ['*'] },
      'prod.mtls.privateAuthorities.0 is not the ARN of an authority',
    ],
  ])('refuses %s in one line that names the key', (_name, wrong, message) => {
    const settings = (mtls: object): unknown => settingsFor('prod', { mtls: { ...MTLS, ...LISTS, ...mtls } });

    expect(() => settings(wrong)).toThrow(message);
    expect(() => settings(wrong)).toThrow(/^[^\n]*$/);
    expect(settings({})).toMatchObject({ mtls: LISTS });
  });
});
