/**
 * Factors and step-up in a real browser, with codes from the inbox and of a real authenticator app. Answers that this
 * deployment cannot be made to give, or not beside other suites, are put into the browser's network.
 */
import { setTimeout as pause } from 'node:timers/promises';

import type { Locator, Request } from 'playwright-core';

import { qrPath } from '../../web/src/qr-path';
import { inForce, operator } from '../step-up/operator';
import { App, digestOf, mailedCode } from '../step-up/people';
import { eachInATab, newUser, type Person, type Tab } from './tab';

const IBAN = 'DE89370400440532013000';
const REMOVAL = 'DELETE /factors/totp';

let tab: Tab;
let dialog: Locator;

eachInATab((opened) => {
  tab = opened;
  dialog = tab.page.getByRole('dialog', { name: 'Confirm that it is you' });
});

/** An app's codes, each of a later time step than the one before. */
class Codes {
  private readonly app: App;
  private last = 0;

  constructor(app: App) {
    this.app = app;
  }

  async next(): Promise<string> {
    for (;;) {
      const now = Math.floor(Date.now() / 30_000);
      const step = Math.max(now, this.last + 1);
      if (step <= now + 1) {
        this.last = step;
        return this.app.code(step - now);
      }
      await pause(500);
    }
  }

  wrong(): string {
    return this.app.wrong();
  }
}

async function press(name: string): Promise<void> {
  await tab.page.getByRole('button', { name, exact: true }).click();
}

async function open(screen: 'Settings' | 'Step-up'): Promise<void> {
  await tab.page.getByRole('navigation').getByRole('link', { name: screen }).click();
  await tab.heading(screen);
}

/** Enters a code into the dialog. */
async function enter(code: string): Promise<void> {
  await dialog.getByLabel('Code').fill(code);
  await dialog.getByRole('button', { name: 'Confirm' }).click();
}

async function fillTransfer(amount = '125.00'): Promise<void> {
  await tab.page.getByLabel('Amount').fill(amount);
  await tab.page.getByLabel('Recipient').fill(IBAN);
}

async function transfer(): Promise<void> {
  await press('Invoke transfer');
  await dialog.getByLabel('Code').waitFor();
}

async function said(text: string | RegExp): Promise<void> {
  await tab.page.getByRole('status').getByText(text).waitFor();
}

async function alerted(text: string): Promise<void> {
  await tab.page.getByRole('alert').getByText(text).waitFor();
}

function notThis(code: string): string {
  return code === '000000' ? '000001' : '000000';
}

/** Sets an app up from the open form. */
async function setUp(): Promise<Codes> {
  const { page } = tab;
  await page.getByRole('heading', { name: 'Set up your authenticator app' }).waitFor();
  const app = new App((await page.getByLabel('Secret', { exact: true }).innerText()).replaceAll(' ', ''));
  const codes = new Codes(app);
  await page.getByLabel('Code', { exact: true }).fill(await codes.next());
  await press('Confirm');
  return codes;
}

/** Signs in again by a link of the page, and comes back to it. */
async function signInAgain(link: Locator, person: Person): Promise<void> {
  // a sign-in of the second of the enrolment does not count as one that came after
  await pause(1_100);
  await link.click();
  await tab.throughLoginPages(person);
}

test('STEP-09 an app is set up by mail, preferred, asked for by every transfer, and removed', async () => {
  const { page } = tab;
  const person = await newUser();
  const sent: Request[] = [];
  page.on('request', (request) => request.url().endsWith('/api/transfer') && sent.push(request));
  await tab.signIn(person);
  await open('Settings');
  await page.getByText(/^Codes go to [0-9a-f]…@example.com, which is verified.$/).waitFor();
  expect(await page.getByRole('main').innerText()).not.toContain(person.email);
  expect(await tab.inspect('settings')).toEqual([]);

  await press('Set up the app');
  await dialog.getByText(/sent to [0-9a-f]…@example.com/).waitFor();
  await tab.until('document.activeElement.id === "code"');
  expect(await tab.inspect('step-up-mail')).toEqual([]);
  await enter('12');
  await dialog.getByText('Enter six digits.').waitFor();
  const mailed = await mailedCode(person.email);
  await enter(notThis(mailed));
  await dialog.getByText('This code is not right').waitFor();
  await tab.until('document.activeElement.id === "code"');
  expect(await tab.inspect('step-up-wrong')).toEqual([]);
  await enter(`${mailed.slice(0, 3)} ${mailed.slice(3)}`);

  await tab.until('document.activeElement.id === "enrol-title"');
  const uri = (await page.getByRole('link', { name: 'Open in an app here' }).getAttribute('href')) ?? '';
  const secret = (await page.getByLabel('Secret', { exact: true }).innerText()).replaceAll(' ', '');
  expect(new URL(uri).searchParams.get('secret')).toBe(secret);
  expect(await page.locator('svg.qr path').getAttribute('d')).toBe(qrPath(uri).path);
  await tab.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await press('Copy the secret');
  await said('The secret is copied.');
  expect(await tab.evaluate('navigator.clipboard.readText()')).toBe(secret);
  expect(await tab.inspect('set-up-app')).toEqual([]);
  await page.getByLabel('Code', { exact: true }).fill(new App(secret).wrong());
  await press('Confirm');
  await page.getByText('This code is not right.').waitFor();
  expect(await tab.inspect('set-up-app-wrong')).toEqual([]);
  const codes = await setUp();
  await said('The app is set up. It counts from your next sign-in.');
  expect(await tab.inspect('settings-app-later')).toEqual([]);
  await press('Prefer the app');
  await dialog.getByText('Your authenticator app counts from your next sign-in').waitFor();
  expect(await tab.inspect('step-up-app-later')).toEqual([]);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await alerted('Nothing was done');

  await signInAgain(page.getByRole('link', { name: 'Sign in again to use it' }), person);
  await tab.heading('Settings');
  await press('Prefer the app');
  await dialog.getByText('your authenticator app shows now').waitFor();
  expect(await tab.inspect('step-up-app')).toEqual([]);
  await enter(await codes.next());
  await said('You are asked for a code of the app first.');
  expect(await page.locator('li').filter({ hasText: 'Preferred' }).innerText()).toContain(
    'Authenticator app',
  );
  expect(await tab.inspect('settings-preferred')).toEqual([]);

  await open('Step-up');
  await fillTransfer();
  await transfer();
  expect(await dialog.innerText()).toContain(`Transfer of 125.00 to ${IBAN}.`);
  await enter(codes.wrong());
  await dialog.getByText('This code is not right').waitFor();
  const code = await codes.next();
  await enter(code);
  await said(/^Transfer of 125.00 to DE89370400440532013000 is taken, as /);
  expect(await tab.inspect('transferred')).toEqual([]);
  // the very bytes, with their digest, both times
  const [first, second, ...more] = sent.map((request) => [
    request.postData() ?? '',
    request.headers()['content-digest'],
  ]);
  expect(first).toEqual([`{"amountCents":12500,"to":"${IBAN}"}`, digestOf(first?.[0] ?? '')]);
  expect([second, more]).toEqual([first, []]);

  // a proof is for one transfer, and a code for one proof
  await transfer();
  await enter(code);
  await dialog.getByText('was used before').waitFor();
  await page.keyboard.press('Escape');
  await alerted('Nothing was done');

  await open('Settings');
  await operator('deny', REMOVAL, '--environment', 'local');
  try {
    await inForce();
    await press('Remove');
    expect(await tab.inspect('remove-app')).toEqual([]);
    await press('Remove the app');
    await alerted('or an operator has shut this for now');
    expect(await tab.inspect('shut-by-operator')).toEqual([]);
  } finally {
    await operator('release', REMOVAL, '--environment', 'local');
  }
  await inForce();
  await press('Remove');
  await press('Remove the app');
  await Promise.race([dialog.getByLabel('Code').waitFor(), said('The app is removed.')]);
  // the proof of before may have become too old by now
  if (await dialog.isVisible()) await enter(await codes.next());
  await said('The app is removed.');
  await page.getByText('Not set up.').waitFor();
  await tab.until('document.activeElement.tagName === "H1"');

  await open('Step-up');
  await fillTransfer('0.01');
  await transfer();
  await dialog.getByText('in the e-mail').waitFor();
}, 300_000);

test('by keyboard: a code by mail opens a transfer, and giving up leaves everything as it was', async () => {
  const { page } = tab;
  const { keyboard } = page;
  const person = await newUser();
  await tab.signIn(person);
  await open('Step-up');
  expect(await tab.inspect('step-up')).toEqual([]);
  await press('Invoke info');
  await said(/^Widget API .* takes you to be /);
  await press('Invoke transfer');
  await page.getByText('This value must be an amount such as 12.95.').waitFor();
  await tab.until('document.activeElement.id === "amount"');
  expect(await tab.inspect('transfer-invalid')).toEqual([]);
  await keyboard.type('1000');
  await keyboard.press('Tab');
  await keyboard.type('de89 3704 0044 0532 0130 00');
  await keyboard.press('Enter');
  await tab.until('document.activeElement.id === "code"');
  await keyboard.press('Escape');
  await alerted('Nothing was done');
  await tab.until('document.activeElement.id === "to"');
  expect(await tab.inspect('transfer-given-up')).toEqual([]);
  await keyboard.press('Enter');
  await tab.until('document.activeElement.id === "code"');
  await keyboard.type(await mailedCode(person.email));
  await keyboard.press('Enter');
  await said(/^Transfer of 1000.00 to /);
  await tab.until('document.activeElement.id === "to"');
});

test('STEP-06 three wrong answers end a challenge, five lock the person, and the page says so', async () => {
  const person = await newUser();
  await tab.signIn(person);
  await open('Step-up');
  await fillTransfer();
  await transfer();
  const wrongly = async (): Promise<void> => {
    await enter(notThis(await mailedCode(person.email)));
  };
  const refused = async (): Promise<void> => {
    // the message may still be that of the answer before
    await Promise.all([tab.page.waitForResponse('**/api/respond-to-challenge'), wrongly()]);
    await tab.until(
      'document.querySelector("dialog [type=submit]").getAttribute("aria-disabled") === "false"',
    );
    await dialog.getByText('This code is not right').waitFor();
  };
  await refused();
  await refused();
  await wrongly();
  await alerted('Three answers were not right');
  expect(await tab.inspect('step-up-three-wrong')).toEqual([]);
  await tab.until('document.activeElement.innerText === "Ask for a new code"');
  await press('Ask for a new code');
  await dialog.getByLabel('Code').waitFor();
  await refused();
  await refused();
  // the fifth has closed this challenge; the next one is not looked at
  await enter(await mailedCode(person.email));
  await alerted('Three answers were not right');
  await press('Ask for a new code');
  await dialog.getByLabel('Code').waitFor();
  await enter(await mailedCode(person.email));
  await alerted('Please try again in 30 minutes.');

  expect(await tab.inspect('step-up-locked')).toEqual([]);
});

test('STEP-06 five codes an hour are sent, and then the page says how long to wait', async () => {
  await tab.signIn(await newUser());
  await open('Step-up');
  await fillTransfer();
  await transfer();
  for (let more = 0; more < 5; more += 1) {
    await dialog.getByText('was sent to').waitFor();
    await press('Send another code');
    await dialog.getByText('Asking for a code …').waitFor({ state: 'hidden' });
  }
  await alerted('Please try again in 60 minutes.');

  expect(await tab.inspect('step-up-too-many-codes')).toEqual([]);
});

test('a challenge that took too long says so, and another one works', async () => {
  const { page } = tab;
  const person = await newUser();
  await tab.signIn(person);
  await open('Step-up');
  await fillTransfer();
  await page.route('**/api/initiate-auth', async (route) => {
    const response = await route.fetch();
    const json = { ...((await response.json()) as object), expiresAt: '2026-01-01T00:00:00.000Z' };
    await route.fulfill({ response, json });
  });
  await transfer();
  await enter(notThis(await mailedCode(person.email)));
  await alerted('This took too long');
  expect(await tab.inspect('step-up-expired')).toEqual([]);
  await page.unroute('**/api/initiate-auth');
  await press('Ask for a new code');
  await dialog.getByLabel('Code').waitFor();
  await enter(await mailedCode(person.email));
  await said(/is taken, as /);
});

test('who has nothing to confirm with is sent to the settings, where the first app takes a recent sign-in', async () => {
  const { page } = tab;
  const person = await newUser(false);
  await tab.signIn(person);
  await open('Step-up');
  await fillTransfer();
  await press('Invoke transfer');
  await alerted('You have nothing to confirm it with');
  expect(await tab.inspect('step-up-nothing')).toEqual([]);
  await dialog.getByRole('link', { name: 'Go to the settings' }).click();
  await tab.heading('Settings');
  await page.getByText('is not verified, so no code is sent there.').waitFor();
  expect(await tab.inspect('settings-unverified')).toEqual([]);
  // as it answers ten minutes after the sign-in
  const challenge = 'Bearer realm="sallyport", error="insufficient_user_authentication", max_age=600';
  await page.route('**/api/factors/totp', async (route) =>
    route.fulfill({ status: 401, json: { status: 401, reason: 'step_up_required', challenge } }),
  );
  await press('Set up the app');
  await alerted('Your sign-in is too long ago');
  expect(await tab.inspect('sign-in-too-old')).toEqual([]);
  await page.unroute('**/api/factors/totp');
  await signInAgain(dialog.getByRole('link', { name: 'Sign in again' }), person);
  await tab.heading('Settings');
  await press('Set up the app');
  const codes = await setUp();
  await said('The app is set up.');
  await signInAgain(page.getByRole('link', { name: 'Sign in again to use it' }), person);
  await tab.heading('Settings');
  await open('Step-up');
  await fillTransfer();
  await transfer();
  await enter(await codes.next());
  await said(/is taken, as /);
}, 180_000);

test('where a fresh sign-in would do, the dialog offers it with what the challenge asked for', async () => {
  const { page } = tab;
  const person = await newUser();
  await tab.signIn(person);
  await open('Step-up');
  // as an operator's `require` makes it answer; other suites call this operation
  const challenge =
    'Bearer realm="sallyport", error="insufficient_user_authentication", acr_values="urn:cognito:loa:2", max_age=300';
  await page.route('**/api/info', async (route) =>
    route.fulfill({ status: 401, json: { status: 401, reason: 'step_up_required', challenge } }),
  );
  await press('Invoke info');
  const link = dialog.getByRole('link', { name: 'Sign in again instead' });
  await link.waitFor();
  expect(await tab.inspect('step-up-or-sign-in')).toEqual([]);
  const { pathname, searchParams } = new URL((await link.getAttribute('href')) ?? '', tab.site);
  expect([pathname, Object.fromEntries(searchParams)]).toEqual([
    '/api/auth/login',
    { returnTo: '/step-up', acr_values: 'urn:cognito:loa:2', max_age: '300' },
  ]);
  await page.unroute('**/api/info');
  await enter(await mailedCode(person.email));
  await said(/ takes you to be /);
});

test('SESSION-03 a session that ends while somebody looks for the code is told in the dialog', async () => {
  const person = await newUser();
  await tab.signIn(person);
  await open('Step-up');
  await fillTransfer();
  await transfer();
  await tab.endSessionElsewhere();
  await enter(await mailedCode(person.email));
  await dialog.getByText('Your session has ended').waitFor();
  await dialog.getByRole('link', { name: 'Sign in again' }).click();
  await tab.throughLoginPages(person);
  await tab.heading('Step-up');

  expect(new URL(tab.page.url()).pathname).toBe('/step-up');
});

test('an operation that an operator has shut, and factors that cannot be loaded, are told', async () => {
  const { page } = tab;
  await tab.signIn(await newUser());
  await open('Step-up');
  await fillTransfer();
  // as a DENY makes it answer; other suites call this operation
  await page.route('**/api/transfer', async (route) => route.fulfill({ status: 403, json: { status: 403 } }));
  await press('Invoke transfer');
  await alerted('or an operator has shut this for now');
  expect(await tab.inspect('transfer-shut')).toEqual([]);
  await page.route('**/api/factors', async (route) => route.abort('internetdisconnected'));
  await open('Settings');
  await alerted('No connection to the service');
  await page.unroute('**/api/factors');
  await press('Try again');
  await page.getByText('Not set up.').waitFor();
});
