/** The deployed authorizer, event by event. */
import type { PolicyAnswer } from '../../lambdas/front-door/core/render';
import { Deployed } from './deployed';
import {
  allowing,
  askingForToken,
  authorizerEvent,
  denying,
  httpAuthorizerEvent,
  NOT_A_JWT,
  POLICY,
  refusingToken,
  type EventParts,
} from './events';
import { JwksServer } from './jwks-server';
import { accessToken, CLIENT, POOL, signingKey } from './tokens';

const key = signingKey();
const token = accessToken(key);
const DENIED = { result: denying(askingForToken(), 'event_not_served') };
const UNKNOWN = { result: denying(askingForToken(), 'operation_unknown') };

let jwks: JwksServer;
let door: Deployed;

beforeAll(async () => {
  jwks = await JwksServer.start(key);
  door = await Deployed.start(
    'front-door/authorize.handler.ts',
    { USER_POOL_ID: POOL, USER_POOL_CLIENT_IDS: `other ${CLIENT}`, AWS_ENDPOINT_URL: jwks.url },
    { 'policy.json': JSON.stringify(POLICY) },
  );
}, 60_000);

afterAll(async () => {
  await door.stop();
  await jwks.stop();
});

/** A good event with members replaced; `undefined` removes one. */
function changed(change: Readonly<Record<string, unknown>>, parts: EventParts = {}): unknown {
  const event = { ...authorizerEvent({ token, ...parts }), ...change };
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));
}

function withContext(change: Readonly<Record<string, unknown>>): unknown {
  const event = authorizerEvent({ token });
  return { ...event, requestContext: { ...event.requestContext, ...change } };
}

test('AUTHZ-01 the good twin: the event that every refusal here changes one thing of is let in', async () => {
  const event = authorizerEvent({ token });

  expect(await door.invoke(event)).toEqual({ result: allowing(event.methodArn) });
  expect(await door.invoke(changed({}))).toEqual({ result: allowing(event.methodArn) });
});

describe('AUTHZ-01 an event this deployment does not serve is denied, never let in and never an error', () => {
  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['an empty object', {}],
    ['an empty list', []],
    ['a list that holds a good event', [authorizerEvent({ token })]],
    ['a text', 'REQUEST'],
    ['the JSON text of a good event', JSON.stringify(authorizerEvent({ token }))],
    ['a number', 42],
    ['not a number', Number.NaN],
    ['true', true],
    ['no type', changed({ type: undefined })],
    ['a type in lower case', changed({ type: 'request' })],
    ['a TOKEN authorizer', changed({ type: 'TOKEN', authorizationToken: `Bearer ${token}` })],
    ['an HTTP API, payload 1.0', changed({ version: '1.0' })],
    ['a version of null', changed({ version: null })],
    ['no ARN', changed({ methodArn: undefined })],
    ['an ARN that is no text', changed({ methodArn: ['arn:aws:execute-api:x'] })],
    ['an ARN of everything', changed({ methodArn: '*' })],
    ['an ARN longer than a policy may name', changed({ methodArn: `arn:${'a'.repeat(509)}` })],
    ['no resource', changed({ resource: undefined })],
    ['a resource that is no text', changed({ resource: { toString: '/widgets' } })],
    ['no method', changed({ httpMethod: undefined })],
    ['no context', changed({ requestContext: undefined })],
    ['a context of null', changed({ requestContext: null })],
    ['a context that is a list', changed({ requestContext: [] })],
    ['another resource in the context', withContext({ resourcePath: '/info' })],
    ['another method in the context', withContext({ httpMethod: 'POST' })],
    ['no resource in the context', withContext({ resourcePath: undefined })],
  ])('AUTHZ-01 %s', async (_name, event) => {
    expect(await door.invoke(event)).toEqual(DENIED);
  });
});

test('AUTHZ-01 an HTTP API, payload 2.0, is denied by a front door of REST APIs in the way it understands', async () => {
  const both = changed({ version: '2.0', routeArn: 'arn:x', routeKey: 'GET /widgets' });

  for (const event of [both, httpAuthorizerEvent({ token })])
    expect(await door.invoke(event)).toEqual({ error: 'Unauthorized' });
});

describe('AUTHZ-01 an operation the policy does not know is denied', () => {
  test.each([
    ['GET', '/ping'],
    ['DELETE', '/widgets'],
    ['get', '/widgets'],
    ['HEAD', '/widgets'],
    ['', ''],
    ['GET', '__proto__'],
    ['GET', 'constructor'],
    ['GET', 'toString'],
    ['__proto__', ''],
    ['constructor', 'prototype'],
    ['GET /widgets', ''],
    ['GET ', 'widgets'],
  ])('AUTHZ-01 %s %s', async (method, resource) => {
    expect(await door.invoke(authorizerEvent({ method, resource, token }))).toEqual(UNKNOWN);
  });

  test('AUTHZ-01 members of an event named like those of a prototype change nothing', async () => {
    const polluted = JSON.parse(
      JSON.stringify(authorizerEvent()).replace(
        '{',
        `{"__proto__":{"headers":{"authorization":"Bearer ${token}"}},"constructor":{"prototype":{}},`,
      ),
    ) as unknown;

    expect(await door.invoke(polluted)).toEqual({
      result: denying(askingForToken('widgets/read'), 'credentials_missing'),
    });
  });
});

describe('AUTHZ-01 headers of any shape', () => {
  const missing = { result: denying(askingForToken('widgets/read'), 'credentials_missing') };
  const malformed = {
    result: denying(refusingToken(NOT_A_JWT, 'widgets/read'), 'credentials_malformed'),
  };

  test.each<[string, Record<string, unknown>, unknown]>([
    ['both null', { headers: null, multiValueHeaders: null }, missing],
    ['both absent', { headers: undefined, multiValueHeaders: undefined }, missing],
    ['both lists', { headers: ['Authorization', `Bearer ${token}`], multiValueHeaders: [] }, missing],
    ['texts', { headers: `Authorization: Bearer ${token}`, multiValueHeaders: 'x' }, missing],
    ['a value of null', { multiValueHeaders: { Authorization: null } }, missing],
    ['a value that is no list', { multiValueHeaders: { Authorization: `Bearer ${token}` } }, missing],
    ['an empty list of values', { multiValueHeaders: { Authorization: [] } }, missing],
    ['values that are no texts', { multiValueHeaders: { Authorization: [null, 1, { token }] } }, missing],
    ['an empty value', { multiValueHeaders: { Authorization: [''] } }, malformed],
    [
      'another name that ends in it',
      { multiValueHeaders: { 'X-Authorization': [`Bearer ${token}`] } },
      missing,
    ],
    [
      'names of a prototype',
      { multiValueHeaders: JSON.parse(`{"__proto__":["Bearer ${token}"],"constructor":["x"]}`) as unknown },
      missing,
    ],
  ])('AUTHZ-01 %s', async (_name, headers, expected) => {
    expect(await door.invoke(changed(headers))).toEqual(expected);
  });

  test.each<[string, Record<string, unknown>]>([
    ['upper case', { multiValueHeaders: { AUTHORIZATION: [`Bearer ${token}`] } }],
    ['lower case', { multiValueHeaders: { authorization: [`Bearer ${token}`] } }],
    ['single values alone', { multiValueHeaders: null, headers: { Authorization: `Bearer ${token}` } }],
  ])('AUTHZ-01 and the good twin is let in: %s', async (_name, headers) => {
    const { methodArn } = authorizerEvent({ token });

    expect(await door.invoke(changed(headers))).toEqual({ result: allowing(methodArn) });
  });
});

describe('AUTHZ-02 what opens one method opens nothing else', () => {
  test.each<[EventParts]>([
    [{ resource: '/widgets' }],
    [{ resource: '/info' }],
    [{ resource: '/widgets/{widgetId}', path: '/widgets/3f1c9a52-6d0e-4b7a-9c44-2f6b8f0f9a11' }],
  ])('AUTHZ-02 the answer names the method of its event and no other: %j', async (parts) => {
    const event = authorizerEvent({ token, ...parts });
    const { result } = (await door.invoke(event)) as { result: PolicyAnswer };

    expect(result.policyDocument.Statement).toEqual([
      { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: event.methodArn },
    ]);
  });

  test.each(['/widgets/*', '/widgets/?', '/widgets/a*b', '/widgets/${aws:userid}'])(
    'AUTHZ-02 a typed path that a policy would read as a pattern is not put into one: %s',
    async (path) => {
      const event = authorizerEvent({ token, resource: '/widgets/{widgetId}', path });
      const twin = authorizerEvent({ token, resource: '/widgets/{widgetId}', path: '/widgets/a$b' });

      expect(await door.invoke(event)).toEqual(DENIED);
      expect(await door.invoke(twin)).toEqual({ result: allowing(twin.methodArn) });
    },
  );

  test('AUTHZ-02 a token that opens one route is refused by the route that asks for more', async () => {
    const reader = authorizerEvent({ token, method: 'GET' });
    const writer = authorizerEvent({ token, method: 'POST' });

    expect(await door.invoke(reader)).toEqual({ result: allowing(reader.methodArn) });
    expect(await door.invoke(writer)).toEqual({ error: 'Unauthorized' });
    expect(await door.invoke(reader)).toEqual({ result: allowing(reader.methodArn) });
  });
});

describe('AUTHZ-03 the rule goes by resource template and method, never by the path that was typed', () => {
  const spellings = [
    '/widgets',
    '/widgets/',
    '//widgets',
    '/Widgets',
    '/%77idgets',
    '/widgets/123',
    '/info',
    '/ping',
    '/',
  ];

  test.each(spellings)('AUTHZ-03 typed %s, routed to POST /widgets: its rule holds', async (path) => {
    const refused = authorizerEvent({ method: 'POST', resource: '/widgets', path, token });
    const admitted = authorizerEvent({
      method: 'POST',
      resource: '/widgets',
      path,
      token: accessToken(key, { claims: { scope: 'widgets/write' } }),
    });
    const anonymous = authorizerEvent({ method: 'POST', resource: '/widgets', path });

    expect(await door.invoke(refused)).toEqual({ error: 'Unauthorized' });
    expect(await door.invoke(anonymous)).toEqual({
      result: denying(askingForToken('widgets/write'), 'credentials_missing'),
    });
    expect(await door.invoke(admitted)).toMatchObject({
      result: { policyDocument: { Statement: [{ Effect: 'Allow', Resource: admitted.methodArn }] } },
    });
  });

  test.each([
    '/widgets/',
    '//widgets',
    '/Widgets',
    '%2fwidgets',
    '/widgets ',
    '/%77idgets',
    '/widgets/{WidgetId}',
  ])('AUTHZ-03 a resource %s that no template spells so has no rule, and is denied', async (resource) => {
    expect(await door.invoke(authorizerEvent({ resource, path: '/info', token }))).toEqual(UNKNOWN);
  });
});

test('AUTHZ-01 a front door without its settings or its policy stays shut, and is counted', async () => {
  const settings = { USER_POOL_ID: POOL, USER_POOL_CLIENT_IDS: CLIENT, AWS_ENDPOINT_URL: jwks.url };
  const policy = { 'policy.json': JSON.stringify(POLICY) };
  const asked = authorizerEvent({ token: accessToken(key) });
  const start = (env: Record<string, string>, files: Record<string, string>): Promise<Deployed> =>
    Deployed.start('front-door/authorize.handler.ts', env, files);
  const broken = [
    await start({ ...settings, USER_POOL_ID: '' }, policy),
    await start(settings, {}),
    await start(settings, { 'policy.json': '{' }),
  ];
  for (const one of broken) {
    expect(await one.invoke(asked)).toEqual({ error: 'Unauthorized' });
    await one.stop();
    expect(one.output).toContain('front_door_broken');
    expect(one.output).toContain('"Reason":"check_failed"');
  }
  expect(await door.invoke(asked)).toEqual({ result: allowing(asked.methodArn) });
});
