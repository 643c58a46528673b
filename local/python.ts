/** Installs programs in Python: a virtual environment with exactly the packages of a requirements.txt. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { Failure } from './failure';
import { step, type Say } from './progress';

const OLDEST: readonly [number, number] = [3, 10];

/** What stands in one virtual environment. */
export interface PythonPackages {
  /** What it is, for messages: `the emulator`. */
  readonly name: string;
  /** Path of the file that pins every package with its hashes. */
  readonly requirements: string;
}

export const EMULATOR: PythonPackages = {
  name: 'the emulator',
  requirements: join(__dirname, 'emulator/requirements.txt'),
};

/**
 * Makes the environment unless it is there already.
 *
 * @param folder where it stands
 * @returns path of its Python
 * @throws Failure when Python is missing or too old, or a package cannot be installed
 */
export async function ensurePython(
  folder: string,
  { name, requirements }: PythonPackages,
  say: Say,
): Promise<string> {
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const stamp = join(folder, 'sallyport.stamp');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(python) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;

  const system = findPython();
  await step(say, `installing ${name} (Python packages, once)`, async () => {
    // made aside and moved: two commands at once do not get in each other's way
    const made = `${folder}-${process.pid}`;
    rmSync(made, { recursive: true, force: true });
    mkdirSync(dirname(folder), { recursive: true });
    try {
      await run(
        system,
        ['-m', 'venv', made],
        'Python cannot make a virtual environment; install its venv module',
      );
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
      await run(
        python.replace(folder, made),
        [...pip, '--no-deps', '--require-hashes', '-r', requirements],
        `pip cannot install ${name}; is the package index reachable?`,
      );
      writeFileSync(stamp.replace(folder, made), wanted);
      rmSync(folder, { recursive: true, force: true });
      renameSync(made, folder);
    } finally {
      rmSync(made, { recursive: true, force: true });
    }
  });
  return python;
}

/** The first Python that is new enough. */
function findPython(): string {
  const seen: string[] = [];
  for (const name of ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
    const script = 'import sys; print("%d.%d" % sys.version_info[:2])';
    const { status, stdout } = spawnSync(name, ['-c', script], { encoding: 'utf8' });
    if (status !== 0) continue;
    if (newEnough(stdout.trim())) return name;
    seen.push(`${name} is ${stdout.trim()}`);
  }
  const found = seen.length === 0 ? 'found none' : `found only: ${seen.join(', ')}`;
  throw new Failure(
    `Python ${OLDEST.join('.')} or newer runs the emulator; ${found}. Install it (https://www.python.org), or give the endpoint of an emulator of your own: npm start -- --endpoint URL`,
  );
}

/** Whether a version such as `3.11` is one the emulator runs on. */
export function newEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

async function run(command: string, args: readonly string[], problem: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-2000));
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Failure(`${problem}\n${output.trim()}`));
    });
  });
}
