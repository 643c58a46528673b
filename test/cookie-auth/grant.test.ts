/** What is made of a token endpoint's answers and of verified claims. */
import { createHash } from 'node:crypto';

import {
  failureOf,
  identityOfAccessToken,
  identityOfIdToken,
  isBoundTo,
  readTokenAnswer,
  signInOf,
} from '../../lambdas/cookie-auth/core/grant';

const TOKENS = { access_token: 'a', token_type: 'Bearer' };

describe('LOGIN-07 an answer of the token endpoint', () => {
  test('has at least an access token of type Bearer, in any case', () => {
    for (const token_type of ['Bearer', 'bearer', 'BEARER']) {
      expect(readTokenAnswer({ access_token: 'a', token_type })).toEqual({
        accessToken: 'a',
        expiresIn: 300,
      });
    }
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'access_token'],
    ['no access token', { token_type: 'Bearer' }],
    ['an empty access token', { ...TOKENS, access_token: '' }],
    ['an access token that is no text', { ...TOKENS, access_token: 7 }],
    ['no type', { access_token: 'a' }],
    ['a type that is no text', { ...TOKENS, token_type: ['Bearer'] }],
    ['another type', { ...TOKENS, token_type: 'DPoP' }],
    ['a life that is over', { ...TOKENS, expires_in: 0 }],
    ['a life below nothing', { ...TOKENS, expires_in: -1 }],
    ['a life that is no number', { ...TOKENS, expires_in: 'soon' }],
    ['an endless life', { ...TOKENS, expires_in: 'Infinity' }],
  ])('with %s is none', (_, body) => {
    expect(readTokenAnswer(body)).toBeUndefined();
    expect(readTokenAnswer(TOKENS)).toBeDefined();
  });

  test.each([
    [1, 1],
    ['300', 300],
    [86_400, 86_400],
    [86_401, 86_400],
  ])('with a life of %j is believed for %i seconds', (expires_in, expiresIn) => {
    expect(readTokenAnswer({ ...TOKENS, expires_in })).toEqual({ accessToken: 'a', expiresIn });
  });

  test('keeps the other texts, and only texts', () => {
    const more = { id_token: 'i', refresh_token: 'r', scope: 's t', x: 'y' };

    expect(readTokenAnswer({ ...TOKENS, ...more, expires_in: 60 })).toEqual({
      accessToken: 'a',
      expiresIn: 60,
      idToken: 'i',
      refreshToken: 'r',
      scope: 's t',
    });
    for (const none of ['', 7, null]) {
      expect(readTokenAnswer({ ...TOKENS, id_token: none, refresh_token: none, scope: none })).toEqual({
        accessToken: 'a',
        expiresIn: 300,
      });
    }
  });

  test.each<[number, unknown, string]>([
    [400, { error: 'invalid_grant' }, 'refused'],
    [503, { error: 'invalid_grant' }, 'refused'],
    [400, { error: 'invalid_request' }, 'misconfigured'],
    [401, { error: 'invalid_client' }, 'misconfigured'],
    [499, { error: 'other' }, 'misconfigured'],
    [399, { error: 'other' }, 'unavailable'],
    [500, { error: 'other' }, 'unavailable'],
    [408, { error: 'other' }, 'unavailable'],
    [429, { error: 'other' }, 'unavailable'],
    [400, { error: '' }, 'unavailable'],
    [400, { error: 7 }, 'unavailable'],
    [400, {}, 'unavailable'],
    [400, null, 'unavailable'],
    [400, undefined, 'unavailable'],
    [400, 'invalid_grant', 'unavailable'],
  ])('%i with %j is %s', (status, body, failure) => {
    expect(failureOf(status, body)).toBe(failure);
  });
});

describe('who somebody is', () => {
  const settings = { clientId: 'client-1', scope: 'openid  widgets/read', groupsClaim: 'groups' };
  const nobody = [undefined, null, '', 7];

  test('by an id token, whose groups are texts of a list', () => {
    expect(identityOfIdToken({ sub: 'ada', groups: ['a', 7, '', 'b c'] }, settings)).toEqual({
      subject: 'ada',
      clientId: 'client-1',
      scopes: ['openid', 'widgets/read'],
      groups: ['a', 'b c'],
    });
    for (const groups of [undefined, 'admins', { 0: 'admins' }]) {
      expect(identityOfIdToken({ sub: 'ada', groups }, settings)?.groups).toEqual([]);
    }
    const without = { ...settings, groupsClaim: undefined };
    expect(identityOfIdToken({ sub: 'ada', groups: ['a'], undefined: ['b'] }, without)?.groups).toEqual([]);
    for (const sub of nobody) expect(identityOfIdToken({ sub }, settings)).toBeUndefined();
  });

  test('by an access token of Cognito, as the front door reads it', () => {
    const claims = { sub: 'ada', client_id: 'client-1', scope: 'a  b', 'cognito:groups': ['x', null, 'y'] };

    expect(identityOfAccessToken(claims)).toEqual({
      subject: 'ada',
      clientId: 'client-1',
      scopes: ['a', 'b'],
      groups: ['x', 'y'],
    });
    expect(identityOfAccessToken({ ...claims, scope: undefined, 'cognito:groups': 'x' })).toEqual({
      subject: 'ada',
      clientId: 'client-1',
      scopes: [],
      groups: [],
    });
    for (const none of nobody) {
      expect(identityOfAccessToken({ ...claims, sub: none })).toBeUndefined();
      expect(identityOfAccessToken({ ...claims, client_id: none })).toBeUndefined();
    }
  });

  test('and how and when they signed in, where the claims have the right form', () => {
    expect(signInOf({ acr: 'level-2', amr: ['pwd', 7, 'otp'], auth_time: 9, x: 1 })).toEqual({
      acr: 'level-2',
      amr: ['pwd', 'otp'],
      authTime: 9,
    });
    expect(signInOf({ acr: 2, amr: 'pwd', auth_time: '9' })).toEqual({});
    expect(signInOf({})).toEqual({});
  });
});

describe('LOGIN-03 an access token and the hash of it in an id token', () => {
  const half = (hash: string, bytes: number): string =>
    createHash(hash).update('token').digest().subarray(0, bytes).toString('base64url');

  test.each([
    ['RS256', half('sha256', 16)],
    ['ES384', half('sha384', 24)],
    ['RS512', half('sha512', 32)],
    ['EdDSA', half('sha512', 32)],
    // digits elsewhere than at the end name no hash
    ['A256X', half('sha512', 32)],
  ])('of %s belong together by half of the hash that it names', (algorithm, at_hash) => {
    expect(isBoundTo({ at_hash }, algorithm, 'token')).toBe(true);
    expect(isBoundTo({ at_hash }, algorithm, 'other')).toBe(false);
  });

  test('do not where the hash is whole, cut, empty or no text, and may where there is none', () => {
    expect(isBoundTo({}, 'RS256', 'token')).toBe(true);
    for (const at_hash of [half('sha256', 32), half('sha256', 15), half('sha384', 16), '', 7, null]) {
      expect(isBoundTo({ at_hash }, 'RS256', 'token')).toBe(false);
    }
  });
});
