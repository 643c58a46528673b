/** The cookie suite of RFC 6265's own working group (http-state) against our parser and our Set-Cookie. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { CookieJar } from 'tough-cookie';

import { hostCookie, parseCookies } from '../../lambdas/_kernel/cookies';

interface Case {
  readonly test: string;
  readonly received: readonly string[];
  readonly sent: readonly { readonly name: string; readonly value: string }[];
}

// a folder that is missing fails the run
const DATA = process.env['SALLYPORT_CONFORMANCE'] ?? join(__dirname, '../../../shared/conformance');
const CASES = JSON.parse(readFileSync(join(DATA, 'cookies/http-state/parser.json'), 'utf8')) as Case[];

test('COOKIE-04 the suite is the one these expectations were written for', () => {
  expect(CASES).toHaveLength(222);
  expect(CASES.filter(({ sent }) => sent.length > 0)).toHaveLength(135);
});

test.each(CASES.map((one) => [one.test, one] as const))('COOKIE-04 %s', (_, { sent }) => {
  // a user agent writes a cookie without a name as its value alone (RFC 6265bis section 5.8.3)
  const header = sent.map(({ name, value }) => (name === '' ? value : `${name}=${value}`)).join('; ');

  expect(parseCookies([header])).toEqual(sent.map(({ name, value }) => [name, value]));
  expect(parseCookies(sent.map(({ name, value }) => (name === '' ? value : `${name}=${value}`)))).toEqual(
    sent.map(({ name, value }) => [name, value]),
  );
});

test.each(CASES.map((one) => [one.test, one] as const))(
  'COOKIE-03 %s beside ours leaves ours as it was set',
  async (_, { received }) => {
    const jar = new CookieJar(undefined, { prefixSecurity: 'strict', looseMode: true });
    const url = 'https://home.example.org:8888/cookie-parser';
    await jar.setCookie(hostCookie('__Host-session', 'ours', { maxAge: 60, sameSite: 'Strict' }), url);
    for (const line of received) await jar.setCookie(line, url, { ignoreError: true });
    const cookies = parseCookies([await jar.getCookieString(url)]);

    expect(cookies.filter(([name]) => name === '__Host-session')).toEqual([['__Host-session', 'ours']]);
  },
);
