/** The check of the front door: which cookie counts, and which request may have been forged. */
import { sessionCheck } from '../../lambdas/cookie-auth/check';
import { ADA, givenWorld, grant } from './sample';

const SITE = 'https://site.test';
const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];
const UNSAFE = ['POST', 'PUT', 'PATCH', 'DELETE', 'QUERY'];
const GOOD = { 'x-sallyport-csrf': ['1'], origin: [SITE] };

type Headers = Record<string, string[]>;

async function given(): Promise<{
  cookie: string;
  outcome: (headers: Headers, method?: string, scopes?: string[]) => Promise<string>;
  resolved: string[];
}> {
  const world = givenWorld();
  const { cookie } = await world.sessions.start(grant());
  const resolved: string[] = [];
  const check = sessionCheck('session', {
    siteUrl: () => SITE,
    resolve: async (value) => {
      resolved.push(value);
      return world.sessions.resolve(value);
    },
  });
  return {
    cookie: `__Host-session=${cookie}`,
    resolved,
    outcome: async (headers, method = 'GET', scopes = []) => {
      const result = await check({ method, headers }, scopes);
      return result.ok ? 'ok' : `${result.failure} ${result.reason}`;
    },
  };
}

test('the caller is the one of a bearer token, under the name of the scheme', async () => {
  const world = givenWorld();
  const { cookie } = await world.sessions.start(grant());
  const check = sessionCheck('session', {
    siteUrl: () => SITE,
    resolve: async (value) => world.sessions.resolve(value),
  });
  const result = await check({ method: 'GET', headers: { cookie: [`__Host-session=${cookie}`] } }, [
    'widgets/read',
  ]);
  const { subject, clientId, scopes, groups } = ADA;

  expect(result).toEqual({
    ok: true,
    caller: { subject, clientId, scheme: 'session', scopes, groups },
    session: {
      id: expect.stringMatching(/^[\w-]{22}$/) as string,
      endsAt: expect.any(Number) as number,
      acr: 'level-2',
      authTime: 1_700_000_000,
    },
  });
});

test('needs every scope of the operation', async () => {
  const { cookie, outcome } = await given();

  expect(await outcome({ cookie: [cookie] }, 'GET', ['widgets/read'])).toBe('ok');
  expect(await outcome({ cookie: [cookie] }, 'GET', ['widgets/read', 'widgets/write'])).toBe(
    'forbidden scope_missing',
  );
});

test('COOKIE-01 COOKIE-03 without the exact name nothing is reached for, whatever else is sent', async () => {
  const { cookie, outcome, resolved } = await given();

  for (const header of ['', 'a=1', `x${cookie}`, `o=${cookie}`, cookie.toLowerCase(), '__Host-session']) {
    expect(await outcome({ cookie: [header] })).toBe('missing credentials_missing');
  }
  // browsers take these for other names, which any page of a sibling domain may set
  for (const blank of ['\u00a0', '\u2000', '\u3000', '\ufeff', '\v', '\f', '\x85']) {
    expect(await outcome({ cookie: [`${blank}${cookie}`] })).toBe('missing credentials_missing');
    expect(await outcome({ cookie: [`${blank}__Host-session=x; ${cookie}`] })).toBe('ok');
    resolved.length = 0;
  }
  expect(await outcome({})).toBe('missing credentials_missing');
  expect(resolved).toEqual([]);
  expect(await outcome({ cookie: [`junk; =; x${cookie}; ${cookie}; junk; =;;`] })).toBe('ok');
});

test('COOKIE-02 two values are refused without a guess, in one header or in two', async () => {
  const { cookie, outcome, resolved } = await given();

  expect(await outcome({ cookie: [`${cookie}; __Host-session=x`] })).toBe('invalid credentials_ambiguous');
  expect(await outcome({ cookie: ['__Host-session=x', cookie] })).toBe('invalid credentials_ambiguous');
  expect(resolved).toEqual([]);
  expect(await outcome({ cookie: [cookie, cookie] })).toBe('ok');
});

test.each(UNSAFE)(
  'CSRF-01 %s needs header and origin, and the fetch site where there is one',
  async (method) => {
    const { cookie, outcome } = await given();
    const send = async (headers: Headers): Promise<string> =>
      outcome({ ...headers, cookie: [cookie] }, method);

    expect(await send({})).toBe('forbidden csrf_header_missing');
    expect(await send({ ...GOOD, 'x-sallyport-csrf': ['1', '1'] })).toBe('forbidden csrf_header_missing');
    expect(await send({ 'x-sallyport-csrf': ['1'] })).toBe('forbidden csrf_origin_wrong');
    for (const origin of [
      'null',
      'http://site.test',
      'https://site.test:444',
      'https://site.test.evil.test',
      '',
    ]) {
      expect(await send({ ...GOOD, origin: [origin] })).toBe('forbidden csrf_origin_wrong');
    }
    expect(await send({ ...GOOD, origin: [SITE, 'https://evil.test'] })).toBe('forbidden csrf_origin_wrong');
    for (const site of ['cross-site', 'same-site', 'none']) {
      expect(await send({ ...GOOD, 'sec-fetch-site': [site] })).toBe('forbidden csrf_site_wrong');
    }
    expect(await send(GOOD)).toBe('ok');
    expect(await send({ ...GOOD, 'sec-fetch-site': ['same-origin'] })).toBe('ok');
  },
);

test.each(SAFE)('CSRF-01 %s changes nothing and needs none of it', async (method) => {
  const { cookie, outcome } = await given();

  expect(await outcome({ cookie: [cookie] }, method)).toBe('ok');
});

test('CSRF-02 a forged request with a good cookie does not even refresh', async () => {
  const { cookie, outcome, resolved } = await given();
  await outcome({ cookie: [cookie], origin: ['https://evil.test'] }, 'POST');

  expect(resolved).toEqual([]);
});
