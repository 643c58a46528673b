/** Runs a program whose failure is an answer, not an error. */
import { spawnSync } from 'node:child_process';

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** @throws Error when the program cannot be started, or is ended from outside */
export function ended(program: string, args: readonly string[], cwd: string): Ended {
  const { status, error, signal, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  if (status === null) throw new Error(`${program} ended by ${signal ?? 'nobody knows what'}`);
  return { code: status, out: stdout, err: stderr };
}
