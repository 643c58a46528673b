/** What the deployed authorizer writes: marked secrets go in everywhere, and must come out nowhere. */
import type { PolicyAnswer } from '../../lambdas/front-door/core/render';
import { MARK, marked } from '../_kernel/marked';
import { Deployed } from './deployed';
import { authorizerEvent, httpAuthorizerEvent, POLICY, REQUEST_ID } from './events';
import { JwksServer } from './jwks-server';
import { accessToken, CLIENT, POOL, signingKey } from './tokens';

const key = signingKey();
const stranger = signingKey();

let jwks: JwksServer;

beforeAll(async () => {
  jwks = await JwksServer.start(key);
});

afterAll(() => jwks.stop());

const ROUTING = [
  'type',
  'resource',
  'httpMethod',
  'methodArn',
  'requestContext.resourcePath',
  'requestContext.httpMethod',
  'multiValueHeaders.Authorization',
];
const HTTP_ROUTING = [
  'version',
  'type',
  'routeArn',
  'routeKey',
  'requestContext.routeKey',
  'requestContext.http.method',
  'headers.authorization',
];
/** Claims that the handlers behind the door are meant to have. */
const HANDED_ON = {
  subject: 'sub-of-caller',
  clientId: CLIENT,
  scheme: 'cognito',
  scopes: 'widgets/read',
  groups: '',
};
const claims = {
  sub: 'sub-of-caller',
  username: `${MARK} username`,
  email: `${MARK}@example.com`,
  jti: MARK,
  origin_jti: MARK,
  device_key: MARK,
  [`custom:${MARK}`]: MARK,
};
const good = accessToken(key, { claims });

const TOKENS: readonly (readonly [string, string | undefined, 'Allow' | 'Deny' | 'forbidden'])[] = [
  ['a good token', good, 'Allow'],
  ['no token', undefined, 'Deny'],
  ['an expired token', accessToken(key, { claims: { ...claims, exp: 1 } }), 'Deny'],
  [
    'a foreign issuer',
    accessToken(key, { claims: { ...claims, iss: `https://${MARK}.example.com` } }),
    'Deny',
  ],
  ['a foreign client', accessToken(key, { claims: { ...claims, client_id: MARK } }), 'Deny'],
  ['another use', accessToken(key, { claims: { ...claims, token_use: MARK } }), 'Deny'],
  ['a claim of the wrong kind', accessToken(key, { claims: { ...claims, scope: { [MARK]: MARK } } }), 'Deny'],
  ['a bad signature', accessToken({ ...stranger, kid: key.kid }, { claims }), 'Deny'],
  ['an unknown key id', accessToken(stranger, { header: { kid: MARK }, claims }), 'Deny'],
  ['an algorithm that is none', accessToken(key, { header: { alg: MARK }, claims }), 'Deny'],
  [
    'a header that is refused',
    accessToken(key, { header: { jku: `https://${MARK}.example.com` }, claims }),
    'Deny',
  ],
  ['text that is no token', `${MARK}.${MARK}.${MARK}`, 'Deny'],
  ['scopes that do not suffice', accessToken(key, { claims: { ...claims, scope: MARK } }), 'forbidden'],
];

function effectOf(invocation: Awaited<ReturnType<Deployed['invoke']>>): string {
  if ('error' in invocation) return invocation.error === 'Unauthorized' ? 'forbidden' : invocation.error;
  return (invocation.result as PolicyAnswer).policyDocument.Statement[0].Effect;
}

test('AUTHZ-05 a secret in any field of any event is in no line of output, no answer and no error', async () => {
  const door = await Deployed.start(
    'front-door/authorize.handler.ts',
    {
      USER_POOL_ID: POOL,
      USER_POOL_CLIENT_IDS: CLIENT,
      AWS_ENDPOINT_URL: jwks.url,
      [MARK.toUpperCase()]: MARK,
    },
    { 'policy.json': JSON.stringify(POLICY) },
  );
  const answers: unknown[] = [];
  for (const [name, token, effect] of TOKENS) {
    const event = marked(authorizerEvent(token === undefined ? {} : { token }), ROUTING);
    const invocation = await door.invoke(event);
    answers.push(invocation);
    expect([name, effectOf(invocation)]).toEqual([name, effect]);
  }
  // not routed at all: every text is a secret, the method and the ARN too
  for (const kept of [[], ['type'], ROUTING.slice(0, 4), ROUTING.filter((place) => place !== 'methodArn')]) {
    const invocation = await door.invoke(marked(authorizerEvent({ token: good }), kept));
    answers.push(invocation);
    expect(effectOf(invocation)).toBe('Deny');
  }
  // keys that cannot be had, in a body that quotes what was asked
  jwks.answer(500, MARK, { [`x-${MARK}`]: MARK });
  answers.push(await door.invoke(authorizerEvent({ token: accessToken(stranger, { claims }) })));
  jwks.serve(key);
  await door.stop();

  expect(JSON.stringify(answers)).not.toContain(MARK);
  expect(door.output).not.toContain(MARK);
  expect(door.output).not.toContain('eyJ');
  // the search is not vacuous: every event has left its line, and the good one its caller in the answer
  expect(door.output.match(/"event":"decision"/g)).toHaveLength(answers.length);
  expect(answers[0]).toMatchObject({ result: { context: HANDED_ON } });
}, 60_000);

test('AUTHZ-05 the same for an HTTP API: a secret in any field of any event is nowhere', async () => {
  const door = await Deployed.start(
    'front-door/authorize.handler.ts',
    { USER_POOL_ID: POOL, USER_POOL_CLIENT_IDS: CLIENT, AWS_ENDPOINT_URL: jwks.url },
    { 'policy.json': JSON.stringify({ ...POLICY, api: 'http' }) },
  );
  const expected = {
    Allow: { result: { isAuthorized: true, context: HANDED_ON } },
    Deny: { error: 'Unauthorized' },
    forbidden: { result: { isAuthorized: false, context: {} } },
  };
  for (const [name, token, effect] of TOKENS) {
    const headers = { Cookie: [`${MARK}=${MARK}`] };
    const event = httpAuthorizerEvent({ headers, ...(token === undefined ? {} : { token }) });
    const invocation = await door.invoke(marked(event, HTTP_ROUTING));
    expect([name, invocation]).toEqual([name, expected[effect]]);
  }
  for (const kept of [['version'], ['version', 'type'], HTTP_ROUTING.slice(0, 4)]) {
    const event = httpAuthorizerEvent({ token: good });
    expect(await door.invoke(marked(event, kept))).toEqual(expected.Deny);
  }
  await door.stop();

  expect(door.output).not.toContain(MARK);
  expect(door.output).not.toContain('eyJ');
  expect(door.output.match(/"event":"decision"/g)).toHaveLength(TOKENS.length + 3);
}, 60_000);

test('AUTHZ-05 the id which API Gateway gives a request is in the log, and no other text in its place', async () => {
  const door = await Deployed.start(
    'front-door/authorize.handler.ts',
    { USER_POOL_ID: POOL, USER_POOL_CLIENT_IDS: CLIENT, AWS_ENDPOINT_URL: jwks.url },
    { 'policy.json': JSON.stringify(POLICY) },
  );
  const event = authorizerEvent();
  await door.invoke(event);
  await door.invoke({ ...event, requestContext: { ...event.requestContext, requestId: 'anne@example.com' } });
  await door.stop();

  const ids = door.output
    .split('\n')
    .filter((line) => line.includes('"event":"decision"'))
    .map((line) => (JSON.parse(line) as { requestId: string }).requestId);
  expect(ids).toEqual([REQUEST_ID, '']);
}, 60_000);
