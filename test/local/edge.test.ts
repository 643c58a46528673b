/** The site listener over real HTTP and TLS: files, headers, and streaming to the API. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync, mkdirSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { authority } from '../../local/ca';
import { behaviorOf, edge, type EdgeOptions } from '../../local/edge';
import { siteFile } from '../../local/site-files';
import { isOlder } from '../../local/web';

const WEB = join(__dirname, '../site/web/dist');

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

let api: Server;
let apiUrl: string;
/** Requests as the API got them. */
let got: { method: string; url: string; rawHeaders: string[] }[];
const open: Server[] = [];

async function listening(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

beforeEach(async () => {
  got = [];
  api = createServer((incoming, outgoing) => {
    got.push({ method: incoming.method ?? '', url: incoming.url ?? '', rawHeaders: incoming.rawHeaders });
    outgoing.writeHead(200, {
      'set-cookie': ['a=1', 'b=2'],
      'strict-transport-security': 'max-age=1',
      'x-content-type-options': 'nosniff',
    });
    // what comes in goes out, piece by piece
    incoming.pipe(outgoing);
  });
  apiUrl = `http://127.0.0.1:${await listening(api)}/live`;
});

afterEach(() => {
  for (const server of open.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function site(options: Partial<EdgeOptions> = {}): Promise<number> {
  return listening(edge({ apiUrl, webFolder: WEB, config: { selfSignUp: true }, ...options }));
}

function get(port: number, path: string, method = 'GET', headers: string[] = []): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const all = ['Host', 'localhost', ...headers];
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers: all }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    request.on('error', reject);
    request.end();
  });
}

describe('the web app', () => {
  test('is served with its header rules: pages asked for anew, hashed files kept', async () => {
    const port = await site();
    const [page, deep, asset] = [
      await get(port, '/'),
      await get(port, '/widgets/7?x=1'),
      await get(port, '/assets/app-0a1b2c3d.js'),
    ];

    expect([page.status, deep.status, asset.status]).toEqual([200, 200, 200]);
    expect(deep.text).toBe(page.text);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html',
      'cache-control': 'no-cache',
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect(asset.headers).toMatchObject({
      'content-type': 'text/javascript',
      'cache-control': 'public, max-age=31536000, immutable',
    });
  });

  test('has 404 of a file that is not there, never the page, and with the headers of every path', async () => {
    const missing = await get(await site(), '/assets/missing.js');

    expect(missing.status).toBe(404);
    expect(missing.text).not.toContain('<html');
    expect(missing.headers['content-security-policy']).toContain("default-src 'none'");
  });

  test('tells its settings', async () => {
    const { headers, text } = await get(await site(), '/config.json');

    expect([JSON.parse(text), headers['cache-control']]).toEqual([{ selfSignUp: true }, 'no-cache']);
  });

  test('is only read, and by HEAD without its content', async () => {
    const port = await site();

    expect((await get(port, '/', 'POST')).status).toBe(403);
    expect(await get(port, '/', 'HEAD')).toMatchObject({ status: 200, text: '' });
    expect((await get(port, '/')).text).toContain('Fixture');
  });

  test.each([
    '/../_headers.x',
    '/..%2f_headers',
    '/assets/..%2f..%2f_headers',
    '/%2e%2e/web/_headers.x',
    '/assets/..%5c..%5cx.js',
    '/%00.js',
    '/%.js',
  ])('has no way out of its folder: %s', async (path) => {
    const folder = join(WEB, '..');

    expect((await get(await site(), path)).status).toBe(404);
    expect(await siteFile(WEB, path)).toBeNull();
    expect(await siteFile(folder, '/_headers')).not.toBeNull();
  });
});

describe('the API', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])(
    'gets a %s as it was sent',
    async (method) => {
      const answer = await get(await site(), '/api//widgets/a%2Fb?b=2&a=%20', method, [
        'X-A',
        '1',
        'X-A',
        '2',
        'Cookie',
        'c=1',
      ]);

      expect(got).toHaveLength(1);
      expect(got[0]).toMatchObject({ method, url: '/live//widgets/a%2Fb?b=2&a=%20' });
      expect(got[0]!.rawHeaders.join('\n')).toContain('X-A\n1\nX-A\n2\nCookie\nc=1');
      expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    },
  );

  test('learns of the login by the edge alone', async () => {
    const port = await site();
    const navigation = [
      'Sec-Fetch-Mode',
      'navigate',
      'Sec-Fetch-Dest',
      'document',
      'Cookie',
      '__Host-session=x',
    ];
    await get(port, '/api/widgets', 'GET', ['Sallyport-Login', 'evil', 'sallyport-login', 'evil']);
    await get(port, '/api/widgets', 'GET', [...navigation, 'SALLYPORT-LOGIN', 'evil']);
    const lines = got.map(({ rawHeaders }) =>
      rawHeaders.filter((_, at) => rawHeaders[at - 1]?.toLowerCase() === 'sallyport-login'),
    );

    expect(lines).toEqual([[], ['/api/auth/login?returnTo=%2Fapi%2Fwidgets']]);
  });

  test('is streamed both ways: an answer begins before the request has ended', async () => {
    const port = await site();
    const pieces: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, path: '/api/x', method: 'POST' }, (response) => {
        response.on('data', (chunk: Buffer) => {
          pieces.push(chunk.toString());
          if (pieces.length === 1) request.end('second');
        });
        response.on('end', resolve);
      });
      request.on('error', reject);
      request.write('first');
    });

    expect(pieces).toEqual(['first', 'second']);
  });

  test('keeps no HSTS: it would hold for every port of localhost', async () => {
    const port = await site();
    const answers = [await get(port, '/api/x'), await get(port, '/'), await get(port, '/missing.js')];

    for (const { headers } of answers) {
      expect(headers['strict-transport-security']).toBeUndefined();
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  test.each([
    ['/api/x', 'api'],
    ['/%61pi/x', 'api'],
    ['/ap%69%2Fx', 'site'],
    ['/api', 'site'],
    ['/API/x', 'site'],
    ['/docs', 'docs'],
    ['/docs/latest/', 'docs'],
    ['/do%63s/', 'docs'],
    ['/docsx', 'site'],
  ] as const)('CloudFront takes %s for the behaviour %s', (uri, behavior) => {
    expect(behaviorOf(uri)).toBe(behavior);
  });
});

describe('the documentation', () => {
  const DOCS = join(__dirname, '../publishing/docs');

  test('is served below /docs with rules of its own, a folder by its index, and only from its folder', async () => {
    const port = await site({ docsFolder: DOCS });
    const [page, script] = [await get(port, '/docs/1.0.0/'), await get(port, '/docs/versions.js')];

    expect([page.status, page.headers['content-type'], page.headers['cache-control']]).toEqual([
      200,
      'text/html',
      'no-cache',
    ]);
    expect(page.text).toContain('<title>Sample</title>');
    expect(script.headers['content-security-policy']).toContain("form-action 'none'");
    expect(script.headers['content-security-policy']).not.toContain(',');
    expect(script.headers['x-content-type-options']).toBe('nosniff');
    for (const path of [
      '/docs/../docs-site.synth.test.ts',
      '/docs/%2e%2e/docs.test.ts',
      '/%64ocs/versions.js',
    ])
      expect((await get(port, path)).status).toBe(404);
  });

  test.each(['/docs', '/docs/1.0.0', '/docs/latest'])('leads from %s to the folder', async (path) => {
    const { status, headers } = await get(await site({ docsFolder: DOCS }), path);

    expect([status, headers.location]).toEqual([308, `${path}/`]);
  });

  test('that is not there says how to build it, under the policy of the documentation', async () => {
    const { status, headers, text } = await get(await site(), '/docs/');

    expect(status).toBe(404);
    expect(text).toContain('npm run docs -- build');
    expect(headers['content-security-policy']).toContain("form-action 'none'");
  });
});

test('over TLS a client that trusts the local authority, and only such a one, reads the site', async () => {
  const home = mkdtempSync(join(tmpdir(), 'sallyport-tls-'));
  const ca = authority(home);
  const { certPem, keyPem } = ca.issue({ subject: 'localhost', kind: 'server', names: ['localhost'] });
  const port = await site({ tls: { cert: certPem, key: keyPem } });
  const read = (trust: object): Promise<number | string> =>
    new Promise((resolve) => {
      httpsRequest({ host: 'localhost', port, path: '/', family: 4, ...trust }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on('error', (error) => {
          resolve(error.message);
        })
        .end();
    });

  expect(await read({ ca: ca.certPem })).toBe(200);
  expect(await read({})).toContain('unable to verify');
  rmSync(home, { recursive: true });
});

test('the web app is built anew when a source is newer, and left alone otherwise', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-web-'));
  const built = join(folder, 'dist/index.html');
  const at = (file: string, seconds: number): void => {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '');
    utimesSync(file, seconds, seconds);
  };
  const answers = [isOlder(built, folder)];
  at(join(folder, 'index.html'), 1000);
  answers.push(isOlder(built, folder));
  at(built, 2000);
  answers.push(isOlder(built, folder));
  at(join(folder, 'src/deep/app.ts'), 3000);
  answers.push(isOlder(built, folder));
  at(built, 4000);
  answers.push(isOlder(built, folder));
  rmSync(folder, { recursive: true });

  expect(answers).toEqual([false, true, false, true, false]);
});
