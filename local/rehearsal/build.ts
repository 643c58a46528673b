/** Runs the commands of a CodeBuild project as CodeBuild would: in one shell, in a folder with the input and nothing else. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

import { ran } from './programs';
import { artifactsOf, commandsOf, variablesOf, type Action, type BuildSpec } from './template';
import { substituted, type Rule, type Substitution } from './substitutes';

export interface BuildContext {
  /** `stage / action`. */
  readonly place: string;
  /** Folder of this action; made here. */
  readonly folder: string;
  /** Folders of artifacts, by name; outputs are added. */
  readonly artifacts: Map<string, string>;
  /** Values of variables, where the template's own mean nothing here. */
  readonly valueOf: (name: string, value: unknown) => { readonly value: string; readonly because?: string };
  readonly rules: readonly Rule[];
  /** File that tells the stand-in for the AWS CLI where things are, without its log. */
  readonly aws: Readonly<Record<string, unknown>>;
  /** Further variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
  readonly substitute: (substitution: Substitution) => void;
  readonly signal: AbortSignal | undefined;
}

export interface CommandTime {
  readonly command: string;
  readonly seconds: number;
}

export interface Built {
  readonly commands: readonly CommandTime[];
  /** The command that failed, and the end of what it wrote. */
  readonly failed?: { readonly command: string; readonly reason: string };
}

/** Characters of a failed command's output that are shown. */
const SHOWN = 3000;

export async function build(action: Action, context: BuildContext): Promise<Built> {
  const { folder, artifacts, place, say } = context;
  const source = join(folder, 'src');
  const [input = '', ...others] = action.inputs.map((name) => folderOf(name, artifacts));
  mkdirSync(folder, { recursive: true });
  cpSync(input, source, { recursive: true, verbatimSymlinks: true });
  const spec = buildSpecOf(action.project?.buildSpec ?? '', source);
  const versions = spec.phases?.['install']?.['runtime-versions'];
  if (versions !== undefined)
    context.substitute({
      place,
      what: `runtime-versions ${JSON.stringify(versions)}`,
      by: `Node.js ${process.versions.node}, and the Python and Java of this machine`,
      because: 'the image of CodeBuild brings them',
    });
  const steps = stepsOf(commandsOf(spec), context);
  const log = join(folder, 'aws.jsonl');
  const env = environmentOf(action, context, { source, log });
  action.inputs.slice(1).forEach((name, index) => {
    env[`CODEBUILD_SRC_DIR_${name}`] = others[index];
  });

  const times: CommandTime[] = [];
  let [started, current] = [Date.now(), -1];
  const finish = (): void => {
    const command = steps[current];
    if (command === undefined) return;
    const seconds = (Date.now() - started) / 1000;
    times.push({ command, seconds });
    say(`    ${firstLine(command).padEnd(76)} ${seconds.toFixed(1).padStart(6)} s`);
  };
  const script = steps.map((command, index) => `echo ${index} >&3\n{ ${command}\n} || exit`).join('\n');
  writeFileSync(join(folder, 'commands.sh'), `${script}\n`);
  const { code, output: written } = await ran('sh', [join(folder, 'commands.sh')], {
    cwd: source,
    env,
    signal: context.signal,
    told: (text) => {
      for (const line of text.trim().split('\n')) {
        finish();
        [started, current] = [Date.now(), Number(line)];
      }
    },
  });
  finish();
  writeFileSync(join(folder, 'output.txt'), written);
  // they hold what registries are asked with
  for (const name of ['npmrc', 'aws.json']) rmSync(join(folder, name));
  for (const { command, by } of awsCalls(log))
    context.substitute({ place, what: command, by, because: 'there is no AWS account' });
  if (code !== 0) {
    const command = steps[current] ?? 'sh';
    const reason = written.trim().slice(-SHOWN) || `it ended with ${code ?? 'a signal'} and said nothing`;
    return { commands: times, failed: { command, reason } };
  }
  const made = Object.entries(artifactsOf(spec, action.outputs[0]));
  for (const [name, path] of made) artifacts.set(name, join(source, path));
  if (made.length === 0) rmSync(source, { recursive: true });
  return { commands: times };
}

function folderOf(name: string, artifacts: ReadonlyMap<string, string>): string {
  const folder = artifacts.get(name);
  if (folder === undefined) throw new Error(`no action has made the artifact ${name}`);
  return folder;
}

/** A specification stands in the template, or in a file of the input that the template names. */
function buildSpecOf(text: string, source: string): BuildSpec {
  const json = text.trimStart().startsWith('{') ? text : readFileSync(join(source, text), 'utf8');
  return JSON.parse(json) as BuildSpec;
}

/** What runs of the commands; of those that have the same substitute, only the first. */
function stepsOf(commands: readonly string[], { rules, place, substitute }: BuildContext): string[] {
  const steps: string[] = [];
  const told = new Map<string, { readonly command: string; readonly rule: Rule; count: number }>();
  for (const command of commands) {
    const { run, rule } = substituted(command, rules);
    const before = told.get(run ?? command);
    if (rule !== undefined && before !== undefined) {
      before.count += 1;
      continue;
    }
    if (rule !== undefined) told.set(run ?? command, { command, rule, count: 1 });
    if (run !== null) steps.push(run);
  }
  for (const [run, { command, rule, count }] of told) {
    const what = count === 1 ? command : `${command} (and ${count - 1} like it)`;
    substitute({ place, what, by: rule.by === null ? 'nothing' : run, because: rule.because });
  }
  return steps;
}

/** The user's own environment, but for what npm and AWS put there, and what the action has. */
function environmentOf(
  action: Action,
  { folder, env, aws, place, valueOf, substitute }: BuildContext,
  { source, log }: { readonly source: string; readonly log: string },
): NodeJS.ProcessEnv {
  const [programs, temporary, npm] = ['bin', 'tmp', 'npm'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const name of [programs, temporary, npm]) mkdirSync(name, { recursive: true });
  const program = `#!/bin/sh\nexec '${process.execPath}' '${join(__dirname, 'aws.mjs')}' "$@"\n`;
  writeFileSync(join(programs, 'aws'), program, { mode: 0o755 });
  writeFileSync(join(folder, 'aws.json'), JSON.stringify({ ...aws, log }), { mode: 0o600 });
  const npmrc = join(folder, 'npmrc');
  const own = process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc');
  writeFileSync(npmrc, existsSync(own) ? readFileSync(own) : '', { mode: 0o600 });

  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^(AWS|CDK|SALLYPORT)_|^npm_(lifecycle|package|command|execpath|node)|^npm_config_(userconfig|prefix|local_prefix)$|^INIT_CWD$|^NODE_ENV$/i.test(
        name,
      ),
  );
  const variables = Object.entries(variablesOf(action)).map(([name, raw]) => {
    const { value, because } = valueOf(name, raw);
    if (because !== undefined)
      substitute({ place, what: `${name}=${textOf(raw)}`, by: `${name}=${value}`, because });
    return [name, value];
  });
  return {
    ...(Object.fromEntries(inherited) as NodeJS.ProcessEnv),
    ...env,
    ...(Object.fromEntries(variables) as Record<string, string>),
    PATH: [programs, join(npm, 'bin'), process.env['PATH']].join(delimiter),
    CODEBUILD_SRC_DIR: source,
    TMPDIR: temporary,
    // what `npm install -g` installs stays here, and so does what `aws codeartifact login` sets
    npm_config_prefix: npm,
    npm_config_userconfig: npmrc,
    REHEARSAL_AWS: join(folder, 'aws.json'),
  };
}

function awsCalls(log: string): { command: string; by: string }[] {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as { command: string; by: string });
}

/** A value of the template for people. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function firstLine(command: string): string {
  const [line = '', ...more] = command.split('\n');
  const text = more.length === 0 ? line : `${line} …`;
  return text.length <= 76 ? text : `${text.slice(0, 75)}…`;
}
