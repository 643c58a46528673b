/** Samples in curl, JavaScript and Python, taken from the pages of the deployed documentation and run. */
import type { Browser } from 'playwright-core';

import { launchBrowser } from '../browser';
import { Reader, RESULTS } from './samples';

let browser: Browser;
let reader: Reader;

beforeAll(async () => {
  browser = await launchBrowser();
  reader = await Reader.start(browser);
});

afterAll(async () => {
  await reader.stop();
  await browser.close();
});

test.each(['curl', 'JavaScript', 'Python'] as const)(
  'CSRF-01 STEP-07 %s: by token, session, certificate and for one request alone, with what it needs',
  async (language) => {
    expect(await reader.results(language)).toEqual(RESULTS);
  },
);
