/** `npm run -s step-up`, as an operator runs it against the deployed stack. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { commandEnvironment } from '../../local/aws';
import { localStack } from '../local-stack';

const run = promisify(execFile);

/** @returns what it wrote; rejects when it fails */
export async function operator(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'tools/step-up.ts', ...args], {
    cwd: join(__dirname, '../..'),
    env: commandEnvironment(localStack().emulatorUrl, process.env),
  });
  return stdout;
}

/** Waits until a changed setting is read by every front door. */
export async function inForce(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5_200));
}
