/** Runs the AWS emulator as a process of its own. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { PythonPackages } from '../tools/_kit/python';
import { Failure } from './failure';
import { LOOPBACK } from './ports';
import { end, endGroup, forget, newMarker, remember, running, type Remembered } from './processes';

export interface Emulator {
  readonly url: string;
  /** Ends it; what it keeps is saved first. */
  readonly stop: () => Promise<void>;
}

interface EmulatorOptions {
  /** Python of the virtual environment it is installed in. */
  readonly python: string;
  /** Folder for its log, its state and its process id. */
  readonly home: string;
  readonly port: number;
  /** Whether its state survives a restart. */
  readonly persist: boolean;
  /** Leaves the gaps of its API Gateway open; only tests that ask for them want that. @default false */
  readonly plain?: boolean;
  /** Where functions find Macie, which the emulator lacks. @default nowhere */
  readonly macieUrl?: string;
  /** With this a listener may say which client certificate a request came with. @default nobody may */
  readonly partnerSecret?: string;
}

/** What it is installed from. */
export const EMULATOR_PACKAGES: PythonPackages = {
  name: 'the emulator',
  requirements: join(__dirname, 'emulator/requirements.txt'),
  otherwise: 'or give the endpoint of an emulator of your own: npm start -- --endpoint URL',
};

const NAME = 'emulator';
const ROOT = join(__dirname, '..');
const START_LIMIT_MS = 60_000;

/**
 * Starts the emulator and waits until it answers.
 *
 * @throws Failure with the end of its log when it does not come up
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { home, port } = options;
  mkdirSync(join(home, 'tmp'), { recursive: true });
  const url = `http://${LOOPBACK}:${port}`;
  const marker = newMarker();
  const log = openSync(join(home, 'emulator.log'), 'w', 0o600);
  const child = spawn(options.python, [join(__dirname, 'emulator/serve.py'), marker], {
    cwd: home,
    // a group of its own: Ctrl-C must not reach it before the others have ended
    detached: true,
    stdio: ['ignore', log, log],
    env: environment(options, url),
  });
  if (child.pid === undefined)
    throw new Failure(`${options.python} does not start; remove ${home} and try again`);
  const entry: Remembered = { pid: child.pid, marker };
  remember(home, NAME, entry);
  let ended = false;
  child.once('exit', () => (ended = true));
  try {
    await answers(url, () => ended);
  } catch {
    await stop(home, entry);
    throw new Failure(`the emulator did not start on port ${port}; the end of its log:\n${logTail(home)}`);
  }
  child.unref();
  return { url, stop: () => stop(home, entry) };
}

/** Ends an emulator that an earlier command left behind. */
export async function stopLeftover(home: string): Promise<boolean> {
  const entry = running(home, NAME);
  if (entry === null) return false;
  await stop(home, entry);
  return true;
}

/** The last lines the emulator wrote, for messages about failures. */
export function logTail(home: string, lines = 25): string {
  const file = join(home, 'emulator.log');
  if (!existsSync(file)) return '';
  const told = readFileSync(file, 'utf8')
    .split('\n')
    // the banner and the list of restored services say nothing about a failure
    .filter((line) => /^\S/.test(line) && !/persist/i.test(line));
  return told.slice(-lines).join('\n');
}

async function stop(home: string, entry: Remembered): Promise<void> {
  await end(entry);
  endGroup(entry.pid);
  // code of functions, unpacked
  rmSync(join(home, 'tmp'), { recursive: true, force: true });
  forget(home, NAME);
}

async function answers(url: string, ended: () => boolean): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (ended() || Date.now() > deadline) throw new Error('not up');
    const ready = await fetch(`${url}/_ministack/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready && !ended()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function environment(
  { home, port, persist, plain, partnerSecret, macieUrl }: EmulatorOptions,
  url: string,
): NodeJS.ProcessEnv {
  const inherited = ['PATH', 'HOME', 'SystemRoot', 'LANG', 'LC_ALL'] as const;
  return {
    // nothing else of the user's environment: functions inherit this one, and it may hold credentials
    ...Object.fromEntries(inherited.map((name) => [name, process.env[name]])),
    TMPDIR: join(home, 'tmp'),
    GATEWAY_PORT: String(port),
    BIND_HOST: LOOPBACK,
    MINISTACK_REGION: 'us-east-1',
    MINISTACK_ACCOUNT_ID: '000000000000',
    PERSIST_STATE: persist ? '1' : '0',
    S3_PERSIST: persist ? '1' : '0',
    STATE_DIR: join(home, 'state'),
    S3_DATA_DIR: join(home, 'state/s3'),
    LOG_LEVEL: 'INFO',
    // functions reach the emulator here; `localhost` may be resolved to an address it does not listen on
    AWS_ENDPOINT_URL: url,
    ...(macieUrl === undefined ? {} : { AWS_ENDPOINT_URL_MACIE2: macieUrl }),
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    // functions of the CDK and inline ones find the SDK here, as Lambda's own runtime has it built in
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    NODE_PATH: join(ROOT, 'node_modules'),
    // services nothing here uses, which would open ports of their own
    SFTP_ENABLED: '0',
    IOT_MTLS_ENABLED: '0',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
    NO_PROXY: `${LOOPBACK},localhost`,
    ...(plain === true ? { SALLYPORT_PLAIN_EMULATOR: '1' } : {}),
    ...(partnerSecret === undefined ? {} : { SALLYPORT_PARTNER_SECRET: partnerSecret }),
  };
}
