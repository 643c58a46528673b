/**
 * The review page in a real browser, of a real run: objects with names that were chosen to do harm, the mail in the inbox,
 * two reviewers. Answers that this deployment does not give (two people, malware, many pages, an end that has passed) are
 * put into the browser's network.
 */
import { randomUUID } from 'node:crypto';

import type { Locator } from 'playwright-core';

import type { Review, ReviewedObject, Vote } from '../../web/src/review-types';
import {
  CARD,
  ended,
  endTurn,
  keysIn,
  linkOf,
  start,
  type Started,
  tagsOf,
  takeTurn,
  upload,
} from '../data-scan/deployed';
import { localStack } from '../local-stack';
import { mailedCode, someone } from '../step-up/people';
import { eachInATab, newUser, type Person, type Tab } from './tab';

const HEADING = 'Review of a data scan';
const FOLDER = randomUUID();
const [EVIL, PHOTO, LIST] = [
  `${FOLDER}/<img src=x onerror=alert(1)>\u202Egnp\nApproved.csv`,
  `${FOLDER}/<script>alert(2)</script>.jpg`,
  `${FOLDER}/list.csv`,
];

let tab: Tab;
let run: Started;
let link: string;

eachInATab((opened) => {
  tab = opened;
});

beforeAll(async () => {
  await takeTurn();
  try {
    await upload(EVIL, `${CARD}\n${CARD}`, 'team=a');
    await upload(PHOTO, 'pixels');
    await upload(LIST, CARD, 'uploaded-by=somebody');
    run = await start();
    link = await linkOf(run);
  } finally {
    endTurn();
  }
}, 400_000);

function reviewer(): Promise<Person> {
  return someone(true, 'data-reviewers');
}

/** Follows the link of the mail, signs in, and is at the review. */
async function arrive(on: Tab, person: Person, url = link): Promise<void> {
  await on.page.goto(url);
  await on.signInFirst(person);
  await on.heading(HEADING);
}

/** The object whose name has this in it. */
function item(on: Tab, name: string): Locator {
  return on.page.locator('.objects > li').filter({ hasText: name });
}

async function choose(on: Tab, name: string, label: 'Approve' | 'Deny' | 'Not yet'): Promise<void> {
  await item(on, name).getByRole('radio', { name: label }).check();
}

async function press(on: Tab, name: string): Promise<void> {
  await on.page.getByRole('button', { name, exact: true }).click();
}

async function enterCode(on: Tab, { email }: Person): Promise<void> {
  const dialog = on.page.getByRole('dialog', { name: 'Confirm that it is you' });
  await dialog.getByText('was sent to').waitFor();
  await dialog.getByLabel('Code').fill(await mailedCode(email));
  await dialog.getByRole('button', { name: 'Confirm' }).click();
}

async function said(on: Tab, text: string): Promise<void> {
  await on.page.getByRole('status').getByText(text).waitFor();
}

async function alerted(on: Tab, text: string): Promise<void> {
  await on.page.getByRole('alert').getByText(text).waitFor();
}

test('SCAN-07 APPROVE-01 APPROVE-02 from the mail to the scanned data: one decides, who comes second sees who it was', async () => {
  const { scannedDataBucketName: output, manualReviewBucketName: waiting } = localStack();
  const [rita, ravi] = [await reviewer(), await reviewer()];
  const { page } = tab;
  const alarms: string[] = [];
  page.on('dialog', (dialog) => alarms.push(dialog.message()));
  page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url());
    const known = [new URL(link).pathname, '/config.json', '/favicon.svg'];
    // a picture of the name would be a path beside the page's own
    if (origin === tab.site && !/^\/(api|assets)\//.test(pathname) && !known.includes(pathname))
      alarms.push(request.url());
  });
  // what programs do with the links of a mail before people see it
  const id = link.slice(link.lastIndexOf('/') + 1);
  for (const url of [link, `${tab.site}/api/reviews/${id}`, `${tab.site}/api/reviews/${id}/decisions`])
    for (const method of ['GET', 'HEAD', 'POST'])
      await fetch(url, { method, headers: { 'sec-purpose': 'prefetch' } });

  await arrive(tab, rita);
  expect(page.url()).toBe(link);
  await page.getByText(run.id, { exact: true }).waitFor();
  const evil = item(tab, 'onerror');
  expect(await evil.getByRole('heading').innerText()).toBe(
    `${FOLDER}/<img src=x onerror=alert(1)>U+202EgnpU+000AApproved.csv`,
  );
  expect(await item(tab, '<script>').innerText()).toMatch(
    /The scanner skipped it: UNSUPPORTED_FILE_TYPE_EXCEPTION\./,
  );
  expect(await evil.innerText()).toMatch(/Sensitive, medium[\s\S]*CREDIT_CARD_NUMBER × 2/);
  expect(await item(tab, 'list.csv').innerText()).toMatch(/uploaded by somebody$/m);
  expect(await page.locator('.objects .said, .objects img, .objects script').count()).toBe(0);
  expect(await tab.inspect('review')).toEqual([]);

  // a second reviewer looks at it at the same time
  const late = await tab.another();
  await arrive(late, ravi);
  await choose(late, 'onerror', 'Deny');
  await late.page.getByLabel('Reason').fill('These are real cards');

  await choose(tab, 'onerror', 'Approve');
  await evil.getByRole('checkbox', { name: 'The findings are false' }).check();
  await choose(tab, '<script>', 'Deny');
  await press(tab, 'Decide about 2 objects');
  await page.getByText('Enter at least 3 characters.').waitFor();
  await tab.until('document.activeElement.id === "reason"');
  expect(await tab.inspect('review-chosen')).toEqual([]);
  await page.getByLabel('Reason').fill('Test cards of <b>the bank</b>');
  await press(tab, 'Decide about 2 objects');
  await page.getByRole('dialog').getByText('Approve 1 object, deny 1 object.').waitFor();
  await page.getByRole('dialog').getByText('was sent to').waitFor();
  expect(await tab.inspect('review-step-up')).toEqual([]);
  await enterCode(tab, rita);
  await said(tab, '1 object approved, 1 object denied.');
  await tab.until('document.activeElement.tagName === "H1"');
  expect(await evil.innerText()).toMatch(/Approved, as a false positive by you on [^<]*<b>the bank<\/b>/);
  expect(await page.getByRole('radio').count()).toBe(3);
  expect(await tab.inspect('review-decided')).toEqual([]);

  await press(late, 'Decide about 1 object');
  await enterCode(late, ravi);
  await alerted(late, 'Nothing was done');
  expect(await late.page.getByRole('alert').innerText()).toMatch(
    /was decided by [0-9a-f-]{36} on \w+ \d+, \d{4}/,
  );
  expect(await late.inspect('review-second')).toEqual([]);
  // what was typed is still there
  await press(late, 'Approve all');
  await late.page.getByRole('dialog', { name: 'Approve all that is open?' }).waitFor();
  expect(await late.inspect('review-all')).toEqual([]);
  await late.page.getByRole('dialog').getByRole('button', { name: 'Approve all' }).click();
  await said(late, 'All that was open is approved. The review is over.');
  expect(await late.page.getByRole('button', { name: /Decide|all/ }).count()).toBe(0);
  await late.close();

  expect(await ended(run)).toBe('SUCCEEDED');
  expect((await keysIn(output, FOLDER)).sort()).toEqual([EVIL, LIST].sort());
  expect(await tagsOf(output, EVIL)).toEqual({ team: 'a', SensitiveDataFound: 'true' });
  expect(await keysIn(waiting, `runs/${run.id}/`)).toEqual([]);

  // the first reviewer's page is of before
  await page.getByLabel('Reason').fill('Too late');
  await press(tab, 'Deny all');
  await page.getByRole('dialog').getByRole('button', { name: 'Deny all' }).click();
  await alerted(tab, 'The review is over');
  expect(await page.getByRole('alert').innerText()).toMatch(/was decided by [0-9a-f-]{36} on/);
  expect(await page.getByRole('button', { name: /Decide|all/ }).count()).toBe(0);
  expect(await tab.inspect('review-over')).toEqual([]);
  expect(alarms).toEqual([]);
}, 240_000);

test('who is no reviewer is told so, and sees nothing of it; a link that is not whole leads nowhere', async () => {
  const { page } = tab;
  await page.goto(link);
  await tab.heading('Sign in to see this page');
  expect(await tab.inspect('review-sign-in')).toEqual([]);
  await tab.signInFirst(await newUser());
  await alerted(tab, 'This page is for reviewers');
  expect(await page.getByRole('main').innerText()).not.toContain(FOLDER);
  expect(await tab.inspect('review-not-yours')).toEqual([]);
  await page.getByRole('link', { name: 'Go to the start page' }).click();
  await tab.heading('Widgets behind a checked front door');

  const reader = await tab.another();
  const changed = `${link.slice(0, -1)}${link.endsWith('A') ? 'B' : 'A'}`;
  await arrive(reader, await reviewer(), changed);
  await alerted(reader, 'There is no such review');
  expect(await reader.inspect('review-unknown')).toEqual([]);
  await reader.page.goto(link.slice(0, -3));
  await alerted(reader, 'There is no such review');
  await reader.close();
});

const ADA: Vote = {
  by: '11111111-2222-4333-8444-555555555555',
  at: '2026-11-20T09:00:00.000Z',
  decision: 'approve',
  falsePositive: false,
  reason: 'The bank published these',
};

function object(number: number, more: Partial<ReviewedObject> = {}): ReviewedObject {
  return {
    number,
    name: `object-${number}.csv`,
    size: 12_345,
    approval: 'releases',
    verdict: 'SENSITIVE',
    ...more,
  };
}

function review(items: readonly ReviewedObject[], more: Partial<Review> = {}): Review {
  return {
    run: 'nightly-7',
    open: true,
    until: new Date(Date.now() + 3 * 86_400_000).toISOString(),
    objects: items.length,
    approval: 'releases',
    counts: {
      verdicts: { CLEAN: 12_000, SENSITIVE: 2, MALWARE: 1 },
      severities: { HIGH: 2 },
      types: { AWS_SECRET_ACCESS_KEY: 2 },
      reasons: {},
    },
    items,
    ...more,
  };
}

/** Answers the page's request for a review, by number of the page. */
async function answering(...pages: readonly Review[]): Promise<void> {
  await tab.page.route('**/api/reviews/*?page=*', async (route) => {
    const page = Number(new URL(route.request().url()).searchParams.get('page'));
    await route.fulfill({ json: pages[page] });
  });
}

test('by keyboard: what may not be chosen says why, more objects are loaded, and a decision is kept over a sign-in', async () => {
  const { page } = tab;
  const { keyboard } = page;
  const person = await newUser();
  const detections = [{ category: 'CREDENTIALS', type: 'AWS_SECRET_ACCESS_KEY', count: 1 }];
  const first = { approval: 'own_upload', objects: 5 } as const;
  await answering(
    review(
      [
        object(0, { verdict: 'MALWARE', approval: 'malware' }),
        object(1, { severity: 'HIGH', detections, approval: 'own_upload', uploader: 'me' }),
        object(2, { severity: 'HIGH', detections, approval: 'other_person_needed', first: ADA }),
      ],
      { ...first, next: 1 },
    ),
    review(
      [
        object(3, { first: ADA, suppressible: true }),
        object(4, { approval: 'first_of_two', suppressible: false }),
      ],
      first,
    ),
  );
  await arrive(tab, person);
  await item(tab, 'object-0').waitFor();
  const notes = async (): Promise<string[]> =>
    Promise.all((await page.locator('.choices .hint').all()).map((note) => note.innerText()));
  expect(await notes()).toEqual([
    'Malware can only be denied.',
    'You uploaded it, so you may not approve it.',
    'You have approved it. Another person has to approve it too.',
  ]);
  for (const name of ['object-0', 'object-1', 'object-2'])
    expect(await item(tab, name).getByRole('radio', { name: 'Approve' }).isDisabled()).toBe(true);
  expect(await page.getByRole('button', { name: 'Approve all' }).isDisabled()).toBe(true);
  await page.getByText('so you may not approve all at once').waitFor();
  await page.getByText('3 of 5 objects are shown').waitFor();
  expect(await tab.inspect('review-two-people')).toEqual([]);

  await page.getByRole('button', { name: 'Load more' }).focus();
  await keyboard.press('Enter');
  await item(tab, 'object-4').waitFor();
  await tab.until('document.activeElement.innerText === "object-3.csv"');
  expect((await notes()).slice(3)).toEqual([
    expect.stringMatching(/^11111111-\S+ approved it on .* Your approval releases it\.$/) as string,
    'It takes two people to release: after you, another person has to approve it too. Findings without a readable type cannot be called false: the next runs ask about them again.',
  ]);
  await choose(tab, 'object-4', 'Approve');
  expect(await page.getByRole('checkbox').count()).toBe(0);
  await choose(tab, 'object-4', 'Not yet');
  await item(tab, 'object-3').getByRole('heading').focus();
  await keyboard.press('Tab');
  await keyboard.press('ArrowRight');
  expect(await item(tab, 'object-3').getByRole('radio', { name: 'Approve' }).isChecked()).toBe(true);
  await keyboard.press('Tab');
  await keyboard.press('Space');
  expect(await page.getByRole('checkbox').isChecked()).toBe(true);
  await page.getByLabel('Reason').focus();
  await keyboard.type('Looked at with the bank');
  await tab.endSessionElsewhere();
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await alerted(tab, 'Your session has ended');
  expect(await tab.inspect('review-session-ended')).toEqual([]);
  await page.getByRole('alert').getByRole('link', { name: 'Sign in again' }).click();
  await tab.throughLoginPages(person);
  await tab.heading(HEADING);
  await press(tab, 'Load more');
  await page.getByRole('button', { name: 'Decide about 1 object' }).waitFor();

  expect(await page.getByLabel('Reason').inputValue()).toBe('Looked at with the bank');
  expect(await page.getByRole('checkbox').isChecked()).toBe(true);
}, 180_000);

test('APPROVE-04 a review whose time is over says so, and what nobody decided is denied', async () => {
  await answering(
    review([object(0, { decided: ADA, approval: 'decided' }), object(1)], {
      open: false,
      until: '2026-11-20T10:00:00.000Z',
    }),
  );
  await arrive(tab, await newUser());
  await tab.page.getByText('The review is over: nothing of it can be decided any more.').waitFor();
  expect(await item(tab, 'object-0').innerText()).toMatch(/Approved by 11111111/);
  expect(await item(tab, 'object-1').innerText()).toMatch(/Nobody decided in time: denied\./);
  expect(await tab.page.getByRole('radio').count()).toBe(0);

  expect(await tab.inspect('review-expired')).toEqual([]);
});

test('with its last object the review is over, also while the run has not seen it yet', async () => {
  const { page } = tab;
  await answering(review([object(0), object(1, { decided: ADA, approval: 'decided' })]));
  await page.route('**/api/reviews/*/decisions', async (route) => {
    await route.fulfill({ json: { complete: true, pending: [] } });
  });
  await arrive(tab, await newUser());
  await choose(tab, 'object-0', 'Approve');
  await page.getByLabel('Reason').fill('Looked at');
  await press(tab, 'Decide about 1 object');
  await said(tab, '1 object approved. The review is over.');

  await page.getByText('The review is over: nothing of it can be decided any more.').waitFor();
  expect(await page.getByRole('button', { name: /Decide|all/ }).count()).toBe(0);
  expect(await tab.inspect('review-last')).toEqual([]);
});

test('without a connection, and while the service has a problem, the page says so and goes on', async () => {
  const { page } = tab;
  await tab.signIn(await reviewer());
  await page.route('**/api/reviews/*?page=*', (route) => route.abort('internetdisconnected'));
  await page.goto(link);
  await alerted(tab, 'No connection to the service');
  await page.unroute('**/api/reviews/*?page=*');
  await answering(review([object(0)]));
  await press(tab, 'Try again');
  await choose(tab, 'object-0', 'Approve');
  await page.getByLabel('Reason').fill('Looked at');
  await page.route('**/api/reviews/*/decisions', (route) => route.fulfill({ status: 503, json: {} }));
  await press(tab, 'Decide about 1 object');
  await alerted(tab, 'The service has a problem');

  expect(await page.getByLabel('Reason').inputValue()).toBe('Looked at');
  expect(await tab.inspect('review-problem')).toEqual([]);
  tab.forgive();
});
