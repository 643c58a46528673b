/** The `_headers` file: what is read of it, and what is refused with its line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { headersOnErrors, parseHeaderRules } from '../../lib/site/header-rules';
import { headersPolicyProps } from '../../lib/site/headers-policy';
import { SiteError } from '../../lib/site/site-error';
import { responseHeaders } from './run-functions';

function refusal(text: string): string {
  try {
    parseHeaderRules(text, '_headers');
  } catch (error) {
    if (error instanceof SiteError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('header rules', () => {
  test('are read with comments, blank lines, tabs and Windows line ends', () => {
    const text = '# all\r\n/*\r\n\tX-One: 1\r\n\r\n  # inner\r\n  ! X-Two\r\n/a/:id\n  X-Id: :id\n';

    expect(parseHeaderRules(text, '_headers')).toEqual([
      { path: '/*', line: 2, set: [['x-one', '1']], detach: ['x-two'] },
      { path: '/a/:id', line: 7, set: [['x-id', ':id']], detach: [] },
    ]);
  });

  test.each([
    ['  X-One: 1\n', '_headers:1: a header before the first path'],
    ['/*\n  X-One\n', '_headers:2: "X-One" is no header'],
    ['X-One: 1\n', '_headers:1: "X-One: 1" is no path'],
    ['https://x.example/*\n  A: b\n', '_headers:1: "https://x.example/*" is no path'],
    ['/a b\n  A: b\n', '_headers:1: a path has printable ASCII characters and no space'],
    ['/*/x/*\n  A: b\n', '_headers:1: a path has one * at most'],
    ['/:a/:a\n  A: b\n', '_headers:1: a placeholder is named twice'],
    ['/:splat/*\n  A: b\n', '_headers:1: a placeholder is named twice, or splat'],
    ['/*\n  A:\n', '_headers:2: the value of a is empty'],
    ['/*\n  A: bä\n', '_headers:2: the value of a is empty or has characters outside of ASCII'],
    ['/*\n  A b: c\n', '_headers:2: "A b" is no name of a header'],
    ['/*\n  Set-Cookie: a=b\n', '_headers:2: Set-Cookie cannot be set here'],
    ['/*\n  Content-Length: 1\n', '_headers:2: Content-Length cannot be set here'],
    ['/*\n  A: 1\n  a: 2\n', '_headers:3: a is given twice for one path'],
    ['/*\n\n/x\n  A: 1\n', '_headers:1: /* has no headers below it'],
    ['/*\n  ! \n', '_headers:2: "" is no name of a header'],
  ])('%j are refused: %s', (text, message) => {
    expect(refusal(text)).toContain(message);
    expect(refusal('/*\n  A: 1\n')).toBe('accepted');
  });
});

describe('the function that applies them', () => {
  const on = (text: string, uri: string, sent: Record<string, string> = {}): Record<string, string> =>
    responseHeaders(parseHeaderRules(text, '_headers'), uri, sent);

  test('takes every rule whose path matches, and joins values of one name', () => {
    const text = '/*\n  A: 1\n  B: 1\n/x/*\n  A: 2\n/y\n  A: 3\n';

    expect(on(text, '/x/z')).toEqual({ a: '1, 2', b: '1' });
    expect(on(text, '/y')).toEqual({ a: '1, 3', b: '1' });
    expect(on(text, '/yy')).toEqual({ a: '1', b: '1' });
  });

  test('puts in what * and placeholders stand for', () => {
    const text = '/u/:name/f/*\n  Link: </p/:name>; rel=":splat"; data: :other\n';

    expect(on(text, '/u/ada/f/a/b')).toEqual({ link: '</p/ada>; rel="a/b"; data: :other' });
    expect(on(text, '/u/a/b/f/c')).toEqual({});
  });

  test('takes headers away, of earlier rules and of the file, and sets them anew after', () => {
    const text = '/*\n  A: 1\n  B: 1\n/open/*\n  ! A\n  ! Etag\n/open/new\n  A: 2\n';

    expect(on(text, '/open/x', { etag: 'e' })).toEqual({ b: '1' });
    expect(on(text, '/open/new', { etag: 'e' })).toEqual({ a: '2', b: '1' });
    expect(on(text, '/x', { etag: 'e' })).toEqual({ a: '1', b: '1', etag: 'e' });
  });

  test('takes characters of a path as they are, not as a pattern', () => {
    expect(on('/a.b\n  A: 1\n', '/axb')).toEqual({});
    expect(on('/a.b\n  A: 1\n', '/a.b')).toEqual({ a: '1' });
  });

  test('replaces what the file came with', () => {
    expect(on('/*\n  Cache-Control: no-store\n', '/x', { 'cache-control': 'no-cache' })).toEqual({
      'cache-control': 'no-store',
    });
  });
});

describe('headers of error answers', () => {
  const own = parseHeaderRules(readFileSync(join(__dirname, '../../web/_headers'), 'utf8'), '_headers');

  test('are those of every path, and none of single paths', () => {
    const rules = parseHeaderRules('/*\n  A: 1\n/x\n  B: 1\n/*\n  A: 2\n  C: :splat\n', '_headers');

    expect(headersOnErrors(rules)).toEqual({ a: '1, 2' });
  });

  test('are, for the web app, all that its rules say, so that a page that is missing is no gap', () => {
    const props = headersPolicyProps(headersOnErrors(own));

    expect(Object.keys(headersOnErrors(own))).toEqual(own[0]!.set.map(([name]) => name));
    expect(Object.keys(props.securityHeadersBehavior ?? {}).sort()).toEqual([
      'contentSecurityPolicy',
      'contentTypeOptions',
      'frameOptions',
      'referrerPolicy',
      'strictTransportSecurity',
    ]);
    expect(props.customHeadersBehavior?.customHeaders.map(({ header }) => header)).toEqual([
      'permissions-policy',
      'cross-origin-opener-policy',
      'cross-origin-resource-policy',
    ]);
  });

  test('the policy of the web app lets no script in but its own files', () => {
    expect(headersOnErrors(own)['content-security-policy']?.split('; ')).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
      ]),
    );
    expect(headersOnErrors(own)['content-security-policy']).not.toMatch(/unsafe|\*|https?:/);
  });

  test.each([
    [{ 'x-frame-options': 'ALLOW-FROM x' }, 'x-frame-options: ALLOW-FROM x cannot stand in a rule for /*'],
    [{ 'strict-transport-security': 'max-age=soon' }, 'strict-transport-security: max-age=soon cannot stand'],
    [{ 'referrer-policy': 'never' }, 'referrer-policy: never cannot stand'],
    [{ 'x-content-type-options': 'sniff' }, 'x-content-type-options: sniff cannot stand'],
    [
      Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`x-${at}`, '1'])),
      'the rules for /* have 11 headers beside the security headers',
    ],
  ])('%j are refused, since no policy can say so', (headers, message) => {
    expect(() => headersPolicyProps(headers)).toThrow(message);
    expect(() => headersPolicyProps({ 'x-frame-options': 'deny', 'x-0': '1' })).not.toThrow();
  });
});
