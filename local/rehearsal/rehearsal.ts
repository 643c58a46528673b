/** Runs what the pipeline runs, action by action, until the first that fails. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { Say } from '../../tools/_kit/progress';
import { ensurePython } from '../../tools/_kit/python';
import { EMULATOR_PACKAGES } from '../emulator';
import { Failure, messageOf } from '../failure';
import { build, type Built } from './build';
import { deployLocally, type LocalEnvironment } from './environment';
import { startNpmRegistry } from './npm-registry';
import { startMavenRepository, startPythonIndex } from './other-registries';
import { ran } from './programs';
import type { ActionReport, Report, Stopped } from './report';
import { cloneOf, exportTo, type Source } from './source';
import { rulesFor, type RuleOptions, type Substitution } from './substitutes';
import { readTemplate, stagesOf, type Action, type Stage } from './template';

interface RehearsalOptions extends RuleOptions {
  /** Folder of the repository. */
  readonly from: string;
  readonly commit: string;
  /** Folder for everything the rehearsal makes. */
  readonly home: string;
  /** Whether registries and releases are those that the rehearsal before left. */
  readonly keep: boolean;
  /** Template of the pipeline that is deployed. @default the one of the commit */
  readonly template: string | undefined;
  readonly say: Say;
  readonly signal: AbortSignal;
}

const ROOT = join(__dirname, '../..');
const TEMPLATE = 'SallyportPipeline.template.json';

/**
 * @returns how it went; a refusal of the pipeline is no error
 * @throws Failure when the rehearsal itself cannot be held; nothing is left running
 */
export async function rehearse(options: RehearsalOptions): Promise<Report> {
  const { home, keep, say } = options;
  for (const name of ['run', ...(keep ? [] : ['registries', 'buckets'])])
    rmSync(join(home, name), { recursive: true, force: true });
  mkdirSync(join(home, 'run'), { recursive: true, mode: 0o700 });
  const ends: (() => Promise<void>)[] = [];
  const began = Date.now();
  try {
    const source = await cloneOf(options.from, options.commit, join(home, 'run/clone'));
    say(`Rehearsal of ${source.commit.slice(0, 12)}: ${source.message}`);
    const npm = await startNpmRegistry(join(home, 'registries/npm'));
    ends.push(() => npm.stop());
    const { token } = npm;
    const maven = await startMavenRepository(join(home, 'registries/maven'), token);
    ends.push(() => maven.stop());
    const pypi = await startPythonIndex(join(home, 'registries/pypi'), token, say);
    ends.push(() => pypi.stop());
    const aws = {
      buckets: join(home, 'buckets'),
      token,
      npm: { url: npm.url, token },
      maven: maven.url,
      pypi: pypi.url,
    };
    const run = new Execution({ ...options, source, aws });
    ends.push(() => run.end());
    const stopped = await run.toTheEnd();
    return { ...run.record, stopped, seconds: (Date.now() - began) / 1000 };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

interface ExecutionOptions extends RehearsalOptions {
  readonly source: Source;
  readonly aws: Readonly<Record<string, unknown>>;
}

/** What the actions of one execution share. */
interface Place {
  readonly folder: string;
  readonly artifacts: Map<string, string>;
  /** File with the template of the pipeline that runs. */
  readonly template: string;
}

/** What no rehearsal has. */
const NEVER_SHOWN = [
  'permissions of the roles, and the encryption of artifacts',
  'notifications, time limits, caches and images of CodeBuild',
  'stacks of dev, test and prod with their own settings: CloudFront, certificates, other accounts',
];

/** One execution of the pipeline, and after it has changed itself the next. */
class Execution {
  private readonly actions: ActionReport[] = [];
  private readonly substitutions: Substitution[] = [];
  private readonly notShown: string[] = [...NEVER_SHOWN];
  private readonly options: ExecutionOptions;
  private environment: LocalEnvironment | null = null;

  constructor(options: ExecutionOptions) {
    this.options = options;
  }

  get record(): Omit<Report, 'stopped' | 'seconds'> {
    const { commit, message } = this.options.source;
    return {
      commit,
      message,
      actions: this.actions,
      substituted: this.substitutions,
      notShown: this.notShown,
    };
  }

  async end(): Promise<void> {
    const environment = this.environment;
    this.environment = null;
    await environment?.stop();
  }

  async toTheEnd(): Promise<Stopped | null> {
    const { source, say, home } = this.options;
    if (source.settingsFilledIn)
      this.substitute({
        place: 'Source',
        what: 'pipeline = null of lib/config.ts',
        by: 'the example of docs/pipeline.md',
        because: 'the commit has no settings of a pipeline',
      });
    let template = this.options.template ?? (await this.firstTemplate());
    for (let execution = 1; ; execution += 1) {
      const folder = join(home, 'run', String(execution));
      const artifacts = new Map<string, string>();
      let changed = false;
      for (const stage of stagesOf(readTemplate(template))) {
        say(`== ${stage.name}`);
        const stopped = await this.stage(stage, { folder, artifacts, template });
        await this.end();
        if (stopped !== null) {
          if (stage.rollsBack)
            this.notShown.push(`${stage.name} is rolled back to what succeeded there last`);
          return stopped;
        }
        const next = newTemplate(stage, artifacts);
        if (next !== undefined && !sameJson(next, template)) {
          say('  the pipeline has changed itself, and starts again');
          [template, changed] = [next, true];
          break;
        }
      }
      if (!changed) return null;
      if (execution === 2) throw new Failure('the pipeline changes itself at every execution');
    }
  }

  private async stage(stage: Stage, at: Place): Promise<Stopped | null> {
    for (const action of stage.actions) {
      this.options.signal.throwIfAborted();
      const place = `${stage.name} / ${action.name}`;
      const began = Date.now();
      let built: Built = { commands: [] };
      switch (action.by) {
        case 'Source':
          await this.source(action, place, at);
          break;
        case 'Manual':
          this.options.say(`  ${action.name}: ${String(action.configuration['CustomData'])}`);
          this.substitute({
            place,
            what: 'the approval',
            by: 'nothing',
            because: 'a person gives it, within 7 days',
          });
          break;
        case 'CloudFormation': {
          const failed = await this.deploy(action, stage, at);
          if (failed !== undefined) built = { commands: [], failed };
          break;
        }
        case 'CodeBuild':
          this.options.say(`  ${action.name}`);
          built = await this.build(action, place, at);
      }
      // what was ended from outside has not failed
      this.options.signal.throwIfAborted();
      const seconds = (Date.now() - began) / 1000;
      this.actions.push({ stage: stage.name, action: action.name, seconds, commands: built.commands });
      if (built.failed !== undefined) return { stage: stage.name, action: action.name, ...built.failed };
    }
    return null;
  }

  private async source(action: Action, place: string, { folder, artifacts }: Place): Promise<void> {
    const target = join(folder, 'source');
    await exportTo(target, this.options.source);
    for (const name of action.outputs) artifacts.set(name, target);
    this.options.say(`  ${action.name}: the files of the commit`);
    this.substitute({
      place,
      what: `the connection to ${String(action.configuration['FullRepositoryId'])}`,
      by: 'git archive of a clone',
      because: 'there is no AWS account',
    });
  }

  /** All stacks of a stage are deployed by its first action. */
  private async deploy(action: Action, stage: Stage, { folder, artifacts }: Place): Promise<Built['failed']> {
    const command = 'npm start -- --detach';
    const { say, signal } = this.options;
    const { StackName, ActionMode } = action.configuration;
    this.substitute({
      place: `${stage.name} / CloudFormation`,
      what: `${String(ActionMode)} of ${String(StackName)}`,
      by: command,
      because: 'the local stack stands for every environment, with the settings of `local`',
    });
    if (this.environment !== null) return undefined;
    const began = Date.now();
    const assembly = artifacts.get(action.inputs[0] ?? '');
    if (assembly === undefined) throw new Error(`no action has made the input of ${action.name}`);
    const venv = await ensurePython(join(ROOT, '.local/venv'), EMULATOR_PACKAGES, say);
    try {
      this.environment = await deployLocally(
        // the project stands around its assembly
        {
          code: join(assembly, '..'),
          home: join(folder, `environment-${stage.name}`),
          venv: join(venv, '../..'),
        },
        signal,
      );
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { command, reason: messageOf(error) };
    }
    say(`  ${command.padEnd(78)} ${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s`);
    return undefined;
  }

  private build(action: Action, place: string, at: Place): Promise<Built> {
    const { aws, say, signal } = this.options;
    return build(action, {
      place,
      folder: join(at.folder, place.replaceAll(' / ', '-')),
      artifacts: at.artifacts,
      valueOf: (name, value) => this.valueOf(name, value),
      rules: rulesFor(this.options),
      aws,
      env: { REHEARSAL_TEMPLATE: at.template },
      say,
      substitute: (substitution) => {
        this.substitute(substitution);
      },
      signal,
    });
  }

  private valueOf(name: string, value: unknown): { value: string; because?: string } {
    const { environment } = this;
    if (environment !== null && name === 'ORIGIN')
      return { value: environment.siteUrl, because: 'the local stack has an origin of its own' };
    if (typeof value === 'string') {
      const [, variable] = /^#\{[^.}]+\.(\w+)\}$/.exec(value) ?? [];
      if (variable === undefined) return { value };
      const values: Readonly<Record<string, string | undefined>> = {
        CommitId: this.options.source.commit,
        SiteUrl: environment?.siteUrl,
        ApiUrl: environment?.apiUrl,
      };
      const known = values[variable];
      if (known !== undefined) return { value: known, because: 'variables are made by CodePipeline' };
    } else if (typeof value === 'object' && value !== null && 'Ref' in value) {
      return { value: String(value.Ref), because: 'resources have their names from CloudFormation' };
    }
    throw new Error(`the rehearsal does not know the value ${JSON.stringify(value)} of ${name}`);
  }

  /** As the first deployment makes it: docs/pipeline.md. */
  private async firstTemplate(): Promise<string> {
    const { source, say, signal } = this.options;
    say('== The pipeline, as `npx cdk deploy SallyportPipeline` would deploy it');
    for (const command of ['npm ci', 'npx cdk synth --quiet']) {
      const began = Date.now();
      const { code, output } = await ran('sh', ['-c', command], { cwd: source.clone, signal });
      if (code !== 0) throw new Failure(`${command} fails in a clean clone:\n${output.trim().slice(-3000)}`);
      say(`    ${command.padEnd(76)} ${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s`);
    }
    return join(source.clone, 'cdk.out', TEMPLATE);
  }

  private substitute(substitution: Substitution): void {
    this.substitutions.push(substitution);
  }
}

/** What the pipeline deploys of itself, after the stage in which it does. */
function newTemplate({ actions }: Stage, artifacts: ReadonlyMap<string, string>): string | undefined {
  const update = actions.find(({ name }) => name === 'SelfMutate');
  const assembly = artifacts.get(update?.inputs[0] ?? '');
  const file = assembly === undefined ? undefined : join(assembly, TEMPLATE);
  return file !== undefined && existsSync(file) ? file : undefined;
}

function sameJson(one: string, other: string): boolean {
  const [a, b] = [one, other].map((file) => JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))));
  return a === b;
}
