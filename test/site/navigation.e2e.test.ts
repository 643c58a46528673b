/** Navigations to the API in a real browser: led to the login and back, whether the session is absent, dead or only far away. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { DeleteItemCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Browser, BrowserContext, Page } from 'playwright-core';

import { clientSettings } from '../../local/aws';
import { launchBrowser } from '../browser';
import { localStack } from '../local-stack';

const SITE = localStack().siteUrl;
const PLACE = `${SITE}/api/widgets?limit=3`;

let browser: Browser;
let elsewhere: Server;
let otherSite: string;

beforeAll(async () => {
  browser = await launchBrowser();
  // a page of another site: 127.0.0.1 is not of the same site as localhost
  elsewhere = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(`<a id="mail" href="${PLACE}">see</a><a id="ping" href="${SITE}/api/ping">ping</a>`);
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  otherSite = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
}, 60_000);

afterAll(async () => {
  await browser.close();
  elsewhere.close();
});

let context: BrowserContext;
let page: Page;
/** Paths of the site that were navigated to, in order, with the status. */
let seen: string[];

beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  seen = [];
  page.on('response', (response) => {
    const url = new URL(response.url());
    if (url.origin === SITE && response.request().isNavigationRequest()) {
      seen.push(`${response.status()} ${url.pathname}`);
    }
  });
});

afterEach(async () => {
  await context.close();
});

/** Fills the login pages in until they lead back to the site. */
async function signIn(): Promise<void> {
  const user = localStack().users.find(({ email }) => email.startsWith('ada@'))!;
  await page.waitForURL((url) => url.origin !== SITE && url.href !== otherSite);
  for (let step = 0; step < 4 && new URL(page.url()).origin !== SITE; step++) {
    const name = page.locator('input[name="username"]:visible, input[name="email"]:visible').first();
    if ((await name.count()) > 0) await name.fill(user.email);
    const password = page.locator('input[type="password"]:visible').first();
    if ((await password.count()) > 0) await password.fill(user.password);
    await page.locator('[type="submit"]:visible').first().click();
    await page.waitForLoadState();
  }
}

async function arrived(): Promise<string> {
  await page.getByText('"items"').waitFor();
  return page.url();
}

async function endSessions(): Promise<void> {
  const { emulatorUrl, sessionsTableName: TableName } = localStack();
  const client = new DynamoDBClient(clientSettings(emulatorUrl));
  const { Items = [] } = await client.send(new ScanCommand({ TableName }));
  for (const { id } of Items) await client.send(new DeleteItemCommand({ TableName, Key: { id: id! } }));
  client.destroy();
}

test('without a session ends at the login, and then where it wanted to go, without a loop', async () => {
  await page.goto(PLACE);
  await signIn();

  expect(await arrived()).toBe(PLACE);
  // the login pages are another site: the Strict cookie stays at home on the way back, and comes at the second asking
  expect(seen).toEqual([
    '303 /api/widgets',
    '303 /api/auth/login',
    '303 /api/auth/callback',
    '200 /api/widgets',
    '200 /api/widgets',
  ]);
});

test('from a link of another site finds a live session, although the Strict cookie does not come along', async () => {
  await page.goto(PLACE);
  await signIn();
  await arrived();
  await page.goto(otherSite);
  seen = [];
  await page.click('#mail');

  expect(await arrived()).toBe(PLACE);
  expect(seen).toEqual(['200 /api/widgets', '200 /api/widgets']);
});

test('from a link of another site without a session ends at the login', async () => {
  await page.goto(otherSite);
  await page.click('#mail');
  await signIn();

  expect(await arrived()).toBe(PLACE);
});

test('with the cookie of a session that is over ends at the login, by the answer of the front door', async () => {
  await page.goto(PLACE);
  await signIn();
  await arrived();
  await endSessions();
  seen = [];
  await page.goto(PLACE);
  await signIn();

  expect(await arrived()).toBe(PLACE);
  expect(seen.slice(0, 2)).toEqual(['401 /api/widgets', '303 /api/auth/login']);
});

test('a fetch gets 401 as it is, without a session and with one that is over', async () => {
  const fetched = (): Promise<[number, string, string | null, string]> =>
    page.evaluate(async () => {
      const answer = await fetch('/api/widgets');
      const type = answer.headers.get('content-type') ?? '';
      const { reason } = (await answer.json()) as { reason: string };
      return [answer.status, type, answer.headers.get('refresh'), reason];
    });
  // answers of the API let no script fetch; a page of the site does
  await page.goto(`${SITE}/`);

  expect(await fetched()).toEqual([401, 'application/problem+json', null, 'credentials_missing']);

  await page.goto(PLACE);
  await signIn();
  await arrived();
  await endSessions();
  await page.goto(`${SITE}/`);

  expect(await fetched()).toEqual([401, 'application/problem+json', null, 'session_ended']);
});

test('to a public operation goes straight there', async () => {
  await page.goto(otherSite);
  await page.click('#ping');
  await page.waitForURL(`${SITE}/api/ping`);

  expect(seen).toEqual(['200 /api/ping']);
});
