/** The built web app and documentation: made anew when their sources are newer than what was built of them. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { step, type Say } from '../tools/_kit/progress';
import { Failure } from './failure';

const ROOT = join(__dirname, '..');
const WEB = join(ROOT, 'web');

/**
 * @returns the folder with the built web app
 * @throws Failure with the words of the build
 */
export async function ensureWeb(say: Say): Promise<string> {
  const built = join(WEB, 'dist');
  if (isOlder(join(built, 'index.html'), WEB))
    await step(say, 'building the web app', () => build('the web app', ['build:web']));
  return built;
}

/** What the documentation is made from. */
const DOCS_SOURCES = ['openapi.yaml', 'published', 'tools/docs', 'tools/spec', 'web/docs', 'web/palette.css'];

/**
 * @returns the folder with the built documentation
 * @throws Failure with the words of the build
 */
export async function ensureDocs(say: Say): Promise<string> {
  const built = join(ROOT, 'dist/docs');
  const mark = join(built, 'versions.js');
  const sources = DOCS_SOURCES.map((name) => join(ROOT, name)).filter((path) => existsSync(path));
  if (!existsSync(mark) || statSync(mark).mtimeMs < Math.max(...sources.map(newest)))
    await step(say, 'building the documentation', () => build('the documentation', ['docs', '--', 'build']));
  return built;
}

/** Whether a file is missing, or older than any source of the folder; a folder without a page has nothing to build. */
export function isOlder(file: string, folder: string): boolean {
  if (!existsSync(join(folder, 'index.html'))) return false;
  return !existsSync(file) || statSync(file).mtimeMs < newest(folder);
}

/** When a file, or what is in a folder, was changed last; in milliseconds since 1970. */
function newest(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs;
  const names = readdirSync(path).filter((name) => name !== 'dist' && name !== 'node_modules');
  return Math.max(0, ...names.map((name) => newest(join(path, name))));
}

/** @param script of package.json, with its arguments */
async function build(what: string, script: readonly string[]): Promise<void> {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  try {
    await promisify(execFile)(npm, ['run', '--silent', ...script], { cwd: ROOT });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Failure(
      `${what} cannot be built (npm run ${script.join(' ')}):\n${`${stdout}${stderr}`.trim().slice(-4000)}`,
    );
  }
}
