/** The deployed authorizer of an HTTP API, event by event. */
import { Deployed } from './deployed';
import {
  authorizerEvent,
  CALLER_CONTEXT,
  HTTP_REQUEST_ID,
  httpAuthorizerEvent,
  POLICY,
  type EventParts,
} from './events';
import { JwksServer } from './jwks-server';
import { accessToken, CLIENT, POOL, signingKey } from './tokens';

const key = signingKey();
const token = accessToken(key);
const ALLOWED = { result: { isAuthorized: true, context: CALLER_CONTEXT } };
/** API Gateway answers 401. */
const ASKED = { error: 'Unauthorized' };
/** API Gateway answers 403. */
const FORBIDDEN = { result: { isAuthorized: false, context: {} } };

const BLANKS = ' '.repeat(200_000);

let jwks: JwksServer;
let door: Deployed;

beforeAll(async () => {
  jwks = await JwksServer.start(key);
  door = await start({ ...POLICY, api: 'http' });
}, 60_000);

afterAll(async () => {
  await door.stop();
  await jwks.stop();
});

function start(policy: object): Promise<Deployed> {
  return Deployed.start(
    'front-door/authorize.handler.ts',
    { USER_POOL_ID: POOL, USER_POOL_CLIENT_IDS: CLIENT, AWS_ENDPOINT_URL: jwks.url },
    { 'policy.json': JSON.stringify(policy) },
  );
}

/** A good event with members replaced; `undefined` removes one. */
function changed(change: Readonly<Record<string, unknown>>, parts: EventParts = {}): unknown {
  const event = { ...httpAuthorizerEvent({ token, ...parts }), ...change };
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));
}

function withContext(change: Readonly<Record<string, unknown>>): unknown {
  const event = httpAuthorizerEvent({ token });
  return { ...event, requestContext: { ...event.requestContext, ...change } };
}

/** A route as API Gateway names it in both places. */
function onRoute(routeKey: string, method = 'GET'): unknown {
  const event = httpAuthorizerEvent({ token, method });
  return { ...event, routeKey, requestContext: { ...event.requestContext, routeKey } };
}

/** Reason of the decision after those that were read; its line may arrive after the answer. */
let read = 0;
async function nextReason(): Promise<unknown> {
  for (;;) {
    const decisions = door.output.split('\n').filter((line) => /"event":"decision".*\}$/.test(line));
    const line = decisions[read];
    if (line !== undefined) {
      read += 1;
      return (JSON.parse(line) as { reason: unknown }).reason;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Asks, and tells what was answered and why. */
async function ask(event: unknown): Promise<readonly [answer: unknown, reason: unknown]> {
  return [await door.invoke(event), await nextReason()];
}

async function answerTo(event: unknown): Promise<unknown> {
  return (await ask(event))[0];
}

test('AUTHZ-01 the good twin: the event that every refusal here changes one thing of is let in, and logged by its id', async () => {
  expect(await answerTo(httpAuthorizerEvent({ token }))).toEqual(ALLOWED);
  expect(await answerTo(changed({}))).toEqual(ALLOWED);
  expect(door.output).toContain(`"requestId":"${HTTP_REQUEST_ID}"`);
});

describe('no or invalid credentials are 401, not enough is 403', () => {
  test.each<[string, unknown, unknown, string]>([
    ['no credentials', httpAuthorizerEvent(), ASKED, 'credentials_missing'],
    ['a token that is none', httpAuthorizerEvent({ token: 'x' }), ASKED, 'credentials_malformed'],
    [
      'an expired token',
      httpAuthorizerEvent({ token: accessToken(key, { claims: { exp: 1 } }) }),
      ASKED,
      'token_expired',
    ],
    ['a scope short', httpAuthorizerEvent({ token, method: 'POST' }), FORBIDDEN, 'scope_missing'],
  ])('%s', async (_name, event, expected, reason) => {
    expect(await ask(event)).toEqual([expected, reason]);
  });

  test('a check that could not be run is 403 and counted', async () => {
    jwks.answer(500, 'x');
    const stranger = accessToken(signingKey());
    const closed = await start({ ...POLICY, api: 'http' });

    expect(await closed.invoke(httpAuthorizerEvent({ token: stranger }))).toEqual(FORBIDDEN);
    await closed.stop();
    expect(closed.output).toContain('FrontDoorTrouble');
    jwks.serve(key);
  }, 30_000);
});

describe('AUTHZ-01 an event this deployment does not serve is denied, never let in and never another error', () => {
  test.each<[string, unknown]>([
    ['no type', changed({ type: undefined })],
    ['a TOKEN authorizer', changed({ type: 'TOKEN' })],
    ['no ARN', changed({ routeArn: undefined })],
    ['an ARN that is no text', changed({ routeArn: ['arn:aws:x'] })],
    ['an ARN of everything', changed({ routeArn: '*' })],
    ['no route', changed({ routeKey: undefined })],
    ['a route that is no text', changed({ routeKey: ['GET /widgets'] })],
    ['another route in the context', withContext({ routeKey: 'GET /info' })],
    ['no route in the context', withContext({ routeKey: undefined })],
    ['no context', changed({ requestContext: undefined })],
    ['a context that is a list', changed({ requestContext: [] })],
    ['no description of the request', withContext({ http: undefined })],
    ['no method', withContext({ http: { path: '/widgets' } })],
    ['a method that is no text', withContext({ http: { method: ['GET'] } })],
  ])('AUTHZ-01 %s', async (_name, event) => {
    expect(await ask(event)).toEqual([ASKED, 'event_not_served']);
  });

  test.each<[string, unknown]>([
    ['a REST API', authorizerEvent({ token })],
    ['an HTTP API, payload 1.0', { ...authorizerEvent({ token }), version: '1.0' }],
    ['no version', changed({ version: undefined })],
    ['a version that is a number', changed({ version: 2 })],
    ['null', null],
  ])('AUTHZ-01 %s: a Deny, as who asks without payload 2.0 expects', async (_name, event) => {
    expect(await answerTo(event)).toMatchObject({
      result: {
        policyDocument: { Statement: [{ Effect: 'Deny', Resource: '*' }] },
        context: { reason: 'event_not_served' },
      },
    });
  });

  test('AUTHZ-01 a policy that does not say which kind it serves, or says nonsense, serves none', async () => {
    for (const api of [undefined, 'both', 'toString']) {
      const closed = await start({ ...POLICY, api });
      expect(await closed.invoke(httpAuthorizerEvent({ token }))).toEqual(ASKED);
      expect(await closed.invoke(authorizerEvent({ token }))).toMatchObject({
        result: { policyDocument: { Statement: [{ Effect: 'Deny' }] } },
      });
      await closed.stop();
    }
  }, 30_000);

  test('AUTHZ-01 a front door without its policy answers 403', async () => {
    const closed = await Deployed.start('front-door/authorize.handler.ts', {
      USER_POOL_ID: POOL,
      USER_POOL_CLIENT_IDS: CLIENT,
    });

    expect(await closed.invoke(httpAuthorizerEvent({ token }))).toEqual(FORBIDDEN);
    await closed.stop();
  }, 30_000);
});

describe('AUTHZ-01 a route that is no operation of the document is denied', () => {
  test.each([
    '$default',
    'ANY /widgets',
    'GET /{proxy+}',
    'ANY /{proxy+}',
    'GET /widgets/{proxy+}',
    'GET /ping',
    'GET widgets',
    'GET  /widgets',
    'get /widgets',
    '/widgets',
    'POST /widgets',
    'HEAD /widgets',
    '',
    'GET ',
    '__proto__',
    'GET __proto__',
    'constructor',
  ])('AUTHZ-01 %s', async (routeKey) => {
    expect(await ask(onRoute(routeKey))).toEqual([ASKED, 'operation_unknown']);
  });
});

describe('AUTHZ-01 headers of any shape', () => {
  const bearer = `Bearer ${token}`;

  test.each<[string, unknown, string]>([
    ['null', { headers: null }, 'credentials_missing'],
    ['absent', { headers: undefined }, 'credentials_missing'],
    ['a list', { headers: ['authorization', bearer] }, 'credentials_missing'],
    ['a text', { headers: `authorization: ${bearer}` }, 'credentials_missing'],
    ['a value of null', { headers: { authorization: null } }, 'credentials_missing'],
    ['a value that is a list', { headers: { authorization: [bearer] } }, 'credentials_missing'],
    ['an empty value', { headers: { authorization: '' } }, 'credentials_malformed'],
    ['another name that ends in it', { headers: { 'x-authorization': bearer } }, 'credentials_missing'],
    ['two values', { headers: { authorization: `${bearer},${bearer}` } }, 'credentials_ambiguous'],
    ['two values and a space', { headers: { authorization: `${bearer}, Basic x` } }, 'credentials_ambiguous'],
    ['another scheme first', { headers: { authorization: `Basic x, ${bearer}` } }, 'credentials_ambiguous'],
    ['an empty second', { headers: { authorization: `${bearer},` } }, 'credentials_ambiguous'],
    // AUTHZ-04: a pattern that goes over the blanks from each of them anew takes minutes for these
    ['blanks without number', { headers: { authorization: `Bearer${BLANKS}x` } }, 'credentials_malformed'],
    [
      'two spellings of the name',
      { headers: { authorization: bearer, Authorization: bearer } },
      'credentials_ambiguous',
    ],
    ['what names the identity source', { headers: {}, identitySource: [bearer] }, 'credentials_missing'],
    ['cookies that are no list', { headers: {}, cookies: `authorization=${bearer}` }, 'credentials_missing'],
    ['cookies that are no texts', { headers: {}, cookies: [null, 1, { bearer }] }, 'credentials_missing'],
    [
      'names of a prototype',
      { headers: JSON.parse(`{"__proto__":{"authorization":"${bearer}"}}`) as unknown },
      'credentials_missing',
    ],
  ])('AUTHZ-01 %s', async (_name, change, reason) => {
    expect(await ask(changed(change as Record<string, unknown>))).toEqual([ASKED, reason]);
  });

  test.each([['authorization'], ['Authorization'], ['AUTHORIZATION']])(
    'AUTHZ-01 and the good twin is let in: %s',
    async (name) => {
      expect(await answerTo(changed({ headers: { [name]: bearer } }))).toEqual(ALLOWED);
    },
  );
});

describe('AUTHZ-02 what opens one route opens nothing else', () => {
  test.each(['/widgets/*', '/widgets/?', '/widgets/${aws:userid}', `/${'a'.repeat(600)}`])(
    'AUTHZ-02 the answer names no resource, so a typed path cannot widen it: %s',
    async (path) => {
      expect(await answerTo(httpAuthorizerEvent({ token, resource: '/widgets/{widgetId}', path }))).toEqual(
        ALLOWED,
      );
    },
  );

  test('AUTHZ-02 a token that opens one route is refused by the route that asks for more, before and after', async () => {
    for (const method of ['GET', 'POST', 'GET'])
      expect(await answerTo(httpAuthorizerEvent({ token, method }))).toEqual(
        method === 'GET' ? ALLOWED : FORBIDDEN,
      );
  });
});

test.each(['/widgets', '/widgets/', '//widgets', '/Widgets', '/%77idgets', '/info', '/'])(
  'AUTHZ-03 typed %s, with or without its stage, routed to POST /widgets: the rule of the route holds',
  async (path) => {
    const parts = { method: 'POST', resource: '/widgets', path };
    const writer = accessToken(key, { claims: { scope: 'widgets/write' } });
    for (const rawPath of [path, `/live${path}`]) {
      expect(await answerTo(changed({ rawPath }, parts))).toEqual(FORBIDDEN);
      expect(await answerTo({ ...httpAuthorizerEvent(parts), rawPath })).toEqual(ASKED);
      expect(await answerTo({ ...httpAuthorizerEvent({ ...parts, token: writer }), rawPath })).toMatchObject({
        result: { isAuthorized: true },
      });
    }
  },
);
