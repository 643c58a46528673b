/** The whole way through the app in a real browser: register, sign in, widgets, sign out; as a mouse and a keyboard go. */
import { mails } from '../../local/inbox';
import { localStack } from '../local-stack';
import { eachInATab, newUser, stranger, type Tab } from './tab';

let tab: Tab;

eachInATab((opened) => {
  tab = opened;
});

async function codeFor(email: string): Promise<string> {
  const mail = (await mails(localStack().emulatorUrl)).find(({ to }) => to === email);
  return /\b\d{6}\b/.exec(mail?.body ?? '')?.[0] ?? '';
}

/** Creates a widget by the form; the list is shown afterwards. */
async function create(name: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const { page } = tab;
  await page.getByRole('link', { name: 'New widget' }).click();
  await tab.heading('New widget');
  for (const [label, text] of Object.entries({ Name: name, ...more })) {
    await page.getByLabel(label).fill(text);
  }
  await page.getByRole('button', { name: 'Create widget' }).click();
  await page.getByText(`${name} is saved.`).waitFor();
}

/** The link of a widget in the list, whichever page it is on. */
async function findInList(name: string): Promise<void> {
  const { page } = tab;
  const link = page.getByRole('link', { name, exact: true });
  const more = page.getByRole('button', { name: 'Load more' });
  await page.getByText(/\d widgets?/).waitFor();
  while (!(await link.isVisible())) {
    const before = await page.locator('.widgets > li').count();
    await more.click();
    await page.locator('.widgets > li').nth(before).waitFor();
  }
}

function unique(name: string): string {
  return `${name} ${stranger().email.slice(0, 12)}`;
}

test('somebody new registers, mistypes the code, confirms, and is signed in where they wanted to go', async () => {
  const person = stranger();
  const { page } = tab;
  await tab.goto('/');
  await tab.heading('Widgets behind a checked front door');
  expect(await tab.inspect('welcome')).toEqual([]);
  await page.getByRole('link', { name: 'Create an account' }).click();
  await page.locator('[name=email]').fill(person.email);
  await page.locator('[name=password]').fill(person.password);
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.locator('[name=code]').waitFor();
  const code = await codeFor(person.email);
  await page.locator('[name=code]').fill(code === '000000' ? '000001' : '000000');
  await page.getByRole('button', { name: 'Confirm account' }).click();
  await page.getByText('Invalid verification code').waitFor();
  await page.locator('[name=code]').fill(code);
  await page.getByRole('button', { name: 'Confirm account' }).click();
  await tab.heading('Widgets');

  expect(new URL(page.url()).pathname).toBe('/widgets');
});

test('widgets are created, read, changed and deleted, and the session is shown', async () => {
  const { page } = tab;
  const [name, renamed] = [unique('Flange'), unique('Bracket')];
  await tab.signIn(await newUser());
  await create(name, { Description: 'Two lines\nof text', Price: '12.95', Tags: 'steel, small' });
  await findInList(name);
  const item = page.locator('.widgets > li').filter({ hasText: name });
  expect(await item.innerText()).toMatch(/12\.95[\s\S]*Two lines\s+of text[\s\S]*steel[\s\S]*small/);
  expect(await tab.inspect('widgets')).toEqual([]);
  await page.getByRole('link', { name, exact: true }).click();
  await tab.heading('Change widget');
  await page.getByLabel('Name').waitFor();
  expect(await page.getByLabel('Price').inputValue()).toBe('12.95');
  expect(await tab.inspect('change-widget')).toEqual([]);
  await page.getByLabel('Name').fill(renamed);
  await page.getByLabel('Price').fill('');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByText(`${renamed} is saved.`).waitFor();
  await findInList(renamed);
  expect(await page.locator('.widgets > li').filter({ hasText: renamed }).innerText()).not.toContain('12.95');
  const path = await page.getByRole('link', { name: renamed, exact: true }).getAttribute('href');
  await page.getByRole('link', { name: renamed, exact: true }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog', { name: 'Delete this widget?' }).waitFor();
  expect(await tab.inspect('delete-widget')).toEqual([]);
  await page.getByRole('button', { name: 'Delete widget' }).click();
  await page.getByText('The widget is deleted.').waitFor();
  await tab.goto(path ?? '');
  await page.getByText('This widget does not exist').waitFor();
  expect(await tab.inspect('widget-not-found')).toEqual([]);
  await page.getByRole('link', { name: 'Session' }).click();
  await tab.heading('Your session');
  expect(await page.getByRole('main').innerText()).toMatch(/widgets\/write/);
  expect(await tab.inspect('session')).toEqual([]);
});

test('the list is read page by page, and the focus goes on at the first new widget', async () => {
  const { page } = tab;
  await tab.signIn(await newUser());
  for (let count = 0; count < 21; count++) {
    const { status } = await tab.evaluate<{ status: number }>(
      `fetch('/api/widgets', { method: 'POST', body: JSON.stringify({ name: ${JSON.stringify(unique('Pin'))} }),
        headers: { 'content-type': 'application/json', 'x-sallyport-csrf': '1' } }).then(({ status }) => ({ status }))`,
    );
    expect(status).toBe(201);
  }
  await tab.goto('/widgets');
  await page.getByRole('button', { name: 'Load more' }).waitFor();
  const items = page.locator('.widgets > li');
  const before = await items.count();
  expect(await tab.inspect('widgets-more')).toEqual([]);
  await page.getByRole('button', { name: 'Load more' }).click();
  await items.nth(before).waitFor();
  await tab.until('document.activeElement.matches(".widgets a")');

  const first = await items.nth(before).getByRole('link').getAttribute('href');

  expect(await tab.evaluate('document.activeElement.getAttribute("href")')).toBe(first);
});

test('what the service refuses is shown at the field it speaks of, and is gone once it is mended', async () => {
  const { page } = tab;
  const name = unique('Valve');
  await tab.signIn(await newUser());
  await page.getByRole('link', { name: 'New widget' }).click();
  expect(await tab.inspect('new-widget')).toEqual([]);
  await page.getByLabel('Tags').fill('twice, twice');
  await page.getByRole('button', { name: 'Create widget' }).click();
  await page.getByText('Enter a value.').waitFor();
  const describedBy = await page.getByLabel('Name').getAttribute('aria-describedby');

  expect(await page.locator(`#${describedBy ?? ''}`).innerText()).toBe('Enter a value.');
  expect(await page.getByText('Enter each only once.').isVisible()).toBe(true);
  await tab.until('document.activeElement.id === "name"');
  expect(await tab.inspect('widget-invalid')).toEqual([]);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Price').fill('a lot');
  await page.getByRole('button', { name: 'Create widget' }).click();
  await page.getByText('This value must be an amount such as 12.95.').waitFor();
  await page.getByLabel('Price').fill('3,5');
  await page.getByLabel('Tags').fill('once');
  await page.getByRole('button', { name: 'Create widget' }).click();
  await page.getByText(`${name} is saved.`).waitFor();
  await findInList(name);

  expect(await page.locator('.widgets > li').filter({ hasText: name }).innerText()).toContain('3.50');
});

test('COOKIE-05 the browser keeps the session where no script can read it, and signing out ends it', async () => {
  const { page, context } = tab;
  await tab.signIn(await newUser());
  const cookies = await context.cookies(tab.site);
  const session = cookies.find((cookie) => cookie.name === '__Host-session');

  expect(session).toMatchObject({
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'Strict',
    domain: 'localhost',
  });
  expect(cookies.map((cookie) => cookie.name)).toEqual(['__Host-session']);
  expect(await tab.evaluate('document.cookie')).toBe('');
  expect(await tab.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).toBe('[{},{}]');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await tab.heading('Widgets behind a checked front door');
  await page.getByRole('navigation').getByRole('link', { name: 'Sign in' }).waitFor();

  expect(await context.cookies(tab.site)).toEqual([]);
  expect(await tab.evaluate(`fetch('/api/widgets').then(({ status }) => status)`)).toBe(401);
  await context.addCookies([{ ...session!, expires: -1 }]);
  expect(await tab.evaluate(`fetch('/api/widgets').then(({ status }) => status)`)).toBe(401);
  await tab.goto('/widgets');
  await tab.heading('Sign in to see this page');
  expect(await tab.inspect('sign-in-first')).toEqual([]);
});

test('everything can be done by keyboard, and the focus is never lost', async () => {
  const { page } = tab;
  const { keyboard } = page;
  const name = unique('Knob');
  const focused = async (): Promise<string> =>
    tab.evaluate('(document.activeElement.labels?.[0] ?? document.activeElement).innerText.split("\\n")[0]');
  const tabTo = async (text: string): Promise<void> => {
    for (let step = 0; step < 60 && (await focused()) !== text; step++) await keyboard.press('Tab');
    expect(await focused()).toBe(text);
  };
  await tab.signIn(await newUser());
  await tab.goto('/');
  await tab.heading('Widgets behind a checked front door');
  await page.getByRole('link', { name: 'Show the widgets' }).waitFor();
  await keyboard.press('Tab');
  expect(await focused()).toBe('Skip to the content');
  await keyboard.press('Enter');
  await tabTo('Show the widgets');
  await keyboard.press('Enter');
  await tab.heading('Widgets');
  expect(await focused()).toBe('Widgets');
  expect(await page.title()).toBe('Widgets – Sallyport');
  await tabTo('New widget');
  await keyboard.press('Enter');
  await tab.heading('New widget');
  expect(await focused()).toBe('New widget');
  await tabTo('Name');
  await keyboard.type(name);
  await keyboard.press('Enter');
  await page.getByText(`${name} is saved.`).waitFor();
  expect(await focused()).toBe('Widgets');
  await findInList(name);
  await page.getByRole('link', { name, exact: true }).focus();
  await keyboard.press('Enter');
  await page.getByRole('button', { name: 'Delete' }).waitFor();
  await tabTo('Delete');
  await keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  expect(await focused()).toBe('Cancel');
  await keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  expect(await focused()).toBe('Delete');
  await keyboard.press('Enter');
  await tabTo('Delete widget');
  await keyboard.press('Enter');
  await page.getByText('The widget is deleted.').waitFor();
  expect(await focused()).toBe('Widgets');
});
