/** Deploys the real stacks with the real CDK into the emulator. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';

import { step, type Say } from '../tools/_kit/progress';
import { clientSettings, commandEnvironment, REGION } from './aws';
import { Failure } from './failure';

interface Target {
  readonly emulatorUrl: string;
  /** Folder for the synthesized app and the outputs; one for each instance, so that two never mix. */
  readonly home: string;
  /** Origin of the site, which has a port of its own. */
  readonly siteUrl: string;
  /** PEM file of the CA whose client certificates the partner API takes. */
  readonly trustStore: string;
  readonly say: Say;
  /** Explains a failed deployment: the end of the emulator's log, if there is one. */
  readonly log: () => string;
  /** Ends the deployment when it fires. */
  readonly signal?: AbortSignal;
}

const ROOT = join(__dirname, '..');
const CDK = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
const BOOTSTRAP_STACK = 'CDKToolkit';
/** The web app, which cdk.json builds too, is in none of these stacks. */
const SETTINGS = ['-c', 'environment=local', '--build', 'npm run --silent generate'];

/**
 * Deploys every stack of the environment `local`.
 *
 * @returns what the CDK wrote as outputs, by stack
 * @throws Failure with the CDK's words and the emulator's log
 */
export async function deploy(target: Target): Promise<unknown> {
  const { home, say, emulatorUrl } = target;
  if (!(await isBootstrapped(emulatorUrl))) {
    const account = `aws://000000000000/${REGION}`;
    await step(say, 'preparing the emulator for the CDK', () =>
      // needs no app: away from cdk.json none is synthesized for it
      cdk(target, ['bootstrap', account], home),
    );
  }
  const outputs = join(home, 'cdk-outputs.json');
  await step(say, 'deploying the stacks', () =>
    cdk(target, [
      ...['deploy', '--all', ...SETTINGS, '-c', `siteUrl=${target.siteUrl}`],
      ...['-c', `trustStore=${target.trustStore}`],
      ...['--require-approval', 'never'],
      ...['--output', join(home, 'cdk.out'), '--outputs-file', outputs, '--progress', 'events'],
    ]),
  );
  if (!existsSync(outputs)) throw new Failure('the deployment wrote no outputs; does the app have stacks?');
  return JSON.parse(readFileSync(outputs, 'utf8')) as unknown;
}

async function isBootstrapped(emulatorUrl: string): Promise<boolean> {
  const client = new CloudFormationClient(clientSettings(emulatorUrl));
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: BOOTSTRAP_STACK }));
    return Stacks?.[0]?.StackStatus?.endsWith('_COMPLETE') === true;
  } catch (error) {
    // CloudFormation says ValidationError of a stack that does not exist
    if ((error as Error).name === 'ValidationError') return false;
    throw new Failure(`no answer from the emulator at ${emulatorUrl}: ${(error as Error).message}`);
  } finally {
    client.destroy();
  }
}

async function cdk(target: Target, args: readonly string[], cwd = ROOT): Promise<void> {
  const { emulatorUrl, home, say, log, signal } = target;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CDK, ...args, '--ci', '--no-notices', '--no-color'], {
      cwd,
      env: commandEnvironment(emulatorUrl, { SALLYPORT_BUNDLES: join(home, 'bundles'), ...process.env }),
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal === undefined ? {} : { signal }),
    });
    let output = '';
    const collect = (chunk: Buffer): void => {
      const text = chunk.toString();
      output = (output + text).slice(-6000);
      for (const line of text.split('\n')) if (isProgress(line)) say(`    ${line.trim()}`);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Failure(deploymentFailed(args[0] ?? '', output, log())));
    });
  });
}

/** Whether a line of the CDK tells a person something: the fate of a stack. */
export function isProgress(line: string): boolean {
  return /^\s*(✅|❌|[\w-]+: (deploying|destroying))/u.test(line);
}

export function deploymentFailed(command: string, output: string, log: string): string {
  const emulator = log === '' ? '' : `\nThe end of the emulator's log:\n${log}`;
  return `cdk ${command} failed:\n${output.trim()}${emulator}`;
}
