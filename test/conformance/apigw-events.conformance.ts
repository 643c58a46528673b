/** Event samples that AWS ships with its own libraries, through every deployed function of this repository. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { Deployed, type Invocation } from '../front-door/deployed';
import { allowing, askingForToken, denying, NOT_A_JWT, POLICY, refusingToken } from '../front-door/events';
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

describe('AUTHZ-01 every sample is denied by the authorizer, well-formed and without an error', () => {
  const key = signingKey();
  const reasons: string[] = [];
  let jwks: JwksServer;
  let door: Deployed;

  beforeAll(async () => {
    jwks = await JwksServer.start(key);
    // every operation of the samples has a rule, so that none is denied for being unknown only
    const operations = Object.fromEntries(
      SAMPLES.map(({ event }) => [
        `${textOf(event, 'httpMethod')} ${textOf(event, 'resource')}`,
        [[{ scheme: 'cognito', scopes: [] }]],
      ]),
    );
    door = await Deployed.start(
      'front-door/authorize.handler.ts',
      { USER_POOL_ID: POOL, USER_POOL_CLIENT_IDS: CLIENT, AWS_ENDPOINT_URL: jwks.url },
      { 'policy.json': JSON.stringify({ ...POLICY, operations }) },
    );
  }, 60_000);

  afterAll(async () => {
    await door.stop();
    await jwks.stop();
    report(
      `apigw-events, ${reasons.length} samples: ${[...new Set(reasons)].map((reason) => `${reasons.filter((one) => one === reason).length} ${reason}`).join(', ')}`,
    );
  });

  test.each(titled)('AUTHZ-01 %s', async (_name, { event }) => {
    const invocation = await door.invoke(event);
    const { reason } = (invocation as { result: { context: { reason: string } } }).result.context;
    reasons.push(reason);

    expect([
      denying(askingForToken(), 'event_not_served'),
      denying(askingForToken(), 'credentials_missing'),
      denying(refusingToken(NOT_A_JWT), 'credentials_malformed'),
    ]).toContainEqual((invocation as { result: unknown }).result);
  });

  test('AUTHZ-01 the good twin: an authorizer sample of a REST API is let in once it carries a token', async () => {
    const sample = SAMPLES.find(
      ({ file }) => file === 'aws-lambda-go/apigw-custom-auth-request-type-request.json',
    );
    const event = { ...sample?.event, multiValueHeaders: { Authorization: [`Bearer ${accessToken(key)}`] } };

    expect(await door.invoke(event)).toEqual({ result: allowing(textOf(event, 'methodArn')) });
  });
});

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
