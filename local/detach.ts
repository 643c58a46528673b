/** Runs `npm start` in the background: this process waits until the other is ready, or says why it is not. */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';

import { Failure } from './failure';
import { newMarker } from './processes';

interface Report {
  readonly progress: (line: string) => void;
  readonly ready: (text: string) => void;
  readonly failed: (text: string) => void;
}

type Message = { readonly progress: string } | { readonly ready: string } | { readonly failed: string };

/**
 * @param options of the start
 * @throws Failure with the message of the background process when it could not start
 */
export async function detach(home: string, options: readonly string[]): Promise<void> {
  mkdirSync(home, { recursive: true });
  const log = openSync(join(home, 'start.log'), 'w', 0o600);
  const args = ['--import', 'tsx', join(__dirname, 'start.ts'), '--marker', newMarker()];
  const child = spawn(process.execPath, [...args, ...options], {
    cwd: join(__dirname, '..'),
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  const end = (): void => void child.kill('SIGTERM');
  process.once('SIGINT', end).once('SIGTERM', end);
  await new Promise<void>((resolve, reject) => {
    child.on('message', (message: Message) => {
      if ('progress' in message) console.log(message.progress);
      else if ('failed' in message) reject(new Failure(message.failed));
      else {
        console.log(message.ready);
        console.log('It runs in the background; end it with: npm stop');
        resolve();
      }
    });
    child.once('exit', () => {
      reject(new Failure(`it ended before it was ready; see ${join(home, 'start.log')}`));
    });
    child.once('error', reject);
  });
  child.disconnect();
  child.unref();
}

/** Where the start tells how it goes: the waiting process, or the terminal when there is none. */
export function reportToParent(): Report {
  const send = (message: Message, text: string, stream: NodeJS.WriteStream): void => {
    if (process.connected) process.send?.(message);
    else stream.write(`${text}\n`);
  };
  return {
    progress: (line) => {
      send({ progress: line }, line, process.stdout);
    },
    ready: (text) => {
      send({ ready: text }, `${text}\nEnd it with Ctrl-C.`, process.stdout);
    },
    failed: (text) => {
      send({ failed: text }, text, process.stderr);
    },
  };
}
