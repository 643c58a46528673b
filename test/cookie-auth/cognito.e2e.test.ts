/** Sign-in by cookies against the deployed stack and the emulated Cognito: real redirects, cookies and tokens. */
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';

import { clientSettings } from '../../local/aws';
import { localStack, signedIn, READ } from '../local-stack';
import { Browser, locationOf, type Page } from './browser';

const SITE = localStack().siteUrl;
const SESSION = /__Host-session=([^;]+)/;

function open(): Browser {
  return new Browser(SITE);
}

function answers(name = 'ada'): Record<string, string> {
  const user = localStack().users.find(({ email }) => email.startsWith(`${name}@`))!;
  return { username: user.email, email: user.email, password: user.password };
}

async function signedInBrowser(): Promise<Browser> {
  const browser = open();
  expect((await browser.signIn(answers())).status).toBe(303);
  return browser;
}

function json({ text }: Page): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}

function nameOfCookie(line: string): string {
  return line.slice(0, line.indexOf('='));
}

async function sessionRows(): Promise<Record<string, unknown>[]> {
  const { emulatorUrl, sessionsTableName } = localStack();
  const client = new DynamoDBClient(clientSettings(emulatorUrl));
  const { Items = [] } = await client.send(new ScanCommand({ TableName: sessionsTableName }));
  client.destroy();
  return Items;
}

describe('signing in', () => {
  test('goes through the login pages to the place it was started from, and the session opens the API', async () => {
    const browser = open();
    const done = await browser.signIn(answers(), '/widgets?page=2#end');

    expect(done.status).toBe(303);
    expect(locationOf(done)).toBe(`${SITE}/widgets?page=2#end`);
    expect((await browser.site('/api/widgets')).status).toBe(200);
    expect((await open().site('/api/widgets')).status).toBe(401);
  });

  test('COOKIE-05 the attributes of both cookies are exactly these, and a strict jar takes them', async () => {
    const browser = open();
    const start = await browser.site('/api/auth/login');
    const state = new URL(locationOf(start)).searchParams.get('state')!;
    const login = start.setCookies[0]!;
    const done = await browser.send(await browser.fill(locationOf(start), answers()));
    const session = done.setCookies.find((line) => line.startsWith('__Host-session='))!;

    expect(nameOfCookie(login)).toBe(`__Host-login-${state.slice(0, 8)}`);
    expect(login.replace(/=[^;]*;/, '=…;')).toBe(
      `__Host-login-${state.slice(0, 8)}=…; Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Lax`,
    );
    expect(session.replace(/=[^;]*;/, '=…;')).toBe(
      '__Host-session=…; Max-Age=43200; Path=/; Secure; HttpOnly; SameSite=Strict',
    );
    expect(await browser.cookies()).toMatch(/^__Host-session=[^;]+$/);
  });

  test('the authorization request has state, nonce and PKCE S256 and no secret of the login', async () => {
    const browser = open();
    const { searchParams } = new URL(locationOf(await browser.site('/api/auth/login')));

    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      redirect_uri: `${SITE}/api/auth/callback`,
      scope: 'openid widgets/read widgets/write',
      state: expect.stringMatching(/^[\w-]{43}$/) as string,
      nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge_method: 'S256',
    });
  });

  test('a registration is a login that starts at the page for new users; other prompts are refused', async () => {
    const browser = open();
    const start = await browser.site('/api/auth/login?prompt=create&returnTo=/widgets');
    const { pathname, searchParams } = new URL(locationOf(start));

    expect(pathname).toBe('/signup');
    expect(searchParams.get('state')).toMatch(/^[\w-]{43}$/);
    expect(start.setCookies).toEqual([expect.stringMatching(/^__Host-login-/)]);
    expect((await browser.site('/api/auth/login?prompt=none')).status).toBe(400);
  });

  test('LOGIN-01 a callback without state, with another browser’s, or used: 400, a page, and no session', async () => {
    const [mine, other] = [open(), open()];
    const url = new URL(await mine.authorize(answers()));
    const without = new URL(url);
    without.searchParams.delete('state');
    const refusals = [
      await mine.send(without.href),
      await other.send(url.href),
      await other.site('/api/auth/callback'),
    ];
    const before = await mine.cookies();
    const good = await mine.send(url.href);
    // once in the same browser, whose login is done, and once by a thief who has copied everything
    const again = [await mine.send(url.href), await mine.send(url.href, { cookie: before })];

    expect(good.status).toBe(303);
    for (const page of [...refusals, ...again]) {
      expect(page.status).toBe(400);
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(page.setCookies.join()).not.toMatch(SESSION);
    }
  });

  test('LOGIN-02 a code of another login is refused, since the verifier does not match; its own is taken', async () => {
    const [victim, attacker] = [open(), open()];
    const stolen = new URL(await attacker.authorize(answers('eve'))).searchParams.get('code')!;
    const url = new URL(await victim.authorize(answers()));
    const injected = new URL(url);
    injected.searchParams.set('code', stolen);
    const refused = await victim.send(injected.href);
    const twin = open();

    expect(refused.status).toBe(400);
    expect(refused.text).toContain('code_refused');
    expect(refused.setCookies.join()).not.toMatch(SESSION);
    expect((await twin.signIn(answers())).status).toBe(303);
  });

  test('LOGIN-04 an error of the provider is a clear page that repeats nothing of the query', async () => {
    const browser = open();
    const state = new URL(locationOf(await browser.site('/api/auth/login'))).searchParams.get('state')!;
    const evil = encodeURIComponent('<script>alert(1)</script>');
    const page = await browser.site(
      `/api/auth/callback?error=access_denied&error_description=${evil}&state=${state}`,
    );

    expect(page.status).toBe(400);
    expect(page.text).toContain('You were not signed in');
    expect(page.text).toContain('access_denied');
    expect(page.text).not.toContain('script');
    expect(page.setCookies).toEqual([expect.stringMatching(/^__Host-login-[\w-]{8}=; Max-Age=0;/)]);
    expect((await browser.signIn(answers())).status).toBe(303);
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    'https:evil.example',
    '/%09/evil',
    '/.//evil.example',
    '/\t/evil',
  ])('LOGIN-05 returnTo %j stays on this site', async (returnTo) => {
    const done = await open().signIn(answers(), returnTo);

    expect(new URL(locationOf(done)).origin).toBe(SITE);
    expect(new URL(locationOf(done)).pathname).not.toMatch(/^\/[/\\]/);
  });

  test('LOGIN-06 two tabs that start at once both get in', async () => {
    const browser = open();
    const [first, second] = await Promise.all([
      browser.site('/api/auth/login'),
      browser.site('/api/auth/login'),
    ]);
    const urls = [
      await browser.fill(locationOf(first), answers()),
      await browser.fill(locationOf(second), answers()),
    ];

    for (const url of urls) expect((await browser.send(url)).status).toBe(303);
  });

  test('LOGIN-06 abandoned logins do not pile up past the cap, and the last one still works', async () => {
    const browser = open();
    for (let login = 0; login < 50; login++) await browser.site('/api/auth/login');
    const names = (await browser.cookies()).split('; ').filter((pair) => pair.startsWith('__Host-login-'));

    expect(names.length).toBeLessThanOrEqual(5);
    expect((await browser.signIn(answers())).status).toBe(303);
  });
});

describe('the session', () => {
  test('the back end sees the same caller as with a bearer token, under another scheme', async () => {
    const browser = await signedInBrowser();
    const { accessToken } = await signedIn('ada', READ, 'widgets/write');
    const bearer = await open().site('/api/info', { headers: { authorization: `Bearer ${accessToken}` } });
    const cookie = await browser.site('/api/info');
    const callerOf = (page: Page): Record<string, string[]> =>
      json(page)['caller'] as Record<string, string[]>;

    expect(cookie.status).toBe(200);
    expect(callerOf(cookie)['scopes']!.sort()).toEqual(callerOf(bearer)['scopes']!.sort());
    expect({ ...callerOf(cookie), scopes: [] }).toEqual({ ...callerOf(bearer), scopes: [] });
  });

  test('GET /auth/session tells who and until when, and never a token', async () => {
    const browser = await signedInBrowser();
    const page = await browser.site('/api/auth/session');

    expect(page.status).toBe(200);
    expect(json(page)).toMatchObject({
      groups: ['admins'],
      scopes: expect.arrayContaining([READ]) as string[],
    });
    expect(Date.parse(String(json(page)['expiresAt']))).toBeGreaterThan(Date.now() + 11 * 3600_000);
    expect(page.text).not.toMatch(/eyJhbGciOi|token/i);
    expect((await open().site('/api/auth/session')).status).toBe(401);
  });

  test('COOKIE-01 COOKIE-03 only the exact name counts, and junk beside it locks nobody out', async () => {
    const browser = await signedInBrowser();
    const [, value = ''] = SESSION.exec(await browser.cookies()) ?? [];
    const alike = `x__Host-session=${value}; other=z__Host-session=${value}; __host-session=${value}; __Host-session2=${value}`;
    const junk = '; __Host-login-junk=1; session=%%%; =; a; "__Host-session=x"; __Secure-session=x';

    expect((await open().site('/api/widgets', { cookie: alike })).status).toBe(401);
    expect(
      (await open().site('/api/widgets', { cookie: `${alike}; __Host-session=${value}${junk}` })).status,
    ).toBe(200);
  });

  test('COOKIE-02 the cookie twice with different values is refused; the same one twice is not', async () => {
    const [one, two] = [await signedInBrowser(), await signedInBrowser()];
    const [first, second] = [await one.cookies(), await two.cookies()];
    const refused = await open().site('/api/widgets', { cookie: `${first}; ${second}` });
    const lines = await open().site('/api/widgets', { headers: { cookie: [first, second] }, cookie: '' });

    expect([refused.status, json(refused)['reason']]).toEqual([401, 'credentials_ambiguous']);
    expect(lines.status).toBe(401);
    expect((await open().site('/api/widgets', { cookie: `${first}; ${first}` })).status).toBe(200);
  });

  test('COOKIE-06 a cookie that was touched, cut, or stands for a login is refused', async () => {
    const browser = await signedInBrowser();
    const [, value = ''] = SESSION.exec(await browser.cookies()) ?? [];
    const login = /=([^;]+)/.exec((await browser.site('/api/auth/login')).setCookies.at(-1)!)![1]!;
    const flipped = `${value.slice(0, 20)}${value[20] === 'A' ? 'B' : 'A'}${value.slice(21)}`;

    for (const bad of [
      flipped,
      value.slice(0, -4),
      `${value}AAAA`,
      login,
      '',
      'k1.',
      value.replace('k1.', 'k9.'),
    ]) {
      expect((await open().site('/api/widgets', { cookie: `__Host-session=${bad}` })).status).toBe(401);
    }
    expect((await open().site('/api/widgets', { cookie: `__Host-session=${value}` })).status).toBe(200);
  });

  test('AUTHZ-02 a verdict about one browser or operation is used for no other', async () => {
    const browser = await signedInBrowser();
    const statuses = [
      (await browser.site('/api/widgets')).status,
      (await open().site('/api/widgets')).status,
      (await browser.change('/api/widgets', { method: 'DELETE' })).status,
      (await browser.site('/api/widgets')).status,
    ];

    expect(statuses).toEqual([200, 401, 404, 200]);
  });

  test('rows hold nothing of the person or the tokens that the cookie’s key does not open', async () => {
    await signedInBrowser();
    const rows = await sessionRows();

    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(Object.keys(row).sort()).toEqual(['expiresAt', 'id', 'sealed', 'version']);
    expect(JSON.stringify(rows)).not.toMatch(/eyJhbGciOi|widgets|admins|example/);
  });
});

describe('changes by cookie', () => {
  const body = JSON.stringify({ name: 'By cookie' });
  const type = { 'content-type': 'application/json' };

  test('CSRF-01 an unsafe method needs the header, the origin and, where it is sent, the fetch site', async () => {
    const browser = await signedInBrowser();
    const send = async (headers: Record<string, string>): Promise<number> =>
      (await browser.site('/api/widgets', { method: 'POST', body, headers: { ...type, ...headers } })).status;
    const good = { 'x-sallyport-csrf': '1', origin: SITE, 'sec-fetch-site': 'same-origin' };

    for (const bad of [
      {},
      { origin: SITE, 'sec-fetch-site': 'same-origin' },
      { ...good, 'x-sallyport-csrf': '0' },
      { 'x-sallyport-csrf': '1' },
      { ...good, origin: 'https://evil.example' },
      { ...good, origin: 'null' },
      { ...good, origin: `${SITE}.evil.example` },
      { ...good, 'sec-fetch-site': 'cross-site' },
      { ...good, 'sec-fetch-site': 'same-site' },
    ]) {
      expect(await send(bad as Record<string, string>)).toBe(403);
    }
    expect(await send(good)).toBe(201);
    expect(await send({ 'x-sallyport-csrf': '1', origin: SITE })).toBe(201);
  });

  test('CSRF-01 a bearer request is not subject to it, since a browser never adds a token by itself', async () => {
    const { accessToken } = await signedIn('ada', READ, 'widgets/write');
    const headers = { ...type, authorization: `Bearer ${accessToken}` };

    expect((await open().site('/api/widgets', { method: 'POST', body, headers })).status).toBe(201);
  });

  test('CSRF-02 no link, image or form of another site signs out or refreshes', async () => {
    const browser = await signedInBrowser();
    const cross = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };

    expect((await browser.site('/api/auth/logout')).status).toBe(404);
    expect((await browser.site('/api/auth/logout', { method: 'POST', headers: cross })).status).toBe(403);
    expect((await browser.site('/api/auth/session')).status).toBe(200);
    expect((await browser.change('/api/auth/logout')).status).toBe(200);
  });
});

describe('signing out', () => {
  test('SESSION-03 ends the session for whoever has a copy of the cookie, and removes the cookie', async () => {
    const [browser, other] = [await signedInBrowser(), await signedInBrowser()];
    const copy = await browser.cookies();
    const rows = (await sessionRows()).length;
    const out = await browser.change('/api/auth/logout');
    const logoutUrl = new URL(String(json(out)['logoutUrl']));

    expect(out.status).toBe(200);
    expect(out.setCookies).toEqual(['__Host-session=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict']);
    expect(await browser.cookies()).toBe('');
    expect(logoutUrl.pathname).toBe('/logout');
    expect(logoutUrl.searchParams.get('logout_uri')).toBe(`${SITE}/`);
    expect((await fetch(logoutUrl, { redirect: 'manual' })).status).toBe(302);
    expect((await sessionRows()).length).toBe(rows - 1);

    const refused = await open().site('/api/widgets', { cookie: copy });

    expect([refused.status, json(refused)['reason']]).toEqual([401, 'session_ended']);
    expect((await other.site('/api/widgets')).status).toBe(200);
  });
});
