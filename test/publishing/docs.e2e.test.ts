/** The documentation in a real browser: on the deployed site, of two versions, and from a folder. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Page } from 'playwright-core';
import { parse, stringify } from 'yaml';

import { edge } from '../../local/edge';
import { localStack } from '../local-stack';
import { mailedCode, someone } from '../step-up/people';
import { eachInATab, newUser, type Tab, type Person } from '../web/tab';
import { docs, ROOT, temporary } from './commands';

const FOLDER = join(temporary(), 'docs');
let tab: Tab;
let server: Server;
/** Origin with two versions; nobody is signed in there. */
let other: string;

interface Sample {
  info: { version: string };
  paths: Record<string, Record<string, { security: object[] }>>;
}

/** 0.1.0 without `GET /info` and with a `/ping` that needs a token; 0.2.0 as it is. */
async function buildTwoVersions(): Promise<void> {
  const folder = temporary();
  const now = parse(readFileSync(join(ROOT, 'openapi.yaml'), 'utf8')) as Sample;
  const paths = Object.fromEntries(
    Object.entries(structuredClone(now.paths)).filter(([path]) => path !== '/info'),
  );
  paths['/ping']!['get']!.security = [{ cognito: [] }];
  mkdirSync(join(folder, 'published'));
  writeFileSync(join(folder, 'published/0.1.0.yaml'), stringify({ ...now, paths }));
  writeFileSync(join(folder, 'openapi.yaml'), stringify({ ...now, info: { ...now.info, version: '0.2.0' } }));
  const { exit, error } = await docs([
    ...['build', '--document', join(folder, 'openapi.yaml')],
    ...['--published', join(folder, 'published'), '--out', FOLDER],
  ]);
  if (exit !== 0) throw new Error(error);
}

beforeAll(async () => {
  await buildTwoVersions();
  const { apiUrl } = localStack();
  server = edge({ apiUrl, webFolder: join(ROOT, 'test/site/web/dist'), docsFolder: FOLDER, config: {} });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  other = `http://localhost:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

eachInATab((opened) => {
  tab = opened;
});

async function find(page: Page, words: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Search' }).fill(words);
}

describe('two versions', () => {
  test('both are there, /docs/ leads to the newer one, and the older one says so', async () => {
    const { page } = tab;
    for (const path of ['/docs', '/docs/', '/docs/latest']) {
      await page.goto(other + path);
      await page.waitForURL(`${other}/docs/latest/**`);
      await tab.heading('Widget API 0.2.0');
    }
    await page.goto(`${other}/docs/0.1.0`);
    await tab.heading('Widget API 0.1.0');
    await page.getByText('This is version 0.1.0.').getByRole('link', { name: '0.2.0' }).click();
    await tab.heading('Widget API 0.2.0');
    await page.getByRole('link', { name: 'Version 0.2.0, latest' }).click();
    await tab.heading('Versions');

    expect(await page.locator('.operations a').allInnerTexts()).toEqual([
      '0.2.0',
      'Changes',
      '0.1.0',
      'Changes',
    ]);
    expect(await tab.inspect('docs-versions')).toEqual([]);
  });

  test('what was added and what was weakened is listed', async () => {
    const { page } = tab;
    await page.goto(`${other}/docs/latest/changes.html`);
    await tab.heading('Changes since 0.1.0');
    const section = (name: RegExp): ReturnType<Page['locator']> =>
      page.locator('section').filter({ has: page.getByRole('heading', { name }) });

    expect(await section(/^Added/).innerText()).toMatch(/GET \/info\s+new operation/);
    expect(await section(/^Weakened/).innerText()).toMatch(/GET \/ping\s+needed .*now needs nothing/);
    expect(await tab.inspect('docs-changes')).toEqual([]);
  });

  test('search finds an operation by a word of its path, and by a mistyped one of its title', async () => {
    const { page } = tab;
    await page.goto(`${other}/docs/latest/`);
    for (const words of ['transf', 'tranfser money']) {
      await find(page, words);
      await page.locator('.results a').first().waitFor();

      expect(await page.locator('.results a').first().innerText()).toMatch(/Transfer money/);
    }
    expect(await tab.inspect('docs-search')).toEqual([]);
    await page.getByRole('searchbox').press('ArrowDown');
    await page.keyboard.press('Enter');
    await tab.heading('Transfer money');
    await find(page, 'no such thing');
    await page.getByText('Nothing found.').waitFor();
  });

  test('has a policy without inline or evaluated scripts and styles, on 404 too', async () => {
    const found = await fetch(`${other}/docs/latest/docs.js`);
    const missing = await fetch(`${other}/docs/latest/missing.html`);

    expect([found.status, missing.status]).toEqual([200, 404]);
    for (const { headers } of [found, missing]) {
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';.*form-action 'none'/);
      expect(policy).not.toMatch(/unsafe|,/);
    }
  });
});

describe('trying an operation', () => {
  async function open(operation: string): Promise<void> {
    await tab.goto(`/docs/latest/operations/${operation}.html`);
  }

  async function send(): Promise<string> {
    await tab.page.getByRole('button', { name: 'Send', exact: true }).click();
    await tab.page.locator('.answer-box .status').waitFor();
    return tab.page.locator('.answer-box .status').innerText();
  }

  /** Follows the link of the page to the login, and comes back to it. */
  async function signIn(person: Person): Promise<void> {
    await tab.page.getByRole('link', { name: 'Sign in' }).click();
    await tab.throughLoginPages(person);
    await tab.page.getByText('You are signed in').waitFor();
  }

  test('signed out it is refused, with the session of the browser it is let in; a POST too', async () => {
    const { page } = tab;
    await open('listWidgets');
    await page.getByText('You are not signed in.').waitFor();
    expect(await send()).toBe('401');
    expect(await page.locator('.answer-box').innerText()).toContain('credentials_missing');
    expect(await tab.inspect('docs-operation')).toEqual([]);
    await signIn(await newUser());
    await tab.heading('List widgets');
    await page.getByLabel('limit').fill('1');
    expect(await send()).toBe('200');

    await open('createWidget');
    await page.getByText('You are signed in').waitFor();
    await page.getByLabel('Body application/json').fill('{"name":"Tried"}');
    expect(await send()).toBe('201');
    expect(await page.locator('.answer-box').innerText()).toContain('"name": "Tried"');
    expect(await tab.inspect('docs-tried')).toEqual([]);
  });

  test('CSRF-01 the form’s POST is let in by its header alone: without it the API refuses', async () => {
    await open('createWidget');
    await signIn(await newUser());
    await tab.page.route('**/api/widgets', async (route) => {
      const headers = await route.request().allHeaders();
      delete headers['x-sallyport-csrf'];
      await route.continue({ headers });
    });
    expect(await send()).toBe('403');
    await tab.page.unroute('**/api/widgets');

    expect(await send()).toBe('201');
  });

  test('STEP-09 a challenge is shown, answered with the code that was mailed, and the request is let in', async () => {
    const { page } = tab;
    const person = await someone(true);
    await open('transfer');
    await signIn(person);
    expect(await send()).toBe('401');
    await page.getByText('A second proof is needed').waitFor();
    expect(await page.locator('.step-up').innerText()).toMatch(
      /urn:cognito:loa:2, not older than 300 seconds/,
    );
    await page.getByRole('button', { name: 'Prove it now' }).click();
    await page.getByLabel('Enter the code that was sent to your e-mail address').waitFor();
    expect(await tab.inspect('docs-step-up')).toEqual([]);
    const code = await mailedCode(person.email);
    await page.locator('#step-up-code').fill(code === '000000' ? '000001' : '000000');
    await page.getByRole('button', { name: 'Confirm and send again' }).click();
    await page.getByText('Refused: Unauthorized').waitFor();
    await page.locator('#step-up-code').fill(code);
    await page.getByRole('button', { name: 'Confirm and send again' }).click();
    await page.locator('.answer-box .s2').waitFor();

    expect(await page.locator('.answer-box').innerText()).toContain('"amountCents": 12500');
    expect(await send()).toBe('401');
  });

  test('an operation behind mutual TLS says why it cannot be tried here', async () => {
    await open('createPartnerOrder');
    await tab.page.getByText('it needs a client certificate').waitFor();

    expect(await tab.page.getByRole('button', { name: 'Send' }).count()).toBe(0);
    expect(await tab.inspect('docs-partner')).toEqual([]);
  });
});

test('from a folder pages are read and searched, and the form says why nothing can be tried', async () => {
  const { page, context } = tab;
  await context.setOffline(true);
  await page.goto(pathToFileURL(join(FOLDER, 'index.html')).href);
  await tab.heading('Widget API 0.2.0');
  await find(page, 'list widgets');
  await page.locator('.results a').first().click();
  await tab.heading('List widgets');
  await page.getByText('This page was opened from a folder.').waitFor();

  expect(await page.getByRole('button', { name: 'Send' }).count()).toBe(0);
  expect(await page.locator('.version').innerText()).toBe('Version 0.2.0, latest');
});

test('a static server without an API is told from the site', async () => {
  const { page } = tab;
  await page.route('**/api/**', async (route) =>
    route.fulfill({ status: 404, contentType: 'text/html', body: '<h1>404</h1>' }),
  );
  await page.goto(`${other}/docs/latest/operations/listWidgets.html`);
  await page.getByText('There is no API at this address').waitFor();
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('List widgets');
});
