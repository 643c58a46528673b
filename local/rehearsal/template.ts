/** The pipeline as its synthesized template has it: stages, their actions in order, and what each project runs. */
import { readFileSync } from 'node:fs';

/** The template, as far as it is read. */
export interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>
  >;
}

export interface Stage {
  readonly name: string;
  readonly actions: readonly Action[];
  /** Whether what succeeded there last is brought back when something fails. */
  readonly rollsBack: boolean;
}

export interface Action {
  readonly name: string;
  /** What CodePipeline has it done by. */
  readonly by: 'Source' | 'CodeBuild' | 'CloudFormation' | 'Manual';
  /** Present where it is CodeBuild. */
  readonly project?: Project;
  readonly configuration: Readonly<Record<string, unknown>>;
  /** Names of artifacts; the first is where the commands run. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

interface Project {
  /** The build specification, or the file of the input that has it. */
  readonly buildSpec: string;
  /** Values are texts, or references to resources of the template. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Part of a build specification: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html */
export interface BuildSpec {
  readonly phases?: Readonly<
    Record<string, { readonly commands?: readonly string[]; readonly 'runtime-versions'?: object }>
  >;
  readonly artifacts?: {
    readonly 'base-directory'?: string;
    readonly 'secondary-artifacts'?: Readonly<Record<string, { readonly 'base-directory': string }>>;
  };
}

/** In this order; `post_build` would run after a failed build as well, so a specification with one is not known here. */
const PHASES = ['install', 'pre_build', 'build'];

export function readTemplate(file: string): Template {
  return JSON.parse(readFileSync(file, 'utf8')) as Template;
}

interface RawAction {
  readonly Name: string;
  readonly RunOrder: number;
  readonly ActionTypeId: { readonly Category: string; readonly Provider: string };
  readonly Configuration?: Readonly<Record<string, unknown>>;
  readonly InputArtifacts?: readonly { readonly Name: string }[];
  readonly OutputArtifacts?: readonly { readonly Name: string }[];
}

/** @throws Error for a template without one pipeline, or with an action of a kind that is not known here */
export function stagesOf(template: Template): Stage[] {
  const pipelines = Object.values(template.Resources).filter(
    ({ Type }) => Type === 'AWS::CodePipeline::Pipeline',
  );
  const [pipeline] = pipelines;
  if (pipeline === undefined || pipelines.length > 1)
    throw new Error(`the template has ${pipelines.length} pipelines, not one`);
  const stages = pipeline.Properties?.['Stages'] as {
    Name: string;
    Actions: RawAction[];
    OnFailure?: { Result?: string };
  }[];
  return stages.map(({ Name, Actions, OnFailure }) => ({
    name: Name,
    actions: [...Actions].sort((a, b) => a.RunOrder - b.RunOrder).map((raw) => actionOf(raw, template)),
    rollsBack: OnFailure?.Result === 'ROLLBACK',
  }));
}

function actionOf(raw: RawAction, template: Template): Action {
  const { Category, Provider } = raw.ActionTypeId;
  const configuration = raw.Configuration ?? {};
  const common = {
    name: raw.Name,
    configuration,
    inputs: (raw.InputArtifacts ?? []).map(({ Name }) => Name),
    outputs: (raw.OutputArtifacts ?? []).map(({ Name }) => Name),
  };
  if (Category === 'Source') return { ...common, by: 'Source' };
  switch (Provider) {
    case 'CodeBuild': {
      const { Ref } = configuration['ProjectName'] as { Ref: string };
      return { ...common, by: 'CodeBuild', project: projectOf(template, Ref) };
    }
    case 'CloudFormation':
    case 'Manual':
      return { ...common, by: Provider };
    default:
      throw new Error(`action ${raw.Name} is done by ${Provider}, which the rehearsal does not know`);
  }
}

function projectOf({ Resources }: Template, id: string): Project {
  const properties = Resources[id]?.Properties as {
    Source: { BuildSpec: string };
    Environment: { EnvironmentVariables?: readonly { Name: string; Value: unknown }[] };
  };
  return {
    buildSpec: properties.Source.BuildSpec,
    variables: Object.fromEntries(
      (properties.Environment.EnvironmentVariables ?? []).map(({ Name, Value }) => [Name, Value]),
    ),
  };
}

/** Variables that the action gives its project, over those that the project has. */
export function variablesOf({ configuration, project }: Action): Record<string, unknown> {
  const own = configuration['EnvironmentVariables'];
  const given = typeof own === 'string' ? (JSON.parse(own) as { name: string; value: string }[]) : [];
  return {
    ...project?.variables,
    ...Object.fromEntries(given.map(({ name, value }) => [name, value])),
  };
}

/** @throws Error for a phase that is not known here */
export function commandsOf({ phases = {} }: BuildSpec): string[] {
  const unknown = Object.keys(phases).find((name) => !PHASES.includes(name));
  if (unknown !== undefined) throw new Error(`the rehearsal does not know the phase ${unknown}`);
  return PHASES.flatMap((name) => phases[name]?.commands ?? []);
}

/** Folders that become artifacts, by the name of the artifact. */
export function artifactsOf({ artifacts }: BuildSpec, only: string | undefined): Record<string, string> {
  const secondary = Object.entries(artifacts?.['secondary-artifacts'] ?? {});
  const folder = artifacts?.['base-directory'];
  return {
    ...(folder === undefined || only === undefined ? {} : { [only]: folder }),
    ...Object.fromEntries(secondary.map(([name, one]) => [name, one['base-directory']])),
  };
}
