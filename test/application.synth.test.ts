/** What must hold in the templates of every environment, and what the design says of single resources. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App, Validations, type Stack, type Stage } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';

import { composeSallyport, readDocument, Sallyport, settingsFor } from '../lib';
import { ENVIRONMENTS, type EnvironmentName } from '../lib/config';

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: { readonly StringEquals?: Readonly<Record<string, unknown>> };
}

const document = readDocument(join(__dirname, '../openapi.yaml'));
const web = join(__dirname, 'site/web');
const docs = join(__dirname, 'publishing/docs');
const outdir = mkdtempSync(join(tmpdir(), 'sallyport-synth-'));
const synthesized = new Map<string, Map<string, Template>>();

afterAll(() => {
  rmSync(outdir, { recursive: true });
});

function synth(
  environment: EnvironmentName,
  overrides: Record<string, unknown> = {},
  run = '',
): Map<string, Template> {
  const key = `${environment}${JSON.stringify(overrides)}${run}`;
  const known = synthesized.get(key);
  if (known !== undefined) return known;
  const app = givenApp(`${environment}-${synthesized.size}`);
  composeSallyport(app, { settings: settingsFor(environment, overrides), document, web, docs });
  const templates = templatesOf(app);
  synthesized.set(key, templates);
  return templates;
}

/** An app as the CDK makes it here: with the feature flags of cdk.json, and its rules. */
function givenApp(folder: string): App {
  process.env['CDK_VALIDATION'] = 'true';
  const { context } = JSON.parse(readFileSync(join(__dirname, '../cdk.json'), 'utf8')) as { context: object };
  return new App({ outdir: join(outdir, folder), context: { ...context } });
}

function templatesOf(stage: Stage): Map<string, Template> {
  const stacks = stage.node.children.filter((child): child is Stack => 'stackName' in child);
  return new Map(stacks.map((stack) => [stack.node.id, Template.fromStack(stack)]));
}

function template(
  environment: EnvironmentName,
  stack: string,
  overrides: Record<string, unknown> = {},
): Template {
  const found = synth(environment, overrides).get(stack);
  if (found === undefined) throw new Error(`no stack ${stack}`);
  return found;
}

function resources(templates: Map<string, Template>): [name: string, resource: Resource][] {
  return [...templates].flatMap(([stack, one]) => {
    const all = (one.toJSON() as { Resources: Record<string, Resource> }).Resources;
    return Object.entries(all).map(([name, resource]): [string, Resource] => [`${stack}/${name}`, resource]);
  });
}

/** Every IAM statement of a resource: role policies, policies, resource policies. */
function statements(value: unknown): Statement[] {
  if (Array.isArray(value)) return value.flatMap(statements);
  if (typeof value !== 'object' || value === null) return [];
  const nested = Object.values(value).flatMap(statements);
  return 'Effect' in value ? [value as Statement, ...nested] : nested;
}

/** Whether the policy of a bucket or a topic denies what meets a condition. */
function refuses(name: string, condition: string, all: [string, Resource][]): boolean {
  const [, id = ''] = name.split('/');
  return all.some(
    ([, { Type, Properties }]) =>
      /::(BucketPolicy|TopicPolicy)$/.test(Type) &&
      JSON.stringify(Properties).includes(`"${id}"`) &&
      statements(Properties).some(
        (statement) => statement.Effect === 'Deny' && JSON.stringify(statement).includes(condition),
      ),
  );
}

/**
 * Actions for which AWS has no resource to name: delivery of logs and traces
 * (https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html, /xray-iam.html), and where Macie writes its results
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonmacie.html).
 */
const WITHOUT_RESOURCES =
  /^(logs:(\w+LogDelivery|ListLogDeliveries|PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups)|xray:(Put(TraceSegments|TelemetryRecords)|GetSampling(Rules|Targets))|macie2:(Get|Put)ClassificationExportConfiguration)$/;

/** Condition that keeps a function from speaking in the name of others. */
const TOLD_BY: Readonly<Record<string, string>> = {
  'events:PutEvents': 'events:source',
  'ses:SendEmail': 'ses:FromAddress',
};

const INVARIANTS: Record<string, (name: string, resource: Resource, all: [string, Resource][]) => string[]> =
  {
    'no grant names every action or every resource': (name, { Type, Properties }) =>
      // in the policy of a key `*` is that key (https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html)
      (Type === 'AWS::KMS::Key' ? [] : statements(Properties)).flatMap(
        ({ Effect, Action, Resource: resource }) => {
          const wild = [Action].flat().some((action) => action === '*' || action.endsWith(':*'));
          const everything = [resource].flat().includes('*');
          const narrowable = ![Action].flat().every((action) => WITHOUT_RESOURCES.test(action));
          return Effect === 'Allow' && (wild || (everything && narrowable))
            ? [`${name}: ${JSON.stringify(Action)} on ${JSON.stringify(resource)}`]
            : [];
        },
      ),
    'no role has a managed policy but the one API Gateway writes logs with': (name, { Type, Properties }) =>
      Type === 'AWS::IAM::Role' &&
      Properties['ManagedPolicyArns'] !== undefined &&
      !name.includes('CloudWatchRole')
        ? [name]
        : [],
    'every function has a log group of its own and the newest runtime': (name, { Type, Properties }) =>
      Type !== 'AWS::Lambda::Function' ||
      ((Properties['LoggingConfig'] as { LogGroup?: unknown } | undefined)?.LogGroup !== undefined &&
        // the construct library brings the function that copies the web app, and its runtime
        (Properties['Runtime'] === 'nodejs24.x' || name.startsWith('site/CustomCDKBucketDeployment')))
        ? []
        : [name],
    'every log group has a retention': (name, { Type, Properties }) =>
      Type === 'AWS::Logs::LogGroup' && typeof Properties['RetentionInDays'] !== 'number' ? [name] : [],
    'every table is encrypted': (name, { Type, Properties }) =>
      Type === 'AWS::DynamoDB::GlobalTable' &&
      (Properties['SSESpecification'] as { SSEEnabled?: boolean } | undefined)?.SSEEnabled !== true
        ? [name]
        : [],
    'no table escapes the house table': (name, { Type }) => (Type === 'AWS::DynamoDB::Table' ? [name] : []),
    'every bucket and topic refuses requests without TLS': (name, { Type }, all) => {
      if (Type !== 'AWS::S3::Bucket' && Type !== 'AWS::SNS::Topic') return [];
      return refuses(name, '"aws:SecureTransport":"false"', all) ? [] : [name];
    },
    'no bucket escapes the house bucket': (name, { Type, Properties }, all) => {
      if (Type !== 'AWS::S3::Bucket') return [];
      const said = JSON.stringify(Properties);
      const house = [
        ...['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'].map(
          (one) => `"${one}":true`,
        ),
        '"SSEAlgorithm":',
        '"ObjectOwnership":"BucketOwnerEnforced"',
        '"AbortIncompleteMultipartUpload":',
      ].every((part) => said.includes(part));
      return house && refuses(name, '"s3:TlsVersion":1.2', all) ? [] : [name];
    },
    'who tells others says from whom': (name, { Properties }) =>
      statements(Properties)
        .filter(
          ({ Effect, Action }) => Effect === 'Allow' && [Action].flat().some((action) => action in TOLD_BY),
        )
        .filter(({ Action, Condition }) =>
          [Action].flat().some((action) => Condition?.StringEquals?.[TOLD_BY[action] ?? ''] === undefined),
        )
        .map(({ Action }) => `${name}: ${JSON.stringify(Action)}`),
    'every permission to invoke names who may': (name, { Type, Properties }) =>
      Type === 'AWS::Lambda::Permission' && Properties['SourceArn'] === undefined ? [name] : [],
  };

describe.each(ENVIRONMENTS)('templates of %s', (environment) => {
  test.each(Object.entries(INVARIANTS))('%s', (_, violations) => {
    const all = resources(synth(environment));

    expect(all.length).toBeGreaterThan(30);
    expect(all.flatMap(([name, resource]) => violations(name, resource, all))).toEqual([]);
  });

  test('are the same at every synth', () => {
    const [first, second] = ['a', 'b'].map((run) =>
      JSON.stringify([...synth(environment, {}, run)].map(([, one]) => one.toJSON() as unknown)),
    );

    expect(first).toEqual(second);
  });

  test('keep what holds state apart from what does not', () => {
    const stateful = /^AWS::(DynamoDB::|Cognito::UserPool$|S3::Bucket$|SecretsManager::Secret$)/;
    const stacks = resources(synth(environment))
      // the site's bucket holds a copy of what is built
      .filter(([name, { Type }]) => stateful.test(Type) && !name.startsWith('site/'))
      .map(([name]) => name.split('/')[0]);

    expect(new Set(stacks)).toEqual(new Set(['identity', 'data']));
  });
});

test('a stage of a pipeline has the templates that cdk deploy --all has', () => {
  const plain = (templates: Map<string, Template>): unknown =>
    [...templates].map(([name, one]) => [
      name,
      // where a construct stands in the tree is noted in the metadata, and in a tag of the bucket it copies files to
      JSON.stringify(one.toJSON())
        .replaceAll(/"Metadata":\{"aws:(cdk|asset):path":[^{}]*\}/g, '')
        .replaceAll(/aws-cdk:cr-owned:(?:docs:)?[0-9a-f]{8}/g, ''),
    ]);
  const stage = new Sallyport(givenApp('stage'), { settings: settingsFor('dev'), document, web, docs });

  expect(plain(templatesOf(stage))).toEqual(plain(synth('dev')));
});

describe('the invariants', () => {
  const bad: [string, Resource][] = [
    [
      'api/Role',
      {
        Type: 'AWS::IAM::Role',
        Properties: {
          ManagedPolicyArns: ['x'],
          Policies: [
            {
              PolicyDocument: {
                Statement: [
                  { Effect: 'Allow', Action: 's3:*', Resource: '*' },
                  { Effect: 'Allow', Action: 'events:PutEvents', Resource: 'bus' },
                ],
              },
            },
          ],
        },
      },
    ],
    ['api/Function', { Type: 'AWS::Lambda::Function', Properties: { Runtime: 'nodejs24.x' } }],
    ['api/Logs', { Type: 'AWS::Logs::LogGroup', Properties: {} }],
    ['api/Table', { Type: 'AWS::DynamoDB::Table', Properties: {} }],
    [
      'api/Global',
      { Type: 'AWS::DynamoDB::GlobalTable', Properties: { SSESpecification: { SSEEnabled: false } } },
    ],
    ['api/Bucket', { Type: 'AWS::S3::Bucket', Properties: {} }],
    ['api/Permission', { Type: 'AWS::Lambda::Permission', Properties: {} }],
  ];

  test.each(Object.entries(INVARIANTS))('notice a template that breaks: %s', (_, violations) => {
    expect(bad.flatMap(([name, resource]) => violations(name, resource, bad))).not.toEqual([]);
  });
});

describe('state', () => {
  test('is retained and protected in prod, and goes with its stack in dev', () => {
    for (const [environment, policy, protection] of [
      ['prod', 'Retain', true],
      ['dev', 'Delete', false],
    ] as const) {
      const data = template(environment, 'data');
      const identity = template(environment, 'identity');

      data.hasResource('AWS::DynamoDB::GlobalTable', {
        DeletionPolicy: policy,
        UpdateReplacePolicy: policy,
        Properties: {
          Replicas: [
            Match.objectLike({
              DeletionProtectionEnabled: protection,
              PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: protection },
            }),
          ],
        },
      });
      identity.hasResource('AWS::Cognito::UserPool', {
        DeletionPolicy: policy,
        Properties: { DeletionProtection: protection ? 'ACTIVE' : 'INACTIVE' },
      });
    }
  });
});

describe('identity', () => {
  test('has one confidential client with the code grant alone and no scope over the user itself', () => {
    const identity = template('prod', 'identity');

    identity.resourceCountIs('AWS::Cognito::UserPoolClient', 1);
    identity.hasResourceProperties('AWS::Cognito::UserPoolClient', {
      GenerateSecret: true,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthFlowsUserPoolClient: true,
      EnableTokenRevocation: true,
      PreventUserExistenceErrors: 'ENABLED',
      ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      SupportedIdentityProviders: ['COGNITO'],
      CallbackURLs: ['https://sallyport.example.com/api/auth/callback'],
    });
    expect(JSON.stringify(identity.toJSON())).not.toContain('aws.cognito.signin.user.admin');
  });

  test('offers the scopes that the document asks for', () => {
    const identity = template('prod', 'identity');

    identity.hasResourceProperties('AWS::Cognito::UserPoolResourceServer', {
      Identifier: 'widgets',
      Scopes: [Match.objectLike({ ScopeName: 'read' }), Match.objectLike({ ScopeName: 'write' })],
    });
  });

  test('keeps the client secret in Secrets Manager, by reference only', () => {
    template('prod', 'identity').hasResourceProperties('AWS::SecretsManager::Secret', {
      SecretString: { 'Fn::GetAtt': [Match.stringLikeRegexp('WebClient'), 'ClientSecret'] },
    });
  });

  test('lets nobody register unless the environment says so', () => {
    for (const [environment, closed] of [
      ['local', false],
      ['dev', true],
      ['test', true],
      ['prod', true],
    ] as const) {
      template(environment, 'identity').hasResourceProperties('AWS::Cognito::UserPool', {
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: closed },
        EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
        MfaConfiguration: 'OPTIONAL',
      });
    }
  });

  test('has managed login pages under a domain that no synth changes and that does not name the account', () => {
    const identity = template('prod', 'identity');

    identity.hasResourceProperties('AWS::Cognito::UserPoolDomain', {
      ManagedLoginVersion: 2,
      Domain: { 'Fn::Join': ['', ['sallyport-', { 'Fn::Select': [4, Match.anyValue()] }]] },
    });
    identity.resourceCountIs('AWS::Cognito::ManagedLoginBranding', 1);
    template('prod', 'identity', { loginDomainPrefix: 'my-api' }).hasResourceProperties(
      'AWS::Cognito::UserPoolDomain',
      { Domain: 'my-api' },
    );
  });
});

describe('front door', () => {
  test('asks for every request by default', () => {
    const schemeOf = (one: Template): unknown => {
      const [api] = Object.values(one.findResources('AWS::ApiGateway::RestApi')) as Resource[];
      const body = api!.Properties['Body'] as {
        components: { securitySchemes: Record<string, Record<string, unknown>> };
      };
      return body.components.securitySchemes['frontDoor']!['x-amazon-apigateway-authorizer'];
    };
    expect(schemeOf(template('prod', 'api'))).toMatchObject({
      type: 'request',
      authorizerResultTtlInSeconds: 0,
    });
  });

  test('AUTHZ-02 refuses to have verdicts reused while cookies open operations', () => {
    const settings = settingsFor('prod').frontDoor;

    expect(() => synth('prod', { frontDoor: { ...settings, resultCacheSeconds: 30 } })).toThrow(
      'security scheme session is a cookie, and verdicts are to be cached: API Gateway would refuse every request that has not both a cookie and a token; set frontDoor.resultCacheSeconds to 0, or remove the scheme',
    );
    expect(() => synth('prod', { frontDoor: { ...settings, resultCacheSeconds: 0 } })).not.toThrow();
  });

  test('has the concurrency its settings say', () => {
    const settings = settingsFor('prod').frontDoor;
    const warm = template('prod', 'api', {
      frontDoor: { ...settings, reservedConcurrency: 50, provisionedConcurrency: 5 },
    });

    template('dev', 'api').hasResourceProperties('AWS::Lambda::Function', {
      Description: Match.stringLikeRegexp('^Front door'),
      ReservedConcurrentExecutions: Match.absent(),
    });
    template('dev', 'api').resourceCountIs('AWS::Lambda::Alias', 0);
    warm.hasResourceProperties('AWS::Lambda::Function', {
      Description: Match.stringLikeRegexp('^Front door'),
      ReservedConcurrentExecutions: 50,
    });
    warm.hasResourceProperties('AWS::Lambda::Alias', {
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 5 },
    });
  });

  test('has alarms for what shuts it for people it should let in', () => {
    const api = template('prod', 'api');
    const onMetric = (MetricName: unknown): void => {
      api.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName, TreatMissingData: 'notBreaching' });
    };

    onMetric('FrontDoorTrouble');
    onMetric('Throttles');
    onMetric('AuthorizerFailures-sallyport-prod-api');
    onMetric('ResponseMismatch');
    api.hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern:
        '{ ($.responseType = "AUTHORIZER_FAILURE") || ($.responseType = "AUTHORIZER_CONFIGURATION_ERROR") }',
    });
  });

  test('may write its log, and use the sessions, the two secrets behind them, and the tables of step-up', () => {
    const api = template('prod', 'api');
    const policies = Object.entries(api.findResources('AWS::IAM::Policy')).filter(([name]) =>
      name.startsWith('FrontDoor'),
    );

    expect(policies).toHaveLength(1);
    expect(statements(policies[0]![1]).map(({ Action }) => Action)).toEqual([
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
      ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
      // step-up: settings, and step-ups that are read and used up
      'dynamodb:GetItem',
      ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
    ]);
    for (const { Resource: resource } of statements(policies[0]![1])) {
      expect(JSON.stringify(resource)).not.toContain('*');
    }
  });
});

describe('back end', () => {
  test('each function has no more than its own access to the table', () => {
    const policies = Object.entries(template('prod', 'api').findResources('AWS::IAM::Policy'));
    const actions = Object.fromEntries(
      policies.map(([name, policy]) => [
        name.replace(/RoleDefaultPolicy.*$/, ''),
        statements(policy)
          .flatMap(({ Action }) => [Action].flat())
          .filter((action) => action.startsWith('dynamodb:')),
      ]),
    );

    expect(actions).toMatchObject({
      WidgetslistWidgets: ['dynamodb:Scan'],
      WidgetscreateWidget: ['dynamodb:PutItem'],
      WidgetsgetWidget: ['dynamodb:GetItem'],
      WidgetsputWidget: ['dynamodb:UpdateItem'],
      WidgetsdeleteWidget: ['dynamodb:DeleteItem'],
      Widgetsping: [],
      WidgetsgetInfo: [],
      CookieAuthlogin: ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
      CookieAuthcallback: ['dynamodb:PutItem'],
      CookieAuthlogout: ['dynamodb:DeleteItem', 'dynamodb:GetItem'],
      Widgetstransfer: [],
      StepUpinitiateAuth: ['dynamodb:PutItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
      StepUprespondToChallenge: [
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:GetItem',
        'dynamodb:UpdateItem',
      ],
      StepUplistFactors: ['dynamodb:GetItem'],
      StepUpSeedSettings: ['dynamodb:UpdateItem'],
      CookieAuthsession: ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
    });
  });

  test('every function of an operation is told what to do about answers off the document', () => {
    const told = (environment: EnvironmentName): string[] =>
      Object.values(template(environment, 'api').findResources('AWS::Lambda::Function'))
        .map(({ Properties }) => Properties as { Description?: string; Environment?: { Variables: object } })
        .filter(({ Description }) => Description?.startsWith('Widget API: ') === true)
        .map(({ Environment }) => JSON.stringify(Environment?.Variables));

    expect(told('local')).toHaveLength(8);
    for (const variables of told('local')) expect(variables).toContain('"RESPONSE_MISMATCH":"refuse"');
    for (const variables of told('prod')) {
      expect(variables).toContain('"RESPONSE_MISMATCH":"report"');
      expect(variables).toContain('"RESPONSE_VALIDATION_PERCENT":"10"');
      expect(variables).toContain('"RESPONSE_METRIC_API":"sallyport-prod-api-Api"');
    }
  });

  test('can be invoked by this API alone', () => {
    const permissions = Object.values(template('prod', 'api').findResources('AWS::Lambda::Permission'));

    expect(permissions).toHaveLength(23);
    for (const { Properties } of permissions as Resource[]) {
      expect(Properties['Principal']).toBe('apigateway.amazonaws.com');
      expect(JSON.stringify(Properties['SourceArn'])).toMatch(
        /execute-api.*RestApi.*(live\/\*\/\*|authorizers\/\*)/,
      );
    }
  });
});

describe('cdk-nag', () => {
  test.each(ENVIRONMENTS)(
    'AwsSolutions finds nothing in %s that is not acknowledged with a reason',
    (environment) => {
      const app = givenApp(`nag-${environment}`);
      Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
      composeSallyport(app, { settings: settingsFor(environment), document, web, docs });

      expect(() => app.synth()).not.toThrow();
    },
  );
});
