/** Starts a program that serves HTTP, and waits until it answers. */
import { spawn } from 'node:child_process';

import { Failure } from '../failure';

/** Something that packages are published to. */
export interface Registry {
  /** Address, with a slash at its end. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * @param name for messages
 * @param answers address that answers 200 when it is ready
 * @returns what ends it
 * @throws Failure when it ends before it answers
 */
export async function server(
  name: string,
  program: string,
  args: readonly string[],
  { folder, answers }: { readonly folder: string; readonly answers: string },
): Promise<() => Promise<void>> {
  const child = spawn(program, args, { stdio: 'ignore', cwd: folder });
  const ended = new Promise<'ended'>((resolve) => {
    for (const event of ['error', 'close'])
      child.on(event, () => {
        resolve('ended');
      });
  });
  while (!(await isThere(answers))) {
    const pause = new Promise((resolve) => setTimeout(resolve, 200));
    if ((await Promise.race([ended, pause])) === 'ended')
      throw new Failure(`${name} ended before it answered`);
  }
  return async () => {
    child.kill();
    await ended;
  };
}

function isThere(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
