/** Runs a file of the tests in a process with a small heap, and ends it when it is silent or too large. */
import { fork } from 'node:child_process';

interface Ending {
  /** What the child sent last. */
  readonly last: unknown;
  readonly code: number | null;
  /** Why the child was ended; `undefined` when it ended by itself. */
  readonly ended: 'silent' | undefined;
  readonly stderr: string;
}

/**
 * @param file TypeScript, absolute
 * @param options.heapMiB most megabytes of the heap of V8; buffers are outside it
 * @param options.silence milliseconds without a message after which the child counts as hung
 */
export async function runChild(
  file: string,
  args: readonly string[],
  options: {
    readonly heapMiB: number;
    readonly silence: number;
    readonly onMessage?: (message: unknown) => void;
  },
): Promise<Ending> {
  const child = fork(file, args, {
    execArgv: ['--import', 'tsx', `--max-old-space-size=${options.heapMiB}`],
    silent: true,
  });
  let [last, ended, stderr]: [unknown, Ending['ended'], string] = [undefined, undefined, ''];
  const watch = setTimeout(() => {
    ended = 'silent';
    child.kill('SIGKILL');
  }, options.silence);
  child.on('message', (message) => {
    last = message;
    watch.refresh();
    options.onMessage?.(message);
  });
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(watch);
  return { last, code, ended, stderr };
}
