/** The local stack as an environment: deployed by the code that is rehearsed, where CloudFormation would be. */
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { Failure } from '../failure';
import type { LocalOutputs } from '../outputs';
import { freePort } from '../ports';
import { ran } from './programs';

export interface LocalEnvironment {
  /** Origin of the site, as the output of the stacks has it. */
  readonly siteUrl: string;
  /** Address of the API alone. */
  readonly apiUrl: string;
  stop(): Promise<void>;
}

/**
 * @param code folder of the project whose stacks are deployed, with its packages installed
 * @param home folder for what the environment keeps
 * @param venv where the emulator is installed
 * @throws Failure with the words of `npm start`
 */
export async function deployLocally(
  { code, home, venv }: { readonly code: string; readonly home: string; readonly venv: string },
  signal: AbortSignal | undefined,
): Promise<LocalEnvironment> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  symlinkSync(venv, join(home, 'venv'));
  const port = async (): Promise<string> => String(await freePort());
  const env = {
    ...process.env,
    SALLYPORT_HOME: home,
    SALLYPORT_EMULATOR_PORT: await port(),
    SALLYPORT_SITE_PORT: await port(),
    SALLYPORT_CONSOLE_PORT: await port(),
    SALLYPORT_PARTNER_PORT: await port(),
  };
  const npm = (...args: string[]): ReturnType<typeof ran> => ran('npm', args, { cwd: code, env });
  const stop = async (): Promise<void> => {
    const { code: exit, output } = await npm('stop');
    if (exit !== 0) throw new Failure(`npm stop failed:\n${output.slice(-2000)}`);
  };
  const { code: exit, output } = await ran('npm', ['start', '--', '--detach'], { cwd: code, env, signal });
  if (exit !== 0) {
    await stop();
    throw new Failure(output.trim().slice(-3000));
  }
  const { siteUrl, apiUrl } = JSON.parse(readFileSync(join(home, 'outputs.json'), 'utf8')) as LocalOutputs;
  return { siteUrl, apiUrl, stop };
}
