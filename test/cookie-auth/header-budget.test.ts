/** Whether the largest cookies this project sets leave a browser's request within what API Gateway takes. */
import { CookieJar } from 'tough-cookie';

import { hostCookie, parseCookies, type HostCookieName } from '../../lambdas/_kernel/cookies';
import { SESSION_COOKIE } from '../../lambdas/cookie-auth/contract';
import {
  LOGIN_SECONDS,
  loginCookieName,
  newLogin,
  sealLogin,
  surplusLogins,
} from '../../lambdas/cookie-auth/core/login';
import { placeOnSite } from '../../lambdas/cookie-auth/core/return-to';
import { parseKeyRing } from '../../lambdas/cookie-auth/core/seal';
import { newTicket, sealTicket } from '../../lambdas/cookie-auth/core/session';
import { NOW, random } from './sample';

/** Bytes of request line and header values together, of a REST API and of an HTTP API. */
const LIMIT = 10_240;
/** A host name of 253 characters is the longest there is (RFC 1035 section 2.3.4). */
const LONGEST_SITE = `https://${`${'h'.repeat(49)}.`.repeat(5)}tld`;
const SITES = ['https://app.example.com', LONGEST_SITE];
/** Ids of keys have at most 32 characters. */
const KEY_ID = 'k'.repeat(32);
const RING = parseKeyRing(JSON.stringify({ current: KEY_ID, [KEY_ID]: 'x'.repeat(64) }))!;
/** Of every length: what is kept as it is, and what parsing writes as three characters. */
const PLACES = ['a', '"', '{', '%'].flatMap((character) =>
  Array.from({ length: 700 }, (_, length) => `/${character.repeat(length)}`),
);

/** What desktop Chromium sends with a navigation beside its cookies, and CloudFront in front of the API. */
const HEADERS = {
  Host: 'abcdefghij.execute-api.ap-southeast-2.amazonaws.com',
  'User-Agent':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36 Edg/149.0.0.0',
  Accept:
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'de-AT,de;q=0.9,en-GB;q=0.8,en;q=0.7,fr;q=0.6',
  'Sec-CH-UA': '"Microsoft Edge";v="149", "Not-A.Brand";v="8", "Chromium";v="149"',
  'Sec-CH-UA-Mobile': '?0',
  'Sec-CH-UA-Platform': '"Windows"',
  'Sec-Fetch-Dest': 'document',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Site': 'cross-site',
  'Sec-Fetch-User': '?1',
  'Upgrade-Insecure-Requests': '1',
  'Cache-Control': 'no-cache',
  Priority: 'u=0, i',
  Via: '2.0 0123456789abcdef0123456789abcdef.cloudfront.net (CloudFront)',
  'X-Amz-Cf-Id': 'x'.repeat(56),
  'X-Amzn-Trace-Id': `Root=1-67891233-${'a'.repeat(24)}`,
  'X-Forwarded-For': '2001:db8:85a3:8d3:1319:8a2e:370:7348, 203.0.113.178',
  'X-Forwarded-Port': '443',
  'X-Forwarded-Proto': 'https',
};

async function largestCookies(site: string): Promise<string> {
  const jar = new CookieJar(undefined, { prefixSecurity: 'strict' });
  const audience = `${site} client-1`;
  const url = `${site}/api/auth/callback`;
  const longest = PLACES.map((place) => placeOnSite(site, place)).reduce((a, b) =>
    b.length > a.length ? b : a,
  );
  for (let count = 0; count < 50; count += 1) {
    const known = parseCookies([await jar.getCookieString(url)]);
    for (const old of surplusLogins(RING, audience, known, NOW))
      await jar.setCookie(hostCookie(old, '', { maxAge: 0, sameSite: 'Lax' }), url);
    const login = newLogin(longest, NOW + count, random);
    const name: HostCookieName = loginCookieName(login.state);
    const value = sealLogin(RING, audience, login, random);
    await jar.setCookie(hostCookie(name, value, { maxAge: LOGIN_SECONDS, sameSite: 'Lax' }), url);
  }
  const ticket = newTicket(NOW, { sessionSeconds: 2_592_000, idleSeconds: 2_592_000 }, random);
  const session = sealTicket(RING, audience, ticket, random);
  await jar.setCookie(hostCookie(SESSION_COOKIE, session, { maxAge: 2_592_000, sameSite: 'Strict' }), url);
  return jar.getCookieString(url);
}

function bytesOf(target: string, headers: Readonly<Record<string, string>>): number {
  const lines = [`GET ${target} HTTP/1.1`, ...Object.entries(headers).map((pair) => pair.join(': '))];
  return Buffer.byteLength(`${lines.join('\r\n')}\r\n\r\n`);
}

describe.each(SITES)('of %s', (site) => {
  test('COOKIE-07 the session and five logins with the longest places take at most 5,600 bytes', async () => {
    const cookies = await largestCookies(site);
    const names = parseCookies([cookies]).map(([name]) => name);

    expect(names.filter((name) => name.startsWith('__Host-login-'))).toHaveLength(5);
    expect(names).toContain(SESSION_COOKIE);
    expect(Buffer.byteLength(cookies)).toBeGreaterThan(4_000);
    expect(Buffer.byteLength(cookies)).toBeLessThanOrEqual(5_600);
  });

  test('COOKIE-07 a callback with a code of 1,500 bytes, and a login with the longest returnTo, stay under the limit', async () => {
    const Cookie = await largestCookies(site);
    const callback = `/live/auth/callback?code=${'c'.repeat(1_500)}&state=${'s'.repeat(43)}&iss=${encodeURIComponent(site)}`;
    const login = `/live/auth/login?returnTo=${encodeURIComponent(`/${'"'.repeat(500)}`)}`;
    const Referer = `${site}/`;

    for (const target of [callback, login]) {
      expect(bytesOf(target, { ...HEADERS, Referer, Cookie })).toBeLessThan(LIMIT);
    }
  });
});

test('COOKIE-07 a place is measured as it is kept: what grows past 512 characters is taken as the root', () => {
  const [site = ''] = SITES;
  const room = 512 - site.length - 1;

  expect(placeOnSite(site, `/${'a'.repeat(room)}`)).toHaveLength(512);
  expect(placeOnSite(site, `/${'a'.repeat(room + 1)}`)).toBe(`${site}/`);
  expect(placeOnSite(site, `/${'"'.repeat(Math.floor(room / 3))}`).length).toBeLessThanOrEqual(512);
  expect(placeOnSite(site, `/${'"'.repeat(Math.floor(room / 3) + 1)}`)).toBe(`${site}/`);
});
