/** Finding and installing the browser of the tests, with programs that stand in for it and for apt-get. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findBrowser } from '../browser';
import { ensureBrowser } from '../ensure-browser';

let folder: string;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-browser-'));
  said = [];
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function program(name: string, script = ''): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

function ensure(mayInstall: boolean, more: NodeJS.ProcessEnv = {}): ReturnType<typeof ensureBrowser> {
  return ensureBrowser({ PATH: folder, ...more }, mayInstall, (line) => said.push(line));
}

test('the one that is named goes first, then the names in their order', () => {
  const chrome = program('google-chrome');
  expect(findBrowser({ PATH: `/nowhere:${folder}` })).toBe(chrome);
  const chromium = program('chromium');
  expect(findBrowser({ PATH: folder })).toBe(chromium);
  expect(findBrowser({ PATH: folder, SALLYPORT_BROWSER: chrome })).toBe(chrome);
  expect(findBrowser({ PATH: folder, SALLYPORT_BROWSER: '/nowhere/chrome' })).toBeUndefined();
});

test('what is there is used, and nothing is installed', () => {
  const path = program('chromium');
  program('apt-get', 'exit 1');

  expect(ensure(true)).toEqual({ path });
  expect(said).toEqual([]);
});

test('without the right to install, one line says what to do', () => {
  program('apt-get', `: > ${folder}/chromium`);

  expect(ensure(false)).toEqual({
    missing: expect.stringMatching(/^no Chromium found; install .* --no-e2e$/) as string,
  });
});

test('a browser that is named and is not there is not replaced by another', () => {
  program('chromium');

  expect(ensure(true, { SALLYPORT_BROWSER: '/nowhere/chrome' })).toEqual({
    missing: expect.stringContaining('/nowhere/chrome, which does not exist') as string,
  });
});

test('with it, Chromium is installed, after a line that says so', () => {
  program('apt-get', `[ "$1" = install ] && : > ${folder}/chromium; exit 0`);

  expect(ensure(true)).toEqual({ path: join(folder, 'chromium') });
  expect(said).toEqual([expect.stringContaining('Installing Chromium')]);
});

test.each([
  ['exit 100', 'apt-get update -qq failed (status 100)'],
  [
    '[ "$1" = update ] || exit 100',
    'apt-get install -y -qq --no-install-recommends chromium failed (status 100)',
  ],
  ['exit 0', 'apt-get installed no Chromium'],
])('when apt-get does `%s`: %s, and what to do', (script, why) => {
  program('apt-get', script);
  const result = ensure(true);

  expect(result).toEqual({ missing: expect.stringContaining(why) as string });
  expect(result).toEqual({ missing: expect.stringContaining('--no-e2e') as string });
});
