/**
 * What people see when something goes wrong. Sessions end, people are refused and pages are missing for real; answers
 * that this deployment cannot be made to give are put into the browser's network.
 */
import type { Route } from 'playwright-core';

import { eachInATab, newUser, type Person, type Tab } from './tab';

let tab: Tab;
let person: Person;

eachInATab(async (opened) => {
  [tab, person] = [opened, await newUser()];
});

function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
): (route: Route) => Promise<void> {
  const body = JSON.stringify({ type: 'about:blank', title: 'x', status });
  return async (route) =>
    route.fulfill({ status, headers: { 'content-type': 'application/problem+json', ...headers }, body });
}

test('SESSION-03 a session that ends while somebody types loses nothing: they sign in again and save', async () => {
  const { page } = tab;
  const name = `Kept ${person.email.slice(0, 12)}`;
  await tab.signIn(person);
  await page.getByRole('link', { name: 'New widget' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Description').fill('Typed before the session ended');
  await tab.endSessionElsewhere();
  await page.getByRole('button', { name: 'Create widget' }).click();
  const alert = page.getByRole('alert');
  await alert.getByText('Your session has ended').waitFor();
  expect(await page.getByLabel('Name').inputValue()).toBe(name);
  expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(0);
  expect(await page.getByRole('navigation').getByRole('link', { name: 'Sign in' }).count()).toBe(1);
  expect(await tab.inspect('session-ended')).toEqual([]);
  await alert.getByRole('link', { name: 'Sign in again' }).click();
  await tab.throughLoginPages(person);
  await tab.heading('New widget');
  await page.getByText('What you had typed is back').waitFor();
  expect(new URL(page.url()).pathname).toBe('/widgets/new');
  expect(await page.getByLabel('Description').inputValue()).toBe('Typed before the session ended');
  expect(await tab.inspect('draft-restored')).toEqual([]);
  await page.getByRole('button', { name: 'Create widget' }).click();
  await page.getByText(`${name} is saved.`).waitFor();
  await page.getByRole('link', { name: 'New widget' }).click();

  expect(await page.getByLabel('Name').inputValue()).toBe('');
});

test('what somebody typed is shown to nobody else who signs in here, and is gone when they sign out', async () => {
  const { page } = tab;
  const other = await newUser();
  await tab.signIn(person);
  await page.getByRole('link', { name: 'New widget' }).click();
  await page.getByLabel('Name').fill('Private thought');
  await tab.endSessionElsewhere();
  await tab.signIn(other);
  await page.getByRole('link', { name: 'New widget' }).click();
  expect(await page.getByLabel('Name').inputValue()).toBe('');
  await page.getByLabel('Name').fill('Another');
  expect(await tab.evaluate('sessionStorage.length')).toBe(2);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await tab.heading('Widgets behind a checked front door');

  expect(await tab.evaluate('sessionStorage.length')).toBe(0);
});

test('a session that ended while the list was open is told, with the way back to it', async () => {
  const { page } = tab;
  await tab.signIn(person);
  await page.getByRole('link', { name: 'Session' }).click();
  await tab.endSessionElsewhere();
  await page.getByRole('link', { name: 'Widgets' }).click();
  await page.getByRole('link', { name: 'Sign in again' }).click();
  await tab.throughLoginPages(person);
  await tab.heading('Widgets');

  expect(new URL(page.url()).pathname).toBe('/widgets');
});

test('SESSION-03 a page that the browser kept asks again who is signed in before it is looked at', async () => {
  await tab.signIn(person);
  await tab.endSessionElsewhere();
  await tab.evaluate('dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })) && 0');
  await tab.heading('Sign in to see this page');

  expect(await tab.page.locator('.widgets').count()).toBe(0);
});

test.each([
  ['forbidden', answer(403), 'You may not do this'],
  ['busy', answer(429, { 'retry-after': '7' }), 'Please try again in 7 seconds.'],
  ['broken', answer(503), 'Its answer is not what it should be (503).'],
  ['offline', async (route: Route) => route.abort('internetdisconnected'), 'No connection to the service'],
  // a page where JSON is due, as a captive portal sends it
  [
    'no-json',
    async (route: Route) => route.fulfill({ status: 200, body: '<p>' }),
    'The service has a problem',
  ],
])('%s: the form says so and keeps what was typed; the next try succeeds', async (name, failing, words) => {
  const { page } = tab;
  await tab.signIn(person);
  await page.getByRole('link', { name: 'New widget' }).click();
  await page.getByLabel('Name').fill(`After ${name}`);
  await page.route('**/api/widgets', failing);
  await page.getByRole('button', { name: 'Create widget' }).click();
  await page.getByRole('alert').getByText(words).waitFor();
  expect(await tab.inspect(`failure-${name}`)).toEqual([]);
  await page.unroute('**/api/widgets');
  await page.getByRole('button', { name: 'Create widget' }).click();
  await page.getByText(`After ${name} is saved.`).waitFor();

  expect(await page.getByRole('alert').count()).toBe(0);
});

test('a list that cannot be loaded says why, and can be tried again', async () => {
  const { page } = tab;
  await tab.signIn(person);
  await page.route('**/api/widgets', async (route) => route.abort('internetdisconnected'));
  await page.reload();
  await page.getByText('No connection to the service').waitFor();
  expect(await tab.inspect('list-offline')).toEqual([]);
  await page.unroute('**/api/widgets');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('alert').waitFor({ state: 'detached' });

  expect(await page.getByRole('alert').count()).toBe(0);
});

test('an empty list says so, and a list that is loading too', async () => {
  const { page } = tab;
  await tab.signIn(person);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/api/widgets', async (route) => {
    await held;
    await route.fulfill({ status: 200, contentType: 'application/json', body: '{"items":[]}' });
  });
  await page.reload();
  await tab.heading('Widgets');
  await page.getByText('Loading …').waitFor();
  expect(await tab.inspect('widgets-loading')).toEqual([]);
  release();
  await page.getByText('There are no widgets yet.').waitFor();

  expect(await tab.inspect('widgets-empty')).toEqual([]);
});

test('when nobody can say who is signed in, the app says that, not that nobody is', async () => {
  const { page } = tab;
  await tab.signIn(person);
  await page.route('**/api/auth/session', answer(500));
  await page.reload();
  await page.getByText('The service has a problem').waitFor();
  expect(await page.getByRole('link', { name: 'Sign in' }).count()).toBe(0);
  expect(await tab.inspect('session-unknown')).toEqual([]);
  await page.unroute('**/api/auth/session');
  await page.getByRole('button', { name: 'Try again' }).click();
  await tab.heading('Widgets');

  expect(new URL(page.url()).pathname).toBe('/widgets');
});

test('signing out that fails leaves nobody in the belief that they are signed out', async () => {
  const { page } = tab;
  await tab.signIn(person);
  await page.route('**/api/auth/logout', answer(503));
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are still signed in.').waitFor();
  await page.unroute('**/api/auth/logout');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await tab.heading('Widgets behind a checked front door');

  expect(await tab.context.cookies(tab.site)).toEqual([]);
});

test('an address of nothing is told so, and Back goes where it came from', async () => {
  const { page } = tab;
  await tab.goto('/nothing/here');
  await tab.heading('There is no such page');
  expect(await tab.inspect('not-found')).toEqual([]);
  await page.getByRole('link', { name: 'Go to the start page' }).click();
  await tab.heading('Widgets behind a checked front door');
  await page.goBack();
  await tab.heading('There is no such page');

  expect(await page.title()).toBe('There is no such page – Sallyport');
});

test('LOGIN-04 the page of a sign-in that did not work has its style under its own policy, and a way out', async () => {
  const { page } = tab;
  await tab.goto('/api/auth/callback?state=unknown&error=access_denied');
  await tab.heading('This sign-in is no longer valid');

  expect(await tab.evaluate('getComputedStyle(document.body).margin')).toBe('0px');
  expect(await tab.inspect('sign-in-refused')).toEqual([]);
  await page.getByRole('link', { name: 'go to the start page' }).click();
  await tab.heading('Widgets behind a checked front door');
});

test('the policy stops a script and a style that do not belong to the app', async () => {
  await tab.goto('/');
  await tab.heading('Widgets behind a checked front door');
  const blocked = `new Promise((resolve) => {
    const seen = [];
    addEventListener('securitypolicyviolation', ({ effectiveDirective }) => seen.push(effectiveDirective));
    const script = document.createElement('script');
    try { script.text = 'globalThis.injected = true'; } catch { seen.push('trusted-types'); }
    document.body.append(script);
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    document.head.append(style);
    setTimeout(() => resolve([...new Set(seen)].sort().concat(String(globalThis.injected))), 100);
  })`;

  expect(await tab.evaluate(blocked)).toEqual(
    expect.arrayContaining(['style-src-elem', 'trusted-types', 'undefined']),
  );
  tab.forgive();
});
