/** The built web app: made anew when its sources are newer than what was built of them. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Failure } from './failure';
import { step, type Say } from './progress';

const ROOT = join(__dirname, '..');
const WEB = join(ROOT, 'web');

/**
 * @returns the folder with the built web app
 * @throws Failure with the words of the build
 */
export async function ensureWeb(say: Say): Promise<string> {
  const built = join(WEB, 'dist');
  if (isOlder(join(built, 'index.html'), WEB)) await step(say, 'building the web app', build);
  return built;
}

/** Whether a file is missing, or older than any source of the folder; a folder without a page has nothing to build. */
export function isOlder(file: string, folder: string): boolean {
  if (!existsSync(join(folder, 'index.html'))) return false;
  return !existsSync(file) || statSync(file).mtimeMs < newest(folder);
}

function newest(folder: string): number {
  const times = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'dist' && name !== 'node_modules')
    .map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? newest(path) : statSync(path).mtimeMs;
    });
  return Math.max(0, ...times);
}

async function build(): Promise<void> {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  try {
    await promisify(execFile)(npm, ['run', '--silent', 'build:web'], { cwd: ROOT });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Failure(
      `the web app cannot be built (npm run build:web):\n${`${stdout}${stderr}`.trim().slice(-4000)}`,
    );
  }
}
