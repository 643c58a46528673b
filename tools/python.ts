/** Virtual environments of tools that are Python programs: exactly the packages of a file that has their checksums. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { run } from './clients/run';

/**
 * Makes the environment, unless it is there with these very packages.
 *
 * @param folder where it stands
 * @param requirements path of a file of pip's, each package with its version and hashes
 * @returns path of its Python
 * @throws Error when there is no Python, or a package cannot be had or is another one
 */
export async function ensureVenv(folder: string, requirements: string): Promise<string> {
  const python = join(folder, 'bin/python');
  const stamp = join(folder, 'ready');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  // made aside and moved, since two may want it at once
  const draft = `${folder}.${process.pid}`;
  mkdirSync(dirname(folder), { recursive: true });
  try {
    await run('python3', ['-m', 'venv', draft]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
    await run(join(draft, 'bin/python'), [...pip, '--require-hashes', '-r', requirements]);
    writeFileSync(join(draft, 'ready'), wanted);
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return python;
}
