/** One back end behind both kinds of API: whichever way a caller comes, it sees the same. */
import type { Server } from 'node:http';

import { edge } from '../../local/edge';
import { close, listen } from '../../local/http';
import { freePort } from '../../local/ports';
import { Browser, type Page } from '../cookie-auth/browser';
import { deployApp, localStack, READ, signedIn, WRITE } from '../local-stack';

const SITE = localStack().siteUrl;

let site: Server;
let httpSite: string;

beforeAll(async () => {
  const { userPoolId, userPoolClientId, clientSecretArn, emulatorUrl } = localStack();
  const { ApiId = '' } = await deployApp('test/front-door/http-app.ts', {
    userPoolId,
    clientId: userPoolClientId,
    // the emulator gives the name where AWS gives the ARN
    clientSecretName: clientSecretArn,
    siteUrl: SITE,
  });
  const apiUrl = `${emulatorUrl}/_aws/execute-api/${ApiId}`;
  site = edge({ apiUrl, webFolder: __dirname, config: {} });
  const port = await freePort();
  await listen(site, port);
  httpSite = `http://127.0.0.1:${port}`;
}, 240_000);

afterAll(async () => {
  await close(site);
});

/** @param kind of the API behind the site */
function open(kind: 'rest' | 'http'): Browser {
  return new Browser(SITE, kind === 'rest' ? SITE : httpSite);
}

async function signedInBrowser(kind: 'rest' | 'http'): Promise<Browser> {
  const browser = open(kind);
  const { email, password } = localStack().users.find((user) => user.email.startsWith('ada@'))!;
  expect((await browser.signIn({ username: email, email, password })).status).toBe(303);
  return browser;
}

function json({ text }: Page): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}

/** What the back end says of its caller. */
function callerOf(page: Page): unknown {
  expect(page.status).toBe(200);
  const { caller } = json(page) as { caller: { scopes: string[] } };
  return { ...caller, scopes: [...caller.scopes].sort() };
}

async function bearer(...scopes: string[]): Promise<{ authorization: string }> {
  return { authorization: `Bearer ${(await signedIn('ada', ...scopes)).accessToken}` };
}

test('the back end sees the same identity by token and by cookie, on a REST API and on an HTTP API', async () => {
  const headers = await bearer(READ, WRITE);
  const [restCookie, httpCookie] = [await signedInBrowser('rest'), await signedInBrowser('http')];
  const callers = [
    callerOf(await open('rest').site('/api/info', { headers })),
    callerOf(await open('http').site('/api/info', { headers })),
    callerOf(await restCookie.site('/api/info')),
    callerOf(await httpCookie.site('/api/info')),
  ];

  expect(callers[0]).toMatchObject({
    groups: ['admins'],
    scopes: expect.arrayContaining([READ, WRITE]) as string[],
  });
  expect(callers.slice(1)).toEqual([callers[0], callers[0], callers[0]]);
});

test('a signed-in browser asks who it is, changes something and signs out on an HTTP API', async () => {
  const browser = await signedInBrowser('http');
  const copy = await browser.cookies();
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ name: 'a widget' });
  const made = await browser.change('/api/widgets', { headers, body });

  expect(json(await browser.site('/api/auth/session'))).toHaveProperty('subject');
  expect([
    made.status,
    (await browser.site('/api/widgets', { method: 'POST', headers, body })).status,
  ]).toEqual([201, 403]);
  expect((await browser.change('/api/auth/logout')).status).toBe(200);
  expect((await open('http').site('/api/info', { cookie: copy })).status).toBe(401);
});

test.each<[string, () => Promise<Record<string, string | string[]>>, number]>([
  ['no credentials', async () => ({}), 401],
  ['a token that is none', async () => ({ authorization: 'Bearer x' }), 401],
  [
    'two tokens',
    async () => {
      const { authorization } = await bearer(READ);
      return { authorization: [authorization, authorization] };
    },
    401,
  ],
  ['a token', () => bearer(READ), 200],
])('%s: the same status on both', async (_name, headersOf, status) => {
  const headers = await headersOf();
  const pages = [
    await open('rest').site('/api/widgets', { headers }),
    await open('http').site('/api/widgets', { headers }),
  ];

  expect(pages.map((page) => page.status)).toEqual([status, status]);
});

test('a scope short is 403 on both, and the scope opens', async () => {
  for (const kind of ['rest', 'http'] as const) {
    const sent = { method: 'POST', body: '{"name":"a"}' };
    const type = { 'content-type': 'application/json' };
    const short = await open(kind).site('/api/widgets', {
      ...sent,
      headers: { ...type, ...(await bearer(READ)) },
    });
    const enough = await open(kind).site('/api/widgets', {
      ...sent,
      headers: { ...type, ...(await bearer(WRITE)) },
    });

    expect([short.status, enough.status]).toEqual([403, 201]);
  }
});

test('AUTHZ-03 other spellings of a path reach nothing on an HTTP API without its rule', async () => {
  const { authorization } = await bearer(READ);
  const paths = [
    '/api/widgets/',
    '/api//widgets',
    '/api/Widgets',
    '/api/%77idgets',
    '/api/prod/widgets',
    '/api/nowhere',
  ];
  const anonymous = await Promise.all(paths.map((path) => open('http').site(path)));

  expect(anonymous.map(({ status }) => [401, 404].includes(status))).toEqual(paths.map(() => true));
  expect((await open('http').site('/api/widgets', { headers: { authorization } })).status).toBe(200);
});
