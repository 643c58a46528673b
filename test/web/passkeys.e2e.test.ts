/** Passkeys in the settings and in the step-up dialog: Chromium's own WebAuthn, an authenticator of its debugging protocol. */
import type { Locator } from 'playwright-core';

import { mailedCode } from '../step-up/people';
import { eachInATab, newUser, type Tab } from './tab';

let tab: Tab;
let dialog: Locator;

eachInATab((opened) => {
  tab = opened;
  dialog = tab.page.getByRole('dialog', { name: 'Confirm that it is you' });
});

async function press(name: string | RegExp): Promise<void> {
  await tab.page.getByRole('button', { name, exact: true }).click();
}

async function said(text: string | RegExp): Promise<void> {
  await tab.page.getByRole('status').getByText(text).waitFor();
}

/** Confirms with the passkey where no proof of before is good for it, and waits for what comes of it. */
async function confirmed(text: string): Promise<void> {
  await Promise.race([said(text), dialog.getByRole('button', { name: 'Use your passkey' }).waitFor()]);
  if (await dialog.isVisible()) await press('Use your passkey');
  await said(text);
}

async function openStepUp(): Promise<void> {
  await tab.page.getByRole('navigation').getByRole('link', { name: 'Step-up' }).click();
  await tab.heading('Step-up');
  await tab.page.getByLabel('Amount').fill('125.00');
  await tab.page.getByLabel('Recipient').fill('DE89370400440532013000');
  await press('Invoke transfer');
}

test('STEP-05 a passkey is added by a code, opens a transfer, gives way to a code, is preferred and removed', async () => {
  const { page } = tab;
  const authenticator = await tab.authenticator();
  const person = await newUser();
  await tab.signIn(person);
  await tab.goto('/settings');
  await tab.heading('Settings');
  await press('Add a passkey');
  await dialog.getByText('was sent to').waitFor();
  await dialog.getByLabel('Code').fill(await mailedCode(person.email));
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await said('The passkey is added. It counts from your next sign-in.');
  expect(await tab.inspect('settings-passkey-later')).toEqual([]);
  // a sign-in of the second of the enrolment does not count as one that came after
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await page.getByRole('link', { name: 'Sign in again to use it' }).click();
  await tab.throughLoginPages(person);
  await tab.heading('Settings');

  await openStepUp();
  await dialog.getByRole('button', { name: 'Use your passkey' }).waitFor();
  await tab.until('document.activeElement.innerText === "Use your passkey"');
  expect(await tab.inspect('step-up-passkey')).toEqual([]);
  await authenticator.verifiesUser(false);
  await page.keyboard.press('Enter');
  await dialog.getByText('The browser got no passkey.').waitFor();
  expect(await tab.inspect('step-up-passkey-given-up')).toEqual([]);
  await authenticator.verifiesUser(true);
  await press('Use your passkey');
  await said(/^Transfer of 125.00 to DE89370400440532013000 is taken, as /);

  await tab.goto('/');
  await openStepUp();
  await press('Use a code instead');
  await dialog.getByText('was sent to').waitFor();
  await dialog.getByLabel('Code').fill(await mailedCode(person.email));
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await said(/is taken, as /);

  await tab.goto('/settings');
  await press('Prefer passkeys');
  await confirmed('You are asked for a passkey first.');
  expect(await page.locator('li').filter({ hasText: 'Preferred' }).innerText()).toContain('Passkeys');
  expect(await tab.inspect('settings-passkey')).toEqual([]);
  await openStepUp();
  await press('Use a code instead');
  await dialog.getByRole('button', { name: 'Use your passkey' }).waitFor();
  expect(await dialog.getByRole('button', { name: 'Use a code instead' }).count()).toBe(0);
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  await tab.goto('/settings');
  await press(/^Remove passkey 1, of /);
  await page.getByRole('dialog', { name: 'Remove this passkey?' }).waitFor();
  expect(await tab.inspect('remove-passkey')).toEqual([]);
  await press('Remove the passkey');
  await confirmed('The passkey is removed.');
  await page.getByText('None yet.').waitFor();
}, 180_000);
