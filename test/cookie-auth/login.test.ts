/** Login and callback: whose login it is, where it goes, and what may go wrong. */
import type { Cookie } from '../../lambdas/_kernel/cookies';
import { finishLogin } from '../../lambdas/cookie-auth/core/callback';
import {
  challengeOf,
  loginCookieName,
  newLogin,
  sealLogin,
  surplusLogins,
} from '../../lambdas/cookie-auth/core/login';
import { problemPage } from '../../lambdas/cookie-auth/core/page';
import { placeOnSite } from '../../lambdas/cookie-auth/core/return-to';
import { AUDIENCE, givenRing, grant, NOW, random } from './sample';

const ring = givenRing('k1');
const login = newLogin('https://site.test/', NOW, random);
const cookie: Cookie = [loginCookieName(login.state), sealLogin(ring, AUDIENCE, login, random)];
const MINUTE = 60_000;

async function finished(
  callback: Parameters<typeof finishLogin>[0],
  {
    cookies = [cookie],
    now = NOW,
    audience = AUDIENCE,
  }: { cookies?: Cookie[]; now?: number; audience?: string } = {},
): Promise<string> {
  const result = await finishLogin(
    callback,
    { ring, audience, cookies, now },
    {
      isIssuer: async (iss) => iss !== 'https://evil.test',
      exchange: async (code, { verifier }) =>
        code === 'good' && verifier === login.verifier
          ? { ok: true, grant: grant() }
          : { ok: false, failure: 'refused' },
    },
  );
  return result.ok ? 'ok' : result.problem;
}

const good = { state: login.state, code: 'good' };

describe('the callback', () => {
  test('LOGIN-01 belongs to a login of this browser that is not too old', async () => {
    const other = newLogin('https://site.test/', NOW, random);
    const alike = { ...other, state: login.state.slice(0, 8) + other.state.slice(8) };
    const foreign: Cookie = [cookie[0], sealLogin(ring, AUDIENCE, alike, random)];

    expect(await finished(good)).toBe('ok');
    expect(await finished(good, { now: NOW + 10 * MINUTE - 1 })).toBe('ok');
    for (const bad of [
      finished({ code: 'good' }),
      finished({ ...good, state: '' }),
      finished({ ...good, state: other.state }),
      finished(good, { cookies: [] }),
      finished(good, { cookies: [foreign] }),
      finished(good, { cookies: [[loginCookieName(other.state), cookie[1]]] }),
      finished(good, { now: NOW + 10 * MINUTE }),
      finished(good, { audience: 'https://other.test client-1' }),
    ]) {
      expect(await bad).toBe('login_unknown');
    }
  });

  test('COOKIE-03 junk under the login’s own name does not lock the browser out', async () => {
    expect(await finished(good, { cookies: [[cookie[0], 'junk'], cookie, ['', 'x']] })).toBe('ok');
  });

  test('LOGIN-04 errors are believed of this browser’s login only, and told apart', async () => {
    expect(await finished({ state: login.state, error: 'access_denied' })).toBe('access_denied');
    expect(await finished({ state: login.state, error: 'server_error' })).toBe('provider_error');
    expect(await finished({ error: 'access_denied' })).toBe('login_unknown');
    expect(await finished({ state: login.state })).toBe('provider_error');
    expect(await finished({ ...good, iss: 'https://evil.test' })).toBe('provider_error');
    expect(await finished({ ...good, code: 'stolen' })).toBe('code_refused');
  });

  test('the page shows what is ours alone, escaped', () => {
    expect(problemPage('access_denied', '/a"><script>').body).not.toContain('<script>');
  });
});

test('LOGIN-02 the challenge is that of RFC 7636 appendix B', () => {
  expect(challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  );
});

test('LOGIN-06 the oldest logins go first, and what does not open before them', () => {
  const cookies = Array.from({ length: 7 }, (_, index): Cookie => {
    const one = newLogin('https://site.test/', NOW + index, random);
    return [loginCookieName(one.state), sealLogin(ring, AUDIENCE, one, random)];
  });
  const junk: Cookie[] = [
    ['__Host-login-junk', 'x'],
    ['__Host-login-', ''],
    ['other', '1'],
  ];
  const surplus = surplusLogins(ring, AUDIENCE, [...junk, ...cookies], NOW);

  expect(new Set(surplus)).toEqual(
    new Set([...cookies.slice(0, 3).map(([name]) => name), '__Host-login-junk']),
  );
  expect(surplusLogins(ring, AUDIENCE, cookies.slice(0, 4), NOW)).toEqual([]);
  expect(surplusLogins(ring, AUDIENCE, cookies.slice(0, 4), NOW + 11 * MINUTE)).toHaveLength(4);
});

describe('where the browser goes afterwards', () => {
  const SITE = 'https://site.test';

  test.each([
    '//evil.test',
    '/\\evil.test',
    '\\\\evil.test',
    'https:evil.test',
    'https://evil.test',
    'evil',
    '',
    ' /a',
    '/\t/evil.test',
    '/\n/evil.test',
    '/a\u0000',
    '/a b',
    '/ä',
    '/.//evil.test',
    '/a/..//evil.test',
    '/%2e//evil.test',
    'javascript:alert(1)',
    `/${'a'.repeat(2000)}`,
    '///evil.test',
    '/\u2028/evil.test',
    '@evil.test',
    '/\\/evil.test',
  ])('LOGIN-05 %j is taken as the root', (returnTo) => {
    expect(placeOnSite(SITE, returnTo)).toBe(`${SITE}/`);
  });

  test.each([
    '/',
    '/widgets',
    '/a/b?c=d&e=//f#g',
    '/%2f%2fevil.test',
    '/a?next=https://evil.test',
    '/@evil.test',
  ])('LOGIN-05 %j is kept', (returnTo) => {
    expect(placeOnSite(SITE, returnTo)).toBe(`${SITE}${returnTo}`);
  });
});
