/** Event samples that AWS ships with its own libraries, through every deployed function of this repository. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { Deployed, type Invocation } from '../front-door/deployed';
import type { ApiKind } from '../../lambdas/front-door/contract';
import {
  allowing,
  askingForToken,
  CALLER_CONTEXT,
  denying,
  NOT_A_JWT,
  POLICY,
  refusingToken,
} from '../front-door/events';
import { JwksServer } from '../front-door/jwks-server';
import { accessToken, CLIENT, POOL, signingKey } from '../front-door/tokens';
import { conformanceData, report } from './data';

type Json = Record<string, unknown>;

interface Sample {
  readonly file: string;
  readonly kind: string;
  readonly event: Json;
}

const SAMPLES: readonly Sample[] = (
  conformanceData('apigw-events/index.json') as { file: string; kind: string }[]
).map(({ file, kind }) => ({ file, kind, event: conformanceData(`apigw-events/${file}`) as Json }));
const titled = SAMPLES.map((sample) => [`${sample.file} (${sample.kind})`, sample] as const);

/** A text member of a sample, for its routing. */
function textOf(event: Json, name: string): string {
  const value = event[name];
  return typeof value === 'string' ? value : '';
}

test('the suite is the one these expectations were written for', () => {
  expect(SAMPLES).toHaveLength(46);
});

const key = signingKey();
const TOKEN = accessToken(key);
/** Every operation of the samples has a rule, so that none is denied for being unknown only. */
const operations = Object.fromEntries(
  SAMPLES.flatMap(({ event }) => [
    [`${textOf(event, 'httpMethod')} ${textOf(event, 'resource')}`, [[{ scheme: 'cognito', scopes: [] }]]],
    [textOf(event, 'routeKey'), [[{ scheme: 'cognito', scopes: [] }]]],
  ]),
);

describe.each(['rest', 'http'] as const)(
  'AUTHZ-01 every sample is denied by the authorizer of a %s API, well-formed and without another error',
  (api) => {
    const answers: string[] = [];
    let jwks: JwksServer;
    let door: Deployed;

    beforeAll(async () => {
      jwks = await JwksServer.start(key);
      door = await Deployed.start(
        'front-door/authorize.handler.ts',
        { USER_POOL_ID: POOL, USER_POOL_CLIENT_IDS: CLIENT, AWS_ENDPOINT_URL: jwks.url },
        { 'policy.json': JSON.stringify({ ...POLICY, api, operations }) },
      );
    }, 60_000);

    afterAll(async () => {
      await door.stop();
      await jwks.stop();
      report(
        `apigw-events, ${api}, ${answers.length} samples: ${[...new Set(answers)].map((one) => `${answers.filter((other) => other === one).length} ${one}`).join(', ')}`,
      );
    });

    test.each(titled)('AUTHZ-01 %s', async (_name, { event }) => {
      const invocation = await door.invoke(event);
      answers.push('error' in invocation ? invocation.error : reasonOf(invocation));

      expect([
        { error: 'Unauthorized' },
        { result: denying(askingForToken(), 'event_not_served') },
        { result: denying(askingForToken(), 'credentials_missing') },
        { result: denying(refusingToken(NOT_A_JWT), 'credentials_malformed') },
      ]).toContainEqual(invocation);
      // who asks with payload 2.0 is answered by the error, everybody else by a Deny
      expect('error' in invocation).toBe(event['version'] === '2.0');
    });
  },
);

function reasonOf(invocation: Invocation): string {
  return (invocation as { result: { context: { reason: string } } }).result.context.reason;
}

describe('AUTHZ-01 the good twins: an authorizer sample is let in once it carries a token, where its kind is served', () => {
  const rest = {
    ...sampleOf('aws-lambda-go/apigw-custom-auth-request-type-request.json'),
    multiValueHeaders: { Authorization: [`Bearer ${TOKEN}`] },
  };
  const http = {
    ...sampleOf('powertools-typescript/apigw-http__authorizer-request.json'),
    headers: { authorization: `Bearer ${TOKEN}` },
  };

  test.each<[ApiKind, Json, unknown]>([
    ['rest', rest, { result: allowing(textOf(rest, 'methodArn')) }],
    ['rest', http, { error: 'Unauthorized' }],
    ['http', http, { result: { isAuthorized: true, context: CALLER_CONTEXT } }],
    ['http', rest, { result: denying(askingForToken(), 'event_not_served') }],
  ])(
    'AUTHZ-01 served: %s',
    async (api, event, expected) => {
      const jwks = await JwksServer.start(key);
      const door = await Deployed.start(
        'front-door/authorize.handler.ts',
        { USER_POOL_ID: POOL, USER_POOL_CLIENT_IDS: CLIENT, AWS_ENDPOINT_URL: jwks.url },
        { 'policy.json': JSON.stringify({ ...POLICY, api, operations }) },
      );

      expect(await door.invoke(event)).toEqual(expected);
      await door.stop();
      await jwks.stop();
    },
    60_000,
  );
});

function sampleOf(name: string): Json {
  const sample = SAMPLES.find(({ file }) => file === name);
  if (sample === undefined) throw new Error(`no sample ${name}`);
  return sample.event;
}

const HANDLERS = readdirSync(join(__dirname, '../../lambdas/widgets')).filter((name) =>
  name.endsWith('.handler.ts'),
);

describe.each(HANDLERS)('AUTHZ-01 every sample through widgets/%s: no caller, no service', (handler) => {
  const statuses: number[] = [];
  let deployed: Deployed;

  beforeAll(async () => {
    deployed = await Deployed.start(`widgets/${handler}`, {
      WIDGETS_TABLE_NAME: 'x',
      AWS_REGION: 'eu-west-1',
    });
  }, 60_000);

  afterAll(async () => {
    await deployed.stop();
    report(
      `  ${handler}: ${[...new Set(statuses)]
        .sort()
        .map((status) => `${statuses.filter((one) => one === status).length} × ${status}`)
        .join(', ')}`,
    );
  });

  test.each(titled)('AUTHZ-01 %s', async (_name, { event }) => {
    const response = wellFormed(await deployed.invoke(event));
    statuses.push(response.statusCode);

    // ping is public; everything else needs the context of a front door, which no sample has
    const served = handler === 'ping.handler.ts' && response.statusCode === 200;
    expect({ ...response, body: JSON.parse(response.body) as unknown }).toMatchObject(
      served
        ? { statusCode: 200, body: { status: 'ok' } }
        : { statusCode: 403, body: { type: 'about:blank', title: 'Forbidden', status: 403 } },
    );
  });
});

test('AUTHZ-01 there are functions behind the front door', () => {
  expect(HANDLERS).toContain('ping.handler.ts');
  expect(HANDLERS.length).toBeGreaterThanOrEqual(7);
});

/** What a proxy integration may answer (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html). */
function wellFormed(invocation: Invocation): { statusCode: number; body: string } {
  const { result } = invocation as {
    result: { statusCode: number; headers: Json; body: string; isBase64Encoded: boolean };
  };
  expect(Object.keys(result).sort()).toEqual(['body', 'headers', 'isBase64Encoded', 'statusCode']);
  expect(Object.values(result.headers).filter((value) => typeof value !== 'string')).toEqual([]);
  return result;
}
