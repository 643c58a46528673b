/** Runs the real commands, never blocking: what they talk to may be in this process. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(__dirname, '../..');
const run = promisify(execFile);

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly error: string;
}

/** A program to its end, whatever that is. */
export async function ran(
  program: string,
  args: readonly string[],
  { cwd = ROOT, env = {} }: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  try {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
    const { stdout, stderr } = await run(program, args, options);
    return { exit: 0, out: stdout, error: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exit: code, out: stdout, error: stderr };
  }
}

/** `npm run clients` with these arguments. */
export function clients(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const command = [join(ROOT, 'tools/clients.ts'), ...args];
  return ran(join(ROOT, 'node_modules/.bin/tsx'), command, { env });
}

/** `npm run docs` with these arguments. */
export function docs(args: readonly string[]): Promise<Ran> {
  return ran(join(ROOT, 'node_modules/.bin/tsx'), [join(ROOT, 'tools/docs.ts'), ...args]);
}

export function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'clients-'));
}

/** The document of this repository with another wording, but of the same version. */
export function otherDocument(): string {
  const file = join(temporary(), 'openapi.yaml');
  const text = readFileSync(join(ROOT, 'openapi.yaml'), 'utf8');
  writeFileSync(file, text.replace('operationId: ping', 'operationId: pong'));
  return file;
}
