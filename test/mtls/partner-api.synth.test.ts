/** The partner API as it is deployed: how it can be reached, and what its authorizer may do. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';

import { composeSallyport, readDocument, settingsFor, type Composition } from '../../lib';
import { commandLineSettings, MTLS_DEFAULTS } from '../../lib/config';
import { checkTrustStore } from '../../lib/mtls/trust-store';
import { Authority } from './authority';
import { makeCertificate, pem } from './make-crl';

const web = join(__dirname, '../site/web');
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

let runs = 0;
interface Synthesized {
  readonly template: (stack: string) => Template;
  readonly stack: (name: string) => Stack;
  readonly composition: Composition;
}

function synth(mtls: object | null = MTLS, more: object = {}): Synthesized {
  const app = new App({ outdir: join(folder, `out-${(runs += 1)}`) });
  const settings = settingsFor('prod', { mtls, account: '123456789012', ...more });
  const composition = composeSallyport(app, { settings, document, web });
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
