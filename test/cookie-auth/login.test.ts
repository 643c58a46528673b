/** Login and callback: whose login it is, where it goes, and what may go wrong. */
import type { Cookie } from '../../lambdas/_kernel/cookies';
import { type CallbackResult, finishLogin } from '../../lambdas/cookie-auth/core/callback';
import type { GrantFailure } from '../../lambdas/cookie-auth/core/grant';
import {
  challengeOf,
  loginCookieName,
  newLogin,
  provesWanted,
  sealLogin,
  surplusLogins,
} from '../../lambdas/cookie-auth/core/login';
import { problemPage, type SignInProblem } from '../../lambdas/cookie-auth/core/page';
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
  const result = await resultOf(callback, { cookies, now, audience });
  return result.ok ? 'ok' : result.problem;
}

async function resultOf(
  callback: Parameters<typeof finishLogin>[0],
  {
    cookies = [cookie],
    now = NOW,
    audience = AUDIENCE,
    failure = 'refused',
  }: { cookies?: Cookie[]; now?: number; audience?: string; failure?: GrantFailure } = {},
): Promise<CallbackResult> {
  return finishLogin(
    callback,
    { ring, audience, cookies, now },
    {
      isIssuer: async (iss) => iss !== 'https://evil.test',
      exchange: async (code, { verifier }) =>
        code === 'good' && verifier === login.verifier
          ? { ok: true, grant: grant() }
          : { ok: false, failure },
    },
  );
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

  test('LOGIN-01 a state is exactly 43 characters, whatever cookie stands beside it', async () => {
    for (const state of [`${login.state}a`, `;${login.state}`, login.state.slice(1)]) {
      const odd: Cookie = [
        `__Host-login-${state.slice(0, 8)}`,
        sealLogin(ring, AUDIENCE, { ...login, state }, random),
      ];

      expect(await finished({ ...good, state }, { cookies: [odd] })).toBe('login_unknown');
    }
    expect(await finished(good)).toBe('ok');
  });

  test('LOGIN-01 two logins under one name are refused without a guess', async () => {
    const again: Cookie = [cookie[0], sealLogin(ring, AUDIENCE, login, random)];

    expect(await finished(good, { cookies: [cookie, again] })).toBe('login_unknown');
    expect(await finished(good, { cookies: [again] })).toBe('ok');
  });

  test.each<[GrantFailure, number, string]>([
    ['refused', 400, 'code_refused'],
    ['unverified', 502, 'tokens_unverified'],
    ['slow', 504, 'provider_slow'],
    ['unavailable', 502, 'provider_unavailable'],
    ['misconfigured', 502, 'provider_unavailable'],
  ])(
    'LOGIN-07 a code that is not exchanged because it is %s: %i %s, and the login is used up',
    async (failure, status, problem) => {
      expect(await resultOf({ ...good, code: 'bad' }, { failure })).toEqual({
        ok: false,
        login,
        status,
        problem,
      });
      expect(await resultOf(good, { failure })).toEqual({ ok: true, login, grant: grant() });
    },
  );

  test('COOKIE-03 junk under the login’s own name does not lock the browser out', async () => {
    expect(await finished(good, { cookies: [[cookie[0], 'junk'], cookie, ['', 'x']] })).toBe('ok');
  });

  test('LOGIN-04 errors are believed of this browser’s login only, and told apart', async () => {
    expect(await finished({ state: login.state, error: 'access_denied' })).toBe('access_denied');
    expect(await finished({ state: login.state, error: 'server_error' })).toBe('provider_error');
    expect(await finished({ error: 'access_denied' })).toBe('login_unknown');
    expect(await finished({ state: login.state })).toBe('provider_error');
    expect(await finished({ ...good, code: '' })).toBe('provider_error');
    expect(await finished({ ...good, iss: 'https://evil.test' })).toBe('provider_error');
    expect(await finished({ ...good, code: 'stolen' })).toBe('code_refused');
  });

  test('the page shows what is ours alone, escaped', () => {
    const page = problemPage('access_denied', `/a&b"'><script>`).body;

    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toContain('href="/a&#38;b&#34;&#39;&#62;&#60;script&#62;"');
  });

  test.each<[SignInProblem, string, string]>([
    ['login_unknown', 'no longer valid', 'another browser'],
    ['access_denied', 'not signed in', 'declined'],
    ['provider_error', 'not signed in', 'reported an error'],
    ['code_refused', 'no longer valid', 'does not accept'],
    ['tokens_unverified', 'not signed in', 'could not be verified'],
    ['provider_unavailable', 'does not work', 'cannot be reached'],
    ['provider_slow', 'takes too long', 'in time'],
    ['registration_unsupported', 'cannot register', 'Ask whoever runs it'],
    ['not_proven', 'did not prove enough', 'weaker sign-in'],
  ])(
    'LOGIN-04 the page of %s has a title, says what happened, and names the reason',
    (problem, title, what) => {
      const { body: page, style, mediaType } = problemPage(problem, '/api/auth/login');

      expect(mediaType).toBe('text/html');
      expect(page.match(/<style>([^<]+)<\/style>/)?.[1]).toBe(style);
      expect(page.match(/<title>(.+)<\/title>/)?.[1]).toContain(title);
      expect(page.match(/<h1>(.+)<\/h1>/)?.[1]).toContain(title);
      expect(page.match(/<\/h1>\n<p>(.+)<\/p>/)?.[1]).toContain(what);
      expect(page).toContain(`<code>${problem}</code>`);
    },
  );
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
    ['__Host-login-a b', 'x'],
    ['x__Host-login-junk', 'x'],
    ...Array.from({ length: 60 }, (_, index): Cookie => [`other-${index}`, '1']),
  ];
  const surplus = surplusLogins(ring, AUDIENCE, [...junk, ...cookies], NOW);

  expect(new Set(surplus)).toEqual(
    new Set([...cookies.slice(0, 3).map(([name]) => name), '__Host-login-junk']),
  );
  expect(surplusLogins(ring, AUDIENCE, cookies.slice(0, 4), NOW)).toEqual([]);
  expect(surplusLogins(ring, AUDIENCE, cookies.slice(0, 4), NOW + 11 * MINUTE)).toHaveLength(4);
  // the moment a login ends it is surplus
  expect(surplusLogins(ring, AUDIENCE, cookies.slice(0, 1), NOW + 10 * MINUTE - 1)).toEqual([]);
  expect(surplusLogins(ring, AUDIENCE, cookies.slice(0, 1), NOW + 10 * MINUTE)).toHaveLength(1);
});

test('LOGIN-06 of what somebody else has piled up no more than fifty cookies are looked at', () => {
  const pile = Array.from({ length: 60 }, (_, index): Cookie => [`__Host-login-${index}`, 'x']);

  expect(surplusLogins(ring, AUDIENCE, pile, NOW)).toHaveLength(50);
});

describe('where the browser goes afterwards', () => {
  const SITE = 'https://site.test';

  test.each([
    '//evil.test',
    '//',
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
    `/${'a'.repeat(512)}`,
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

describe('a sign-in that must prove something', () => {
  const who = { subject: 'ada', acr: 'high', authTime: NOW / 1000 - 60 };
  const wanted = { acrValues: ['high', 'higher'], maxAge: 60, subject: 'ada' };

  test('STEP-05 counts for the same person, at one of the levels, and recent enough', () => {
    expect(provesWanted(wanted, who, NOW)).toBe(true);
    expect(provesWanted(undefined, { subject: 'bob' }, NOW)).toBe(true);
    expect(provesWanted({ acrValues: [] }, { subject: 'bob' }, NOW)).toBe(true);
    const { acr, ...withoutLevel } = who;
    const { authTime, ...withoutTime } = who;
    for (const other of [
      { ...who, subject: 'bob' },
      { ...who, acr: 'low' },
      withoutLevel,
      { ...who, authTime: authTime - 6 },
      withoutTime,
    ])
      expect([acr, provesWanted(wanted, other, NOW)]).toEqual(['high', false]);
    // the provider's clock may be five seconds behind
    expect(provesWanted(wanted, { ...who, authTime: authTime - 5 }, NOW)).toBe(true);
  });

  test('STEP-05 is over when it proved less, and the login with it', async () => {
    const finishedWanting = async (subject: string): Promise<CallbackResult> => {
      const stepUp = newLogin('https://site.test/', NOW, random, { acrValues: ['level-2'], subject });
      return finishLogin(
        { state: stepUp.state, code: 'good' },
        {
          ring,
          audience: AUDIENCE,
          cookies: [[loginCookieName(stepUp.state), sealLogin(ring, AUDIENCE, stepUp, random)]],
          now: NOW,
        },
        { isIssuer: async () => true, exchange: async () => ({ ok: true, grant: grant() }) },
      );
    };

    expect(await finishedWanting('ada')).toMatchObject({ ok: true });
    expect(await finishedWanting('bob')).toMatchObject({ ok: false, status: 400, problem: 'not_proven' });
  });
});
