/** Runs programs to their end, in a group of their own, so that nothing they started is left when they are ended. */
import { spawn } from 'node:child_process';

import { endGroup } from '../processes';

interface Ran {
  /** `null` when it was ended from outside. */
  readonly code: number | null;
  /** Both streams, in the order in which they were written. */
  readonly output: string;
}

interface RanOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the program, and what it started, when it fires. */
  readonly signal?: AbortSignal | undefined;
  /** Gets what the program writes to descriptor 3. */
  readonly told?: (text: string) => void;
}

/** Characters of output that are kept. */
const KEPT = 200_000;

export function ran(
  program: string,
  args: readonly string[],
  { cwd, env = process.env, signal, told }: RanOptions,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(program, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', told === undefined ? 'ignore' : 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-KEPT)));
    child.stdio[3]?.on('data', (chunk: Buffer) => told?.(chunk.toString()));
    const end = (): void => {
      if (child.pid !== undefined) endGroup(child.pid);
    };
    signal?.addEventListener('abort', end);
    child.on('error', reject);
    child.on('close', (code) => {
      signal?.removeEventListener('abort', end);
      resolve({ code, output });
    });
  });
}
