/** The Authorization header in all its forms (RFC 9110 section 11.6.2, RFC 6750 section 2.1), and scopes. */
import type { Outcome } from '../../lambdas/front-door/core/answer';
import { openDoor, type Door } from './door';
import {
  allowing,
  askingForToken,
  authorizerEvent,
  CALLER_CONTEXT,
  denying,
  NOT_A_JWT,
  POLICY,
  refusingToken,
} from './events';
import { JwksServer } from './jwks-server';
import { accessToken, signingKey } from './tokens';

const key = signingKey();
const token = accessToken(key);
const { methodArn } = authorizerEvent();
const LET_IN = allowing(methodArn);
const MISSING = denying(askingForToken('widgets/read'), 'credentials_missing');
const MALFORMED = denying(refusingToken(NOT_A_JWT, 'widgets/read'), 'credentials_malformed');
const AMBIGUOUS = denying(
  refusingToken('credentials of one kind more than once', 'widgets/read'),
  'credentials_ambiguous',
);

let jwks: JwksServer;
let door: Door;

beforeAll(async () => {
  jwks = await JwksServer.start(key);
  door = openDoor(jwks.url);
});

afterAll(() => jwks.stop());

describe('the Authorization header', () => {
  test.each<[string, readonly string[], unknown]>([
    ['Bearer', [`Bearer ${token}`], LET_IN],
    ['bearer in lower case', [`bearer ${token}`], LET_IN],
    ['BEARER in upper case', [`BEARER ${token}`], LET_IN],
    ['several spaces', [`Bearer    ${token}`], LET_IN],
    ['no header', [], MISSING],
    ['another scheme', ['Basic dXNlcjpwYXNz'], MISSING],
    ['another scheme that carries the token', [`DPoP ${token}`], MISSING],
    ['another scheme without credentials', ['Negotiate'], MISSING],
    ['a scheme that begins alike', [`BearerX ${token}`], MISSING],
    ['empty', [''], MALFORMED],
    ['the scheme alone', ['Bearer'], MALFORMED],
    ['the scheme and a space', ['Bearer '], MALFORMED],
    ['no space between', [`Bearer${token}`], MISSING],
    ['a tab between', [`Bearer\t${token}`], MALFORMED],
    ['a colon between', [`Bearer: ${token}`], MALFORMED],
    ['a space before', [` Bearer ${token}`], MALFORMED],
    ['a space behind', [`Bearer ${token} `], MALFORMED],
    ['the scheme twice', [`Bearer Bearer ${token}`], MALFORMED],
    ['the token twice', [`Bearer ${token} ${token}`], MALFORMED],
    ['two credentials in one field', [`Bearer ${token}, Bearer ${token}`], MALFORMED],
    ['the token as a parameter', [`Bearer token="${token}"`], MALFORMED],
    ['the token alone, which is itself the name of a scheme', [token], MISSING],
    ['two fields, the same', [`Bearer ${token}`, `Bearer ${token}`], AMBIGUOUS],
    ['two fields, the good one first', [`Bearer ${token}`, 'Bearer x'], AMBIGUOUS],
    ['two fields, the good one last', ['Basic dXNlcjpwYXNz', `Bearer ${token}`], AMBIGUOUS],
  ])('%s', async (_name, values, expected) => {
    const event = authorizerEvent({ headers: { authorization: values } });

    expect((await door(event)).answer).toEqual(expected);
  });

  // a pattern that goes over the blanks from each of them anew takes hours for these
  test('AUTHZ-04 blanks without number are passed over once', async () => {
    const sent = (text: string): Promise<Outcome> =>
      door(authorizerEvent({ headers: { authorization: [`Bearer${' '.repeat(2_000_000)}${text}`] } }));

    expect((await sent('\u2028')).answer).toEqual(MALFORMED);
    expect((await sent(token)).answer).toEqual(LET_IN);
  });

  test('two fields whose names differ in case are two', async () => {
    const event = authorizerEvent({ token, headers: { authorization: [`Bearer ${token}`] } });

    expect((await door(event)).answer).toEqual(AMBIGUOUS);
  });

  test('a token in the query, the path, the body or another header is not looked at', async () => {
    const event = {
      ...authorizerEvent({ headers: { 'X-Access-Token': [token], Cookie: [`access_token=${token}`] } }),
      queryStringParameters: { access_token: token },
      multiValueQueryStringParameters: { access_token: [token] },
      pathParameters: { access_token: token },
      body: `access_token=${token}`,
      authorizationToken: `Bearer ${token}`,
    };

    expect((await door(event)).answer).toEqual(MISSING);
  });
});

describe('scopes', () => {
  const both = openBoth();

  function openBoth(): (scope: string | undefined) => Promise<unknown> {
    const policy = {
      ...POLICY,
      operations: { 'GET /widgets': [[{ scheme: 'cognito', scopes: ['widgets/read', 'widgets/write'] }]] },
    };
    return async (scope) => {
      const ask = openDoor(jwks.url, policy);
      return (await ask.withToken(accessToken(key, { claims: { scope } }))).answer;
    };
  }

  test.each<[string, string | undefined]>([
    ['none', undefined],
    ['an empty claim', ''],
    ['one of two', 'widgets/read'],
    ['the other of two', 'widgets/write'],
    ['both in another case', 'Widgets/Read Widgets/Write'],
    ['both as prefixes', 'widgets/reader widgets/writer'],
    ['both in one word', 'widgets/read,widgets/write'],
    ['separated by a tab', 'widgets/read\twidgets/write'],
    ['a wildcard', 'widgets/*'],
  ])('forbidden: %s', async (_name, scope) => {
    expect(await both(scope)).toBe('thrown');
  });

  test.each<[string, string, string]>([
    ['both', 'widgets/read widgets/write', 'widgets/read widgets/write'],
    [
      'in the other order, and more',
      'openid widgets/write widgets/read',
      'openid widgets/write widgets/read',
    ],
    ['with two spaces between', 'widgets/read  widgets/write', 'widgets/read widgets/write'],
  ])('let in: %s', async (_name, scope, handedOn) => {
    expect(await both(scope)).toEqual(allowing(methodArn, { ...CALLER_CONTEXT, scopes: handedOn }));
  });

  test('an operation that names none lets any token in', async () => {
    const event = authorizerEvent({
      resource: '/info',
      token: accessToken(key, { claims: { scope: undefined } }),
    });

    expect((await door(event)).answer).toEqual(allowing(event.methodArn, { ...CALLER_CONTEXT, scopes: '' }));
  });
});

describe('groups', () => {
  test.each<[string, unknown, string]>([
    ['a list', ['admins', 'domain admins', '100%'], 'admins domain%20admins 100%25'],
    ['what is no text left out', ['admins', 7, null, '', ['x']], 'admins'],
    ['a text, which is no list', 'admins', ''],
    ['an object', { 0: 'admins', length: 1 }, ''],
  ])('%s', async (_name, groups, handedOn) => {
    const outcome = await door.withToken(accessToken(key, { claims: { 'cognito:groups': groups } }));

    expect(outcome.answer).toEqual(allowing(methodArn, { ...CALLER_CONTEXT, groups: handedOn }));
  });
});
