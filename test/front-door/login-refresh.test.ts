/** Whom a refusal leads to the login: a page whose session is over, by the word of the edge, to this origin alone. */
import { refreshContext } from '../../lambdas/front-door/core/challenge';

const LOGIN = '/api/auth/login?returnTo=%2Fapi%2Fwidgets%3Flimit%3D2';

function refreshFor(...logins: string[]): string | undefined {
  return refreshContext('session_ended', { 'sallyport-login': logins }).refresh;
}

test('a page whose session is over is led to the login it came with', () => {
  for (const reason of ['session_ended', 'session_expired', 'session_invalid'] as const) {
    expect(refreshContext(reason, { 'sallyport-login': [LOGIN] })).toEqual({ refresh: `0; url=${LOGIN}` });
  }
});

test('a refusal that a new session does not mend leads nowhere, nor one of a request that is no page', () => {
  for (const reason of [
    'credentials_missing',
    'credentials_ambiguous',
    'token_expired',
    'operation_unknown',
    'scope_missing',
    'session_unavailable',
  ] as const) {
    expect(refreshContext(reason, { 'sallyport-login': [LOGIN] })).toEqual({});
  }
  expect(refreshContext('session_ended', {})).toEqual({});
  expect(refreshFor(LOGIN)).toBeDefined();
});

test.each([
  'https://evil.example/login?returnTo=%2F',
  '//evil.example/login?returnTo=%2F',
  '/\\evil.example/login?returnTo=%2F',
  'javascript:alert(1)',
  '/api/auth/logout',
  '/api/auth/login',
  '/api/auth/login?returnTo=/x',
  '/api/auth/login?returnTo=%2Fx; url=https://evil.example',
  '/api/auth/login?returnTo=%2Fx\r\nSet-Cookie: a=b',
  '/api/auth/login?returnTo=%2Fx"',
  '',
])('LOGIN-05 %j is repeated in no answer', (login) => {
  expect(refreshFor(login)).toBeUndefined();
  expect(refreshFor(LOGIN)).toBe(`0; url=${LOGIN}`);
});

test('LOGIN-05 a login of any length is not repeated', () => {
  expect(refreshFor(`${LOGIN}${'x'.repeat(4001)}`)).toBeUndefined();
  expect(refreshFor(`${LOGIN}${'x'.repeat(900)}`)).toBeDefined();
});

test('a place that is said twice is not believed', () => {
  expect(refreshFor(LOGIN, LOGIN)).toBeUndefined();
});
