/** Chromium for tests: which one there is on this machine, started so that it speaks to nothing but the test. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** Requests of the browser's own would be noise at best: updates, safe browsing, network experiments. */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

/** @returns path of the browser: that of SALLYPORT_BROWSER, or the first found; `undefined` when there is none */
export function findBrowser(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = environment['SALLYPORT_BROWSER'];
  if (given !== undefined && given !== '') return existsSync(given) ? given : undefined;
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const places = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), MAC];
  return places.find((place) => existsSync(place));
}

/** @throws Error when there is no browser */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) {
    throw new Error('no Chromium found; install it, or set SALLYPORT_BROWSER to the path of one');
  }
  // Chromium refuses to run its sandbox as root
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...QUIET, ...asRoot] });
}
