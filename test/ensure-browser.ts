/** Before the end-to-end tests: installs Chromium where that needs no questions, or says in one line what is missing. */
import { spawnSync } from 'node:child_process';

import { findBrowser } from './browser';

const COMMANDS = [
  ['update', '-qq'],
  ['install', '-y', '-qq', '--no-install-recommends', 'chromium'],
];
const MINUTES = 10;

/**
 * @param mayInstall whether this process may install packages of Debian
 * @returns path of the browser, or why there is none
 */
export function ensureBrowser(
  environment: NodeJS.ProcessEnv,
  mayInstall: boolean,
  say: (line: string) => void,
): { readonly path: string } | { readonly missing: string } {
  const found = findBrowser(environment);
  if (found !== undefined) return { path: found };
  const advice =
    'install Chromium or Google Chrome, set SALLYPORT_BROWSER to its path, or leave these tests out with --no-e2e';
  const given = environment['SALLYPORT_BROWSER'] ?? '';
  if (given !== '') return { missing: `SALLYPORT_BROWSER is ${given}, which does not exist; ${advice}` };
  if (!mayInstall) return { missing: `no Chromium found; ${advice}` };
  say('Installing Chromium for the tests in a browser (apt-get install chromium), some minutes ...');
  for (const args of COMMANDS) {
    const { status, error } = spawnSync('apt-get', args, {
      env: { ...environment, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: MINUTES * 60_000,
    });
    if (status !== 0) {
      const why = error?.message ?? `status ${status ?? 'unknown'}`;
      return { missing: `apt-get ${args.join(' ')} failed (${why}); ${advice}` };
    }
  }
  const path = findBrowser(environment);
  return path === undefined ? { missing: `apt-get installed no Chromium; ${advice}` } : { path };
}

if (require.main === module) {
  const mayInstall = process.platform === 'linux' && process.getuid?.() === 0;
  const result = ensureBrowser(process.env, mayInstall, console.log);
  console.log('path' in result ? result.path : result.missing);
  process.exitCode = 'path' in result ? 0 : 1;
}
