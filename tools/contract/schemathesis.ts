/** Runs Schemathesis, which makes requests from openapi.yaml and compares the answers with it, and reads its report. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { toStderr } from '../_kit/progress';
import { ensurePython } from '../_kit/python';

const ROOT = join(__dirname, '../..');

/** One run over some operations. */
export interface Contract {
  /** Path of the document. @default openapi.yaml of this project */
  readonly document?: string;
  /** Names the run, and its folder below `.local/test-reports`. */
  readonly name: string;
  /** Where the API is served. */
  readonly url: string;
  /** Operations to call, by `operationId`. */
  readonly operations: readonly string[];
  /** Lines of schemathesis.toml beside those of every run: credentials, headers, exceptions. */
  readonly settings?: string;
  readonly args?: readonly string[];
  /** What the settings name as `${NAME}`: credentials are in no file and no argument. */
  readonly env?: Readonly<Record<string, string>>;
  /** Greatest number of generated requests per operation and phase. */
  readonly examples: number;
}

/** One request, what it was answered, and the checks that it failed. */
export interface Exchange {
  /** As the document names it: `GET /widgets/{widgetId}`. */
  readonly operation: string;
  readonly status: number;
  readonly failed: readonly string[];
}

/** What stands in every run; a seed, so that two runs ask the same. */
const SETTINGS = `
seed = 20261121
continue-on-failure = true
max-redirects = 0
[generation]
database = "none"
`;

const PACKAGES = { name: 'Schemathesis', requirements: join(__dirname, 'requirements.txt') };

/** Installed once, also for runs that start at once. */
let python: Promise<string> | undefined;

/**
 * @returns every request of the run
 * @throws Error when it came to no end: its own words
 */
export async function schemathesis(contract: Contract): Promise<Exchange[]> {
  python ??= ensurePython(join(ROOT, '.local/schemathesis'), PACKAGES, toStderr);
  const folder = join(ROOT, '.local/test-reports/contract', contract.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'schemathesis.toml');
  writeFileSync(config, `${SETTINGS}\n${contract.settings ?? ''}`);
  const { exit, out } = await ended(
    await python,
    [
      ...['-m', 'schemathesis.cli'],
      ...[
        '--config-file',
        config,
        'run',
        resolve(contract.document ?? join(ROOT, 'openapi.yaml')),
        '--url',
        contract.url,
      ],
      ...['--report', 'ndjson', '--report-dir', folder, '--no-color', '--no-shrink'],
      ...['--max-examples', String(contract.examples)],
      ...contract.operations.flatMap((id) => ['--include-operation-id', id]),
      ...(contract.args ?? []),
    ],
    // it keeps a cache of failures where it runs
    { cwd: folder, env: { ...process.env, ...contract.env } },
  );
  writeFileSync(join(folder, 'output.txt'), out);
  const report = readdirSync(folder).find((name) => name.endsWith('.ndjson'));
  // 1: checks have failed
  if (exit === null || exit > 1 || report === undefined)
    throw new Error(`${contract.name}: ${out.slice(-4000)}`);
  return exchangesOf(readFileSync(join(folder, report), 'utf8'));
}

/** A program to its end, never blocking: what it talks to may be in this process. */
function ended(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<{ exit: number | null; out: string }> {
  return new Promise((done, failed) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.on('error', failed);
    child.on('close', (exit) => {
      done({ exit, out });
    });
  });
}

interface Recorder {
  readonly cases?: Readonly<Record<string, { readonly value: { method: string; path: string } }>>;
  readonly checks?: Readonly<Record<string, readonly { name: string; status: string }[]>>;
  readonly interactions?: Readonly<Record<string, { response?: { status_code: number } | null }>>;
}

interface Event {
  readonly ScenarioFinished?: { readonly recorder: Recorder };
  readonly EngineFinished?: { readonly stop_reason: string };
  readonly NonFatalError?: unknown;
  readonly FatalError?: unknown;
}

function exchangesOf(report: string): Exchange[] {
  const events = report
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
  const broken = events.find((event) => 'NonFatalError' in event || 'FatalError' in event);
  if (broken !== undefined) throw new Error(JSON.stringify(broken).slice(0, 2000));
  const completed = events.some(({ EngineFinished: end }) => end?.stop_reason === 'completed');
  if (!completed) throw new Error('the report has no end');
  return events.flatMap(({ ScenarioFinished: scenario }) => {
    const { cases = {}, checks = {}, interactions = {} } = scenario?.recorder ?? {};
    return Object.entries(interactions).map(([id, { response }]) => {
      const { method = '', path = '' } = cases[id]?.value ?? {};
      const failed = (checks[id] ?? []).filter(({ status }) => status !== 'success').map(({ name }) => name);
      return { operation: `${method} ${path}`, status: response?.status_code ?? 0, failed };
    });
  });
}
