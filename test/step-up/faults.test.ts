/** The deployed authorizer while its tables fail in every way: nothing that needs a step-up opens, and it always answers. */
import { setTimeout as pause } from 'node:timers/promises';

import { ADA, givenWorld, grant } from '../cookie-auth/sample';
import { Deployed } from '../front-door/deployed';
import { authorizerEvent, REQUEST_ID } from '../front-door/events';
import { JwksServer } from '../front-door/jwks-server';
import { accessToken, CLIENT, POOL, seconds, signingKey } from '../front-door/tokens';
import { bindingOf } from '../../lambdas/step-up/core/digest';
import { BODY, digestOf, POLICY } from './world';
import { type Fault, Tables } from './tables';

const key = signingKey();
const SITE = 'https://site.test';
/** The secret that `givenWorld` makes its ring of. */
const RING = JSON.stringify({ current: 'k1', k1: `k1-${'k'.repeat(60)}` });
const SUBJECT = 'd1f0a1c2-7a55-4b0e-9f0e-0c8a3f1b2c3d';
const FAULTS: readonly Fault[] = ['error', 'throttle', 'delay', 'garbage', 'absent', 'disconnect'];
const CALLS = ['GetItem settings', 'GetItem sessions', 'UpdateItem sessions'] as const;
/** The same of a browser's session: its key ring and its row are looked at first. */
const COOKIE_CALLS = ['GetSecretValue ring', 'GetItem cookies', ...CALLS] as const;
/** The function's time: after it Lambda ends the invocation, and API Gateway answers 500. */
const FUNCTION_MS = 10_000;

let jwks: JwksServer;
let tables: Tables;
let doors: Deployed[] = [];

beforeAll(async () => {
  jwks = await JwksServer.start(key);
});

beforeEach(() => {
  tables = new Tables();
});

afterEach(shut);

async function shut(): Promise<void> {
  await Promise.all(doors.map(async (door) => door.stop()));
  doors = [];
  await tables.close();
}

afterAll(() => jwks.stop());

async function open(): Promise<Deployed> {
  const url = await tables.listen();
  const door = await Deployed.start(
    'front-door/authorize.handler.ts',
    {
      USER_POOL_ID: POOL,
      USER_POOL_CLIENT_IDS: CLIENT,
      // keys come from one place, DynamoDB from another
      AWS_ENDPOINT_URL: jwks.url,
      AWS_ENDPOINT_URL_DYNAMODB: url,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      STEP_UP_SETTING_TABLE_NAME: 'settings',
      STEP_UP_SESSION_TABLE_NAME: 'sessions',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
      SESSION_TABLE_NAME: 'cookies',
      SESSION_KEY_RING_ARN: 'ring',
      OIDC_ISSUER: 'https://issuer.test',
      OIDC_CLIENT_ID: ADA.clientId,
      OIDC_CLIENT_SECRET_ARN: 'client-secret',
      OIDC_SCOPES: 'openid',
      OIDC_PROVIDER: 'standard',
      SITE_URL: SITE,
      SESSION_SECONDS: '3600',
      SESSION_IDLE_SECONDS: '600',
    },
    {
      'policy.json': JSON.stringify({
        api: 'rest',
        schemes: { cognito: 'cognito-access-token', session: 'cookie-session' },
        operations: Object.fromEntries(
          Object.keys(POLICY.operations).map((name) => [
            name,
            [[{ scheme: 'cognito', scopes: [] }], [{ scheme: 'session', scopes: [] }]],
          ]),
        ),
        stepUp: true,
      }),
      'step-up.json': JSON.stringify(POLICY),
    },
  );
  doors.push(door);
  return door;
}

/** A token, and the step-up of its sign-in where it has one. */
function token(elevated: boolean, status = 'STEP_UP_COMPLETED'): string {
  const jti = `jti-${tables.items.size}-000000000000`;
  if (elevated) stepUp(jti, { subject: SUBJECT, clientId: CLIENT }, status);
  return accessToken(key, { claims: { jti, sub: SUBJECT } });
}

/** The headers of a browser that is signed in, and the step-up of its session where it has one. */
async function cookie(elevated: boolean): Promise<Headers> {
  const world = givenWorld();
  world.now = Date.now();
  const started = await world.sessions.start(grant(3_600_000, world.now));
  const found = await world.sessions.resolve(started.cookie);
  if (!found.ok) throw new Error('no session');
  for (const { id, sealed, version, expiresAt } of world.store.rows.values()) {
    const times = { version: { N: String(version) }, expiresAt: { N: String(expiresAt) } };
    tables.put('cookies', id, { id: { S: id }, sealed: { S: sealed }, ...times });
  }
  tables.secrets.set('ring', RING);
  if (elevated) stepUp(found.session.id, ADA);
  return { Cookie: [`__Host-session=${started.cookie}`], Origin: [SITE], 'X-Sallyport-CSRF': ['1'] };
}

/** Puts the rows of a step-up that is completed: a general one, and one for a single transfer. */
function stepUp(id: string, who: { subject: string; clientId: string }, status = 'STEP_UP_COMPLETED'): void {
  const row = {
    subject: { S: who.subject },
    client: { S: who.clientId },
    stepUpStatus: { S: status },
    factor: { S: 'SOFTWARE_TOKEN' },
    acr: { S: 'loa:3' },
    auth_time: { N: String(seconds(-5)) },
    opens: { S: '*' },
    ttl: { N: String(seconds(600)) },
  };
  tables.put('sessions', id, { sessionId: { S: id }, ...row });
  const digest = digestOf(BODY).slice(9, -1);
  const single = `${id}#${bindingOf({ method: 'POST', path: '/transfer', digest })}`;
  const bound = { opens: { S: 'POST /transfer' }, digest: { S: digest } };
  tables.put('sessions', single, { sessionId: { S: single }, ...row, ...bound });
}

type Headers = Readonly<Record<string, readonly string[]>>;

/** @param credentials a token, or the headers of a browser */
async function ask(
  door: Deployed,
  credentials: string | Headers,
  operation = 'GET /statements',
): Promise<string> {
  const [method = '', resource = ''] = operation.split(' ');
  const digest = { 'Content-Digest': [digestOf(BODY)] };
  const event =
    typeof credentials === 'string'
      ? authorizerEvent({ method, resource, token: credentials, headers: digest })
      : authorizerEvent({ method, resource, headers: { ...digest, ...credentials } });
  const ended = new AbortController();
  const invocation = await Promise.race([
    door.invoke(event),
    pause(FUNCTION_MS, { error: 'Task timed out' }, { signal: ended.signal }),
  ]);
  ended.abort();
  if ('error' in invocation) return invocation.error === 'Unauthorized' ? '403' : invocation.error;
  const { policyDocument, context } = invocation.result as {
    policyDocument: { Statement: [{ Effect: string }] };
    context: { reason?: string };
  };
  return policyDocument.Statement[0].Effect === 'Allow' ? 'allow' : `401 ${context.reason ?? ''}`;
}

test('without faults: shut, and open once it is stepped up', async () => {
  const door = await open();

  expect(await ask(door, token(false))).toBe('401 step_up_required');
  const elevated = token(true);
  expect(await ask(door, elevated)).toBe('allow');
  expect(await ask(door, elevated, 'POST /transfer')).toBe('allow');
  expect(await ask(door, elevated, 'POST /transfer')).toBe('401 step_up_required');
  expect(await ask(door, token(true, 'STEP_UP_CONSUMED'))).toBe('401 step_up_required');
  expect(await ask(door, token(false), 'GET /info')).toBe('allow');
}, 60_000);

test.each(FAULTS)(
  'STEP-01 AUTHZ-04 %s of any call, from the first request on: shut for everybody, in time, and counted',
  async (fault) => {
    const door = await open();
    const opened: string[] = [];
    for (const broken of CALLS) {
      tables.fault = (call) => (call === broken ? fault : undefined);
      const asked = [
        ['nobody', 'GET /statements'],
        ['nobody', 'POST /limits'],
        ['nobody', 'POST /transfer'],
        // what cannot be used up does not open, and of a lost answer nobody knows
        ['elevated', 'POST /transfer'],
        // never read: not even what demands nothing, since an operator may have denied it
        ...(broken === 'GetItem settings' ? [['nobody', 'GET /info']] : []),
        ...(broken === 'UpdateItem sessions' ? [] : [['elevated', 'GET /statements']]),
      ];
      for (const [who, operation] of asked) {
        const answer = await ask(door, token(who === 'elevated'), operation);
        if (!/^(403|401 step_up_required)$/.test(answer))
          opened.push(`${who ?? ''} ${operation ?? ''} while ${broken} fails: ${answer}`);
      }
    }
    expect(opened).toEqual([]);
    tables.fault = () => undefined;
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await ask(door, token(true))).toBe('allow');
    expect(door.output).toContain('"FrontDoorTrouble":1');
    expect(door.output).toContain('"reason":"step_up_unavailable"');
  },
  120_000,
);

test('without faults, by cookie: shut, and open once it is stepped up', async () => {
  const door = await open();

  expect(await ask(door, await cookie(false))).toBe('401 step_up_required');
  const elevated = await cookie(true);
  expect(await ask(door, elevated)).toBe('allow');
  expect(await ask(door, elevated, 'POST /transfer')).toBe('allow');
  expect(await ask(door, elevated, 'POST /transfer')).toBe('401 step_up_required');
  expect([...new Set(tables.calls)].sort()).toEqual([...COOKIE_CALLS].sort());
}, 60_000);

test.each(FAULTS)(
  'STEP-01 AUTHZ-04 by cookie, %s of any call, key ring and session included: shut, in time, and counted',
  async (fault) => {
    const opened: string[] = [];
    for (const broken of COOKIE_CALLS) {
      // one that has read nothing yet: a key ring that was read is kept for minutes
      const door = await open();
      const rows = { nobody: await cookie(false), elevated: await cookie(true) };
      tables.fault = (call) => (call === broken ? fault : undefined);
      const asked: (readonly [keyof typeof rows, string])[] = [
        ['nobody', 'POST /limits'],
        ['elevated', 'POST /transfer'],
        ...(broken === 'UpdateItem sessions' ? [] : ([['elevated', 'GET /statements']] as const)),
      ];
      const answers = await Promise.all(
        asked.map(async ([who, operation]) => ask(door, rows[who], operation)),
      );
      for (const [at, answer] of answers.entries())
        if (!/^(403|401 step_up_required)$/.test(answer))
          opened.push(`${asked[at]!.join(' ')} while ${broken} fails: ${answer}`);
      await shut();
      expect(door.output).toContain('"FrontDoorTrouble":1');
    }
    expect(opened).toEqual([]);
  },
  180_000,
);

test('STEP-01 STEP-03 a DENY that was read stays while the table is gone, for whoever has stepped up as well', async () => {
  const door = await open();
  const [plain, elevated] = [token(false), token(true)];
  tables.put('settings', 'GET /info', { id: { S: 'GET /info' }, stepUpState: { S: 'STEP_UP_DENY' } });
  tables.put('settings', 'GET /statements', {
    id: { S: 'GET /statements' },
    stepUpState: { S: 'STEP_UP_DENY' },
  });
  expect([await ask(door, plain, 'GET /info'), await ask(door, elevated)]).toEqual(['403', '403']);
  tables.fault = (call) => (call === 'GetItem settings' ? 'throttle' : undefined);
  await new Promise((resolve) => setTimeout(resolve, 5_100));

  expect([await ask(door, plain, 'GET /info'), await ask(door, elevated)]).toEqual(['403', '403']);
  expect(door.output.match(/"reason":"operation_denied"/g)?.length).toBe(4);
}, 60_000);

test('AUTHZ-05 no id of a sign-in and no digest reaches the log', async () => {
  const door = await open();
  await ask(door, token(true));
  await ask(door, token(false), 'POST /transfer');

  expect(door.output).toContain(REQUEST_ID);
  expect(door.output).not.toMatch(/jti-|sha-256|loa:|d1f0a1c2/);
}, 60_000);
