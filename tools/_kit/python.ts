/** Programs in Python: virtual environments with exactly the packages of a file that has their checksums. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { step, type Say } from './progress';
import { run } from './run';

const OLDEST: readonly [number, number] = [3, 10];
const NAMES = ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
const PROGRAM = process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python';
const STAMP = 'sallyport.stamp';

/** What stands in one virtual environment. */
export interface PythonPackages {
  /** What they are, for messages: `the emulator`. */
  readonly name: string;
  /** Path of the file that pins every package with its hashes. */
  readonly requirements: string;
  /** What helps without Python, e.g. `or give …`. @default nothing */
  readonly otherwise?: string;
}

/** There is no Python that will do, or a package cannot be had; the message says what to do. */
export class PythonError extends Error {
  override readonly name = 'PythonError';
}

/**
 * Makes the environment, unless it is there with these very packages.
 *
 * @param folder where it stands
 * @param say is told where something has to be installed
 * @returns path of its Python
 * @throws PythonError when Python is missing or too old, or a package cannot be had or is another one
 */
export async function ensurePython(folder: string, packages: PythonPackages, say: Say): Promise<string> {
  const { name, requirements } = packages;
  const program = join(folder, PROGRAM);
  const stamp = join(folder, STAMP);
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(program) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return program;

  const system = findPython(packages, versionOf);
  await step(say, `installing ${name} (Python packages, once)`, async () => {
    // made aside and moved: two commands at once do not get in each other's way
    const draft = `${folder}-${process.pid}`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(dirname(folder), { recursive: true });
    try {
      await mendable('Python cannot make a virtual environment; install its venv module', () =>
        run(system, ['-m', 'venv', draft]),
      );
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
      await mendable(`pip cannot install ${name}; is the package index reachable?`, () =>
        run(join(draft, PROGRAM), [...pip, '--no-deps', '--require-hashes', '-r', requirements]),
      );
      writeFileSync(join(draft, STAMP), wanted);
      rmSync(folder, { recursive: true, force: true });
      renameSync(draft, folder);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  });
  return program;
}

async function mendable(problem: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new PythonError(`${problem}\n${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/**
 * The first Python that is new enough.
 *
 * @param version of the Python of a name, e.g. `3.11`; `undefined` where there is none
 * @throws PythonError naming those that are too old
 */
export function findPython(
  { name, otherwise }: Pick<PythonPackages, 'name' | 'otherwise'>,
  version: (python: string) => string | undefined,
): string {
  const seen: string[] = [];
  for (const python of NAMES) {
    const found = version(python);
    if (found === undefined) continue;
    if (isNewEnough(found)) return python;
    seen.push(`${python} is ${found}`);
  }
  const found = seen.length === 0 ? 'found none' : `found only: ${seen.join(', ')}`;
  const more = otherwise === undefined ? '' : `, ${otherwise}`;
  throw new PythonError(
    `Python ${OLDEST.join('.')} or newer runs ${name}; ${found}. Install it (https://www.python.org)${more}`,
  );
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

function versionOf(python: string): string | undefined {
  const script = 'import sys; print("%d.%d" % sys.version_info[:2])';
  const { status, stdout } = spawnSync(python, ['-c', script], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
