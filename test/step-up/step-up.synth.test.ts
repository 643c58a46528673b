/** `x-step-up` in the document and what becomes of it: refusals that name operation and key, and the resources. */
import { join } from 'node:path';

import { App, Stack } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime, type IFunction } from 'aws-cdk-lib/aws-lambda';

import { Api, FrontDoor, StepUp } from '../../lib';
import type { OpenApiDocument } from '../../lib';
import { HouseFunction } from '../../lib/_kit/function';
import { compileStepUp, seedsOf } from '../../lib/step-up/policy';
import { sampleDocument, transferOf, type MutableDocument } from '../api/sample';

const LEVELS = { levels: ['a', 'b', 'c'], grants: { SOFTWARE_TOKEN: 'c', EMAIL: 'b' } } as const;
const GOOD = { acr: 'b', maxAge: 300, factors: ['SOFTWARE_TOKEN', 'EMAIL'], singleUse: true };

function withStepUp(demand: unknown): OpenApiDocument {
  return sampleDocument((document) => (transferOf(document)['x-step-up'] = demand));
}

test('x-step-up is compiled, every other secured operation demands nothing, a public one is not in the policy', () => {
  const document = withStepUp(GOOD);
  const policy = compileStepUp(document, LEVELS);

  expect(policy).toEqual({
    ...LEVELS,
    byDefault: {
      acr: 'b',
      maxAge: 300,
      factors: ['PASSKEY', 'SOFTWARE_TOKEN', 'SMS', 'EMAIL', 'PROVIDER'],
      singleUse: false,
    },
    operations: { 'POST /transfers': GOOD, 'GET /transfers/{transferId}': null },
    factorChanges: [],
  });
  expect(seedsOf(document, policy)).toEqual([
    { id: 'POST /transfers', group: 'default', state: 'STEP_UP_REQUIRED' },
    { id: 'GET /transfers/{transferId}', group: 'default', state: 'STEP_UP_NOT_REQUIRED' },
  ]);
});

test.each<[string, unknown, string]>([
  ['no mapping', true, 'x-step-up is no mapping'],
  ['an unknown key', { ...GOOD, maxage: 1 }, 'x-step-up.maxage is no key'],
  ['an unknown level', { ...GOOD, acr: 'z' }, 'x-step-up.acr is "z"; choose one of a, b, c'],
  ['no level', { ...GOOD, acr: undefined }, 'x-step-up.acr is null'],
  ['no age', { ...GOOD, maxAge: undefined }, 'x-step-up.maxAge is null'],
  ['an age of nothing', { ...GOOD, maxAge: 0 }, 'x-step-up.maxAge is 0'],
  ['no factors', { ...GOOD, factors: [] }, 'x-step-up.factors is []'],
  ['an unknown factor', { ...GOOD, factors: ['WORD'] }, 'x-step-up.factors is ["WORD"]'],
  [
    'a factor below the level',
    { ...GOOD, acr: 'c' },
    'x-step-up.factors has EMAIL, which reaches b only, below c',
  ],
  [
    'factors that are not offered',
    { ...GOOD, factors: ['SMS'] },
    'x-step-up.factors has none that this deployment offers',
  ],
  ['a sign-in for a single use', { ...GOOD, factors: ['PROVIDER'] }, 'x-step-up.factors has PROVIDER'],
  ['singleUse of another kind', { ...GOOD, singleUse: 'yes' }, 'x-step-up.singleUse is neither'],
])('SPEC-01 x-step-up with %s stops the synth', (_, demand, told) => {
  expect(() => compileStepUp(withStepUp(demand), LEVELS)).toThrow(`POST /transfers: ${told}`);
  expect(() => compileStepUp(withStepUp(GOOD), LEVELS)).not.toThrow();
});

describe('SPEC-01 STEP-07 a single use stops the synth where something that it does not bind decides too', () => {
  const compiled = (change: (operation: Record<string, unknown>) => void): void => {
    const document = sampleDocument((whole) => {
      transferOf(whole)['x-step-up'] = GOOD;
      change(transferOf(whole));
    });
    compileStepUp(document, LEVELS);
  };
  const withParameter = (name: string, place: string) => (operation: Record<string, unknown>) => {
    operation['parameters'] = [{ name, in: place, schema: { type: 'string' } }];
  };
  const withMediaType = (operation: Record<string, unknown>): void => {
    const { content } = operation['requestBody'] as { content: Record<string, unknown> };
    content['application/merge-patch+json'] = content['application/json'];
  };

  test.each<[string, (operation: Record<string, unknown>) => void, string]>([
    ['a query parameter', withParameter('dry', 'query'), 'the query parameter dry; move it'],
    ['a header', withParameter('X-Account', 'header'), 'the header parameter X-Account; move it'],
    ['a second media type', withMediaType, 'a body of several media types'],
  ])('%s', (_, change, told) => {
    expect(() => {
      compiled(change);
    }).toThrow(
      `POST /transfers: x-step-up.singleUse is bound to path and body, and the operation has ${told}`,
    );
  });

  test.each(['Content-Digest', 'Accept'])(
    'but not the header %s, which is the binding or means nothing',
    (name) => {
      expect(() => {
        compiled(withParameter(name, 'header'));
      }).not.toThrow();
    },
  );

  test('and a step-up for more than one request is bound to neither', () => {
    const document = sampleDocument((whole) => {
      transferOf(whole)['x-step-up'] = { ...GOOD, singleUse: false };
      withParameter('dry', 'query')(transferOf(whole));
    });

    expect(() => compileStepUp(document, LEVELS)).not.toThrow();
  });
});

test('SPEC-01 x-step-up on a public operation stops the synth', () => {
  const document = sampleDocument((change: MutableDocument) => {
    change.paths['/ping']!['get']!['x-step-up'] = GOOD;
  });

  expect(() => compileStepUp(document, LEVELS)).toThrow('GET /ping: x-step-up is not enforced');
});

interface Given {
  readonly stepUp?: boolean;
  readonly resultCacheSeconds?: number;
  readonly handler?: (stack: Stack) => IFunction;
}

function givenApi({ stepUp = true, resultCacheSeconds = 0, handler = plain }: Given = {}): Template {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Test', {
    env: { region: 'eu-west-1', account: '111111111111' },
  });
  const userPool = new UserPool(stack, 'Pool');
  const demand = { ...GOOD, acr: 'urn:cognito:loa:2' };
  const document = sampleDocument((change) => {
    delete change.paths['/transfers/{transferId}'];
    delete change.paths['/ping'];
    const operation = transferOf(change);
    operation['operationId'] = 'transfer';
    operation['x-step-up'] = demand;
  });
  const construct = stepUp
    ? new StepUp(stack, 'StepUp', { document, userPool, emailFrom: 'no-reply@mail.example.com', sms: true })
    : undefined;
  const frontDoor = new FrontDoor(stack, 'FrontDoor', {
    document,
    accessTokens: { scheme: 'token', userPool, clients: [userPool.addClient('Client')] },
    ...(construct === undefined ? {} : { stepUp: construct }),
    resultCacheSeconds,
  });
  new Api(stack, 'Api', { document, handlers: { transfer: handler(stack) }, authorizer: frontDoor });
  return Template.fromStack(stack);
}

function wrapped(stack: Stack): IFunction {
  const entry = join(__dirname, '../../lambdas/widgets/transfer.handler.ts');
  return new HouseFunction(stack, 'Wrapped', { entry, description: 'wrapped' });
}

function plain(stack: Stack): IFunction {
  return new LambdaFunction(stack, 'Plain', {
    code: Code.fromInline('exports.handler = async () => ({ statusCode: 200 })'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
  });
}

describe('the synth', () => {
  test('SPEC-01 STEP-07 refuses singleUse where the handler wrapper of the operation is absent', () => {
    const other = (stack: Stack): IFunction => {
      const entry = join(__dirname, '../../lambdas/widgets/ping.handler.ts');
      return new HouseFunction(stack, 'Other', { entry, description: 'another operation’s wrapper' });
    };

    expect(() => givenApi()).toThrow('POST /transfers: x-step-up.singleUse needs the handler wrapper');
    expect(() => givenApi({ handler: other })).toThrow('x-step-up.singleUse needs the handler wrapper');
    expect(() => givenApi({ handler: wrapped })).not.toThrow();
  });

  test('SPEC-01 refuses x-step-up without the construct that enforces it', () => {
    expect(() => givenApi({ stepUp: false, handler: wrapped })).toThrow(
      'POST /transfers: x-step-up is not enforced',
    );
  });

  test('SPEC-01 refuses step-up in front of an HTTP API, which cannot answer with the challenge', () => {
    const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Http');
    const userPool = new UserPool(stack, 'Pool');
    const document = sampleDocument();
    const stepUp = new StepUp(stack, 'StepUp', { document, userPool: null });
    const frontDoor = (api: 'rest' | 'http'): FrontDoor =>
      new FrontDoor(stack, api, {
        document,
        api,
        accessTokens: { scheme: 'token', userPool, clients: [userPool.addClient(api)] },
        stepUp,
      });

    expect(() => frontDoor('http')).toThrow("stepUp is for a front door with api 'rest'");
    expect(() => frontDoor('rest')).not.toThrow();
  });

  test('SPEC-01 STEP-07 refuses singleUse behind an existing API, whose functions cannot be seen', () => {
    const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Existing');
    const refusalOf = (singleUse: boolean): (() => void) => {
      const document = withStepUp({ ...GOOD, acr: 'urn:cognito:loa:2', singleUse });
      const stepUp = new StepUp(stack, `StepUp-${String(singleUse)}`, { document, userPool: null });
      return () => {
        stepUp.refuseUnprovenHandlers();
      };
    };

    expect(refusalOf(true)).toThrow('POST /transfers: x-step-up.singleUse needs the handler wrapper');
    expect(refusalOf(false)).not.toThrow();
  });

  test('AUTHZ-02 refuses to have verdicts reused', () => {
    expect(() => givenApi({ handler: wrapped, resultCacheSeconds: 30 })).toThrow(
      'a cached one would outlive a step-up',
    );
  });
});

interface Statement {
  readonly Action: unknown;
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

function statementsOf(template: Template): Statement[] {
  return Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
    ({ Properties }) =>
      (Properties as { PolicyDocument: { Statement: Statement[] } }).PolicyDocument.Statement,
  );
}

test('tells events of its own source alone, and sends mail from its own address alone', () => {
  const statements = statementsOf(givenApi({ handler: wrapped }));
  const conditionsOf = (action: string): unknown[] =>
    statements.filter(({ Action }) => Action === action).map(({ Condition }) => Condition);

  const tellers = conditionsOf('events:PutEvents');
  expect(tellers).toHaveLength(7);
  for (const condition of tellers)
    expect(condition).toEqual({ StringEquals: { 'events:source': 'sallyport.step-up' } });
  expect(conditionsOf('ses:SendEmail')).toEqual([
    { StringEquals: { 'ses:FromAddress': 'no-reply@mail.example.com' } },
  ]);
});

test('stands alone with tables and a key of its own, names every resource but that of text messages', () => {
  const template = givenApi({ handler: wrapped });
  template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
    KeySchema: [{ AttributeName: 'sessionId', KeyType: 'HASH' }],
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
  });
  template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Action: 'sns:Publish', Effect: 'Allow', Resource: '*' }),
        Match.objectLike({ Action: 'sns:Publish', Effect: 'Deny' }),
      ]),
    },
  });
  const wild = statementsOf(template).filter(({ Resource: resource }) => resource === '*');

  expect(wild.map(({ Action }) => Action)).toEqual(['sns:Publish']);
  for (const name of ['StepUpLockouts', 'StepUpAuditLost'])
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: name });
});
