/** The viewer-request functions: the way to the API and to the pages, and who is led to the login. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

import { operationsOf, readDocument, securitySchemes } from '../../lib/api';
import { edgeFiles, EDGE_FILES } from '../../lib/site/edge-files';
import { navigationsOf } from '../../lib/site/navigations';
import { edgeRequest, isResponse, type EdgeRequest, type EdgeResponse } from '../../local/edge-functions';
import { functionsOf } from './run-functions';

const document = readDocument(join(__dirname, '../../openapi.yaml'));
const navigations = navigationsOf(operationsOf(document), securitySchemes(document));
const functions = functionsOf([], navigations);

const NAVIGATION = ['Sec-Fetch-Mode', 'navigate', 'Sec-Fetch-Dest', 'document'];
const TYPED = [...NAVIGATION, 'Sec-Fetch-Site', 'none'];

function api(url: string, headers: readonly string[] = [], method = 'GET'): EdgeRequest | EdgeResponse {
  return functions.apiRequest(edgeRequest(method, url, headers));
}

/** Where a request goes: a path of the API, or the status of the edge's own answer and its place. */
function fate(answer: EdgeRequest | EdgeResponse): string {
  if (!isResponse(answer)) return answer.uri;
  return [answer.statusCode, answer.headers['location']?.value ?? ''].join(' ').trim();
}

describe('the way to the API', () => {
  test.each([
    ['/api/widgets', '/widgets'],
    ['/api/', '/'],
    ['/api//widgets', '//widgets'],
    ['/api/%2fwidgets/..%2f', '/%2fwidgets/..%2f'],
    ['/api/a..b/.c/...', '/a..b/.c/...'],
    ['/api/api/widgets', '/api/widgets'],
    ['/api/widgets/a%20b%C3%A9', '/widgets/a%20b%C3%A9'],
  ])('AUTHZ-03 takes the prefix of %s off and changes nothing else: %s', (uri, path) => {
    expect(fate(api(uri))).toBe(path);
  });

  test.each([
    '/api',
    '/apiary/x',
    '/API/widgets',
    '/%61pi/widgets',
    '/x/../api/widgets',
    '/api/../widgets',
    '/api/./widgets',
    '/api/widgets/..',
    '/api/%2e%2e/widgets',
    '/api/%2E./widgets',
    '/api/.%2e',
    '/api/..\\widgets',
    '/api/%5cwidgets',
  ])('AUTHZ-03 is closed to %s, which is one path to CloudFront and another to the API', (uri) => {
    expect(fate(api(uri))).toBe('404');
    expect(fate(api('/api/widgets'))).toBe('/widgets');
  });

  test('keeps query, cookies and every header as they came, repeated ones too', () => {
    const headers = ['X-A', '1', 'x-a', '2', 'Cookie', 'a=1; a=2; b', 'Authorization', 'Bearer x'];
    const before = edgeRequest('POST', '/api/widgets?b=2&a=1&b=%20', headers);

    expect(functions.apiRequest(before)).toEqual({ ...before, uri: '/widgets' });
    expect(before.headers['x-a']).toEqual({ value: '1', multiValue: [{ value: '1' }, { value: '2' }] });
  });

  test('takes away what a caller says of the login', () => {
    const answer = api('/api/widgets', [
      'Sallyport-Login',
      '/api/auth/login?returnTo=%2Fevil',
    ]) as EdgeRequest;

    expect(answer.headers).toEqual({});
  });
});

describe('a navigation without the session cookie', () => {
  const LOGIN = '303 /api/auth/login?returnTo=';

  test('is led to the login, and back to where it wanted to go', () => {
    expect(fate(api('/api/widgets?limit=2&cursor=a%2Bb', TYPED))).toBe(
      `${LOGIN}%2Fapi%2Fwidgets%3Flimit%3D2%26cursor%3Da%252Bb`,
    );
    expect(fate(api('/api/widgets/7', [...NAVIGATION, 'Sec-Fetch-Site', 'same-origin']))).toBe(
      `${LOGIN}%2Fapi%2Fwidgets%2F7`,
    );
  });

  test('that another site starts is asked to come again, since the cookie may only have stayed at home', () => {
    for (const site of ['cross-site', 'same-site']) {
      const answer = api('/api/widgets', [...NAVIGATION, 'Sec-Fetch-Site', site]) as EdgeResponse;

      expect(answer.statusCode).toBe(200);
      expect(answer.headers['refresh']).toEqual({ value: '0' });
      expect(answer.headers['location']).toBeUndefined();
      expect(answer.headers['cache-control']).toEqual({ value: 'no-store' });
    }
  });

  test.each<[string, string, readonly string[], string?]>([
    ['a public operation', '/api/ping', TYPED],
    ['the login', '/api/auth/login', TYPED],
    ['the callback', '/api/auth/callback?code=1', TYPED],
    ['whatever else is below /auth/', '/api/auth/session', TYPED],
    ['a path that no operation has', '/api/nowhere', TYPED],
    ['an operation of a longer path', '/api/widgets/7/parts', TYPED],
    ['an empty parameter', '/api/widgets/', TYPED],
    ['a POST', '/api/widgets', TYPED, 'POST'],
    ['a HEAD', '/api/widgets', TYPED, 'HEAD'],
    ['a request with credentials of its own', '/api/widgets', [...TYPED, 'Authorization', 'Bearer x']],
    [
      'a fetch',
      '/api/widgets',
      ['Sec-Fetch-Mode', 'cors', 'Sec-Fetch-Dest', 'empty', 'Sec-Fetch-Site', 'same-origin'],
    ],
    [
      'a frame',
      '/api/widgets',
      ['Sec-Fetch-Mode', 'navigate', 'Sec-Fetch-Dest', 'iframe', 'Sec-Fetch-Site', 'none'],
    ],
    ['a client without Fetch Metadata', '/api/widgets', []],
    ['a mode that is said twice', '/api/widgets', [...TYPED, 'Sec-Fetch-Mode', 'navigate']],
  ])('is not led anywhere when it is %s', (_, url, headers, method = 'GET') => {
    const answer = api(url, headers, method);

    expect(fate(answer)).toBe(url.replace(/^\/api|\?.*$/g, ''));
    expect((answer as EdgeRequest).headers['sallyport-login']).toBeUndefined();
    expect(fate(api('/api/widgets', TYPED))).toMatch(/^303/);
  });

  test.each([
    '//evil.example',
    '/api/widgets/@evil.example',
    '/api/widgets/%0d%0aSet-Cookie:x',
    '/api/widgets/x?returnTo=//evil.example#',
    '/api/widgets/;url=https:evil.example',
  ])('LOGIN-05 of %s is never led to another site, nor can it end the header', (url) => {
    expect(fate(api(url, TYPED))).toMatch(/^(404|303 \/api\/auth\/login\?returnTo=%2Fapi%2F[\w.!~*'()%-]*)$/);
  });

  test('with the cookie goes on to the front door, which learns where the login is', () => {
    const answer = api('/api/widgets?a=b', [...TYPED, 'Cookie', '__Host-session=k1.x']) as EdgeRequest;
    const alike = api('/api/widgets', [...TYPED, 'Cookie', 'x__Host-session=1; __host-session=1']);

    expect(answer.uri).toBe('/widgets');
    expect(answer.headers['sallyport-login']).toEqual({
      value: '/api/auth/login?returnTo=%2Fapi%2Fwidgets%3Fa%3Db',
    });
    expect(fate(alike)).toMatch(/^303/);
  });
});

describe('the pages of the app', () => {
  const page = (uri: string): string => fate(functions.siteRequest(edgeRequest('GET', uri, [])));

  test.each([
    ['/', '/index.html'],
    ['/widgets', '/index.html'],
    ['/widgets/7/', '/index.html'],
    ['/api', '/index.html'],
    ['/a.b/c', '/index.html'],
    ['/assets/app-0a1b.js', '/assets/app-0a1b.js'],
    ['/assets/missing.js', '/assets/missing.js'],
    ['/favicon.ico', '/favicon.ico'],
    ['/.well-known/x', '/index.html'],
    ['/../api/x', '404'],
    ['/%2e%2e/x.js', '404'],
    ['/a\\b.js', '404'],
  ])('%s is %s', (uri, file) => {
    expect(page(uri)).toBe(file);
  });
});

describe('what runs at the edge', () => {
  test('keeps to the language of CloudFront Functions', () => {
    const refused = new Set([
      ts.SyntaxKind.SpreadElement,
      ts.SyntaxKind.SpreadAssignment,
      ts.SyntaxKind.ClassDeclaration,
      ts.SyntaxKind.ForOfStatement,
      ts.SyntaxKind.QuestionDotToken,
      ts.SyntaxKind.QuestionQuestionToken,
      ts.SyntaxKind.ImportDeclaration,
      ts.SyntaxKind.ObjectBindingPattern,
      ts.SyntaxKind.ArrayBindingPattern,
    ]);
    const kinds = (node: ts.Node): ts.SyntaxKind[] => [node.kind, ...node.getChildren().flatMap(kinds)];
    for (const [name, code] of Object.entries(edgeFiles([], navigations))) {
      if (!name.endsWith('.js')) continue;
      const source = ts.createSourceFile(name, code, ts.ScriptTarget.ES2022, true);

      expect(kinds(source).filter((kind) => refused.has(kind))).toEqual([]);
      expect(code).not.toMatch(/\b(eval|Function|setTimeout|fetch)\(/);
    }
  });

  test('is refused when it is too large for a function', () => {
    const many = Array.from({ length: 600 }, (_, at) => [`/things${at}/*`, 1] as const);

    expect(() => edgeFiles([], { cookies: ['__Host-session'], templates: many })).toThrow(
      /^openapi.yaml has too many GET operations: the CloudFront Function would have \d+ bytes, and 10240 are allowed/,
    );
    expect(() => edgeFiles([], { cookies: ['__Host-session'], templates: many.slice(0, 200) })).not.toThrow();
  });

  test('is in generated/ as the distribution has it', () => {
    const folder = join(__dirname, '../../generated/edge');
    const text = readFileSync(join(folder, 'api-request.js'), 'utf8');

    expect(EDGE_FILES.every((name) => readFileSync(join(folder, name), 'utf8').length > 0)).toBe(true);
    expect(text).toBe(edgeFiles([], navigations)['api-request.js']);
  });
});

describe('operations that a session opens', () => {
  const operation = (path: string, security: Record<string, string[]>[], method = 'GET') =>
    ({ path, method, security }) as unknown as Parameters<typeof navigationsOf>[0][number];
  const schemes = {
    session: { type: 'apiKey', in: 'cookie', name: 'c' },
    key: { type: 'apiKey', in: 'header', name: 'k' },
  };
  const login = operation('/auth/login', []);

  test('are told from others, and a fixed path from one with a parameter as the gateway does', () => {
    const found = navigationsOf(
      [
        login,
        operation('/a/{id}', [{ session: [] }]),
        operation('/a/open', []),
        operation('/a/{id}', [{ session: [] }], 'DELETE'),
        operation('/b', [{ key: [] }]),
        operation('/c', [{ key: [] }, { session: [] }]),
      ],
      schemes,
    );
    const own = functionsOf([], found);
    const led = (uri: string): string => fate(own.apiRequest(edgeRequest('GET', uri, TYPED)));

    expect(found).toEqual({
      cookies: ['c'],
      templates: [
        ['/a/open', 0],
        ['/a/*', 1],
        ['/b', 0],
        ['/c', 1],
      ],
    });
    expect([
      led('/api/a/open'),
      led('/api/a/x').slice(0, 3),
      led('/api/b'),
      led('/api/c').slice(0, 3),
    ]).toEqual(['/a/open', '303', '/b', '303']);
  });

  test('are none where there is no login', () => {
    expect(navigationsOf([operation('/a', [{ session: [] }])], schemes).templates).toEqual([]);
    expect(navigationsOf([login, operation('/a', [{ session: [] }])], schemes).templates).toEqual([
      ['/a', 1],
    ]);
  });
});
