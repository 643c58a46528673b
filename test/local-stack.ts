/** The deployed local stack, as end-to-end tests see it: addresses, users, and real requests. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { commandEnvironment } from '../local/aws';
import type { LocalOutputs } from '../local/outputs';
import { signIn, type Tokens } from '../local/sign-in';

export const READ = 'widgets/read';
export const WRITE = 'widgets/write';

/** Outputs of the environment that e2e-setup.ts started. */
export function localStack(): LocalOutputs {
  return JSON.parse(readFileSync(process.env['SALLYPORT_OUTPUTS'] ?? '', 'utf8')) as LocalOutputs;
}

/** Signs a demo user in, through the login pages. @param name part of the address before the @ */
export async function signedIn(name: string, ...scopes: string[]): Promise<Tokens> {
  const outputs = localStack();
  const user = outputs.users.find(({ email }) => email.startsWith(`${name}@`));
  if (user === undefined) throw new Error(`no demo user ${name}`);
  return signIn(outputs, user, ['openid', ...scopes]);
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Call {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: object | string;
}

/** Sends the path exactly as written, where fetch would tidy it up first. */
export function call(
  path: string,
  { method = 'GET', token, headers = {}, body }: Call = {},
): Promise<Answer> {
  const { hostname, port } = new URL(localStack().siteUrl);
  const content = typeof body === 'object' ? JSON.stringify(body) : body;
  const sent = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(typeof body === 'object' ? { 'content-type': 'application/json' } : {}),
    ...(content === undefined ? {} : { 'content-length': String(Buffer.byteLength(content)) }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { hostname, port, path: `/api${path}`, method, headers: sent },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers as Record<string, string>,
            body: parsed(Buffer.concat(chunks).toString()),
          });
        });
      },
    );
    request.on('error', reject);
    request.end(content);
  });
}

const run = promisify(execFile);

/** Runs the CDK against the emulator. @returns what it wrote; rejects when it fails */
export async function cdk(...args: string[]): Promise<string> {
  const root = join(__dirname, '..');
  const { stdout, stderr } = await run(
    process.execPath,
    [
      ...[join(root, 'node_modules/aws-cdk/bin/cdk'), ...args, '--ci', '--no-notices', '--no-color'],
      // the run has generated what there is to generate, and other suites may be reading the web app
      ...['--build', 'exit 0'],
    ],
    {
      cwd: root,
      env: commandEnvironment(localStack().emulatorUrl, process.env),
      maxBuffer: 16 * 1024 * 1024,
    },
  );
  return stdout + stderr;
}

/**
 * Deploys an app of one stack into the emulator.
 *
 * @param app path of its file @param context values for `-c`
 * @returns outputs of the stack
 */
export async function deployApp(
  app: string,
  context: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-app-'));
  const file = join(folder, 'outputs.json');
  try {
    await cdk(
      ...['deploy', '--app', `node --import tsx ${app}`, '--require-approval', 'never'],
      ...Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      ...['--output', join(folder, 'cdk.out'), '--outputs-file', file],
    );
    const [outputs] = Object.values(
      JSON.parse(readFileSync(file, 'utf8')) as Record<string, Readonly<Record<string, string>>>,
    );
    return outputs ?? {};
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parsed(text: string): Record<string, unknown> {
  if (text === '') return {};
  return JSON.parse(text) as Record<string, unknown>;
}
