/** The pipeline's stack over small stages, and what tests read in its template. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App, CfnOutput, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Topic } from 'aws-cdk-lib/aws-sns';

import { Pipeline, pipelineSettings } from '../../lib';

const temporary = mkdtempSync(join(tmpdir(), 'pipeline-synth-'));
afterAll(() => {
  rmSync(temporary, { recursive: true });
});

/** Complete settings, as a user fills them in. */
export const SETTINGS = {
  account: '111122223333',
  region: 'us-east-1',
  repository: 'example/widgets',
  branch: 'main',
  connectionArn:
    'arn:aws:codeconnections:us-east-1:111122223333:connection/00000000-0000-0000-0000-000000000000',
  notify: ['team@example.com'],
  codeArtifact: { domain: 'example', repository: 'clients', create: true },
} as const;

interface Given {
  readonly settings?: Record<string, unknown>;
  readonly environments?: readonly string[];
  readonly otherAccounts?: boolean;
  /** Code that is deployed. */
  readonly code?: string;
}

let apps = 0;

/** An app as the CDK makes it here: with the feature flags of cdk.json, and its rules. */
export function givenApp(): App {
  process.env['CDK_VALIDATION'] = 'true';
  const { context } = JSON.parse(readFileSync(join(__dirname, '../../cdk.json'), 'utf8')) as {
    context: Record<string, unknown>;
  };
  apps += 1;
  return new App({ outdir: join(temporary, String(apps)), context });
}

export function pipelineStack(app: App, given: Given = {}): Stack {
  const settings = pipelineSettings({ ...SETTINGS, ...given.settings });
  const { account, region } = settings;
  const stack = new Stack(app, 'SallyportPipeline', { env: { account, region } });
  const file = join(temporary, `code-${apps}.txt`);
  writeFileSync(file, given.code ?? 'code');
  const deployments = (given.environments ?? ['dev', 'test', 'prod']).map((name) => {
    const stage = new Stage(stack, name);
    const api = new Stack(stage, 'api', { stackName: `sallyport-${name}-api`, env: { region } });
    const topic = new Topic(api, 'Topic', { enforceSSL: true });
    new Asset(api, 'Code', { path: file });
    const output = new CfnOutput(api, 'SiteUrl', { value: topic.topicArn });
    return {
      stage,
      address: { output, path: 'api', docs: 'docs' },
      origin: `https://${name}.example.com`,
      leftOut: ['callMeNot'],
    };
  });
  new Pipeline(stack, 'Pipeline', {
    settings,
    clients: { name: 'widget-client', mavenGroup: 'io.example' },
    deployments,
    otherAccounts: given.otherAccounts ?? false,
  });
  return stack;
}

export function templateOf(given: Given = {}, app = givenApp()): Template {
  const stack = pipelineStack(app, given);
  app.synth();
  return Template.fromStack(stack);
}

interface Action {
  readonly Name: string;
  readonly RunOrder: number;
  readonly ActionTypeId: { readonly Category: string; readonly Provider: string };
  readonly Configuration: Readonly<Record<string, unknown>>;
}

interface PipelineStage {
  readonly Name: string;
  readonly Actions: readonly Action[];
  readonly OnFailure?: unknown;
}

export function stagesOf(template: Template): readonly PipelineStage[] {
  const [pipeline] = Object.values(template.findResources('AWS::CodePipeline::Pipeline'));
  return (pipeline as { Properties: { Stages: PipelineStage[] } }).Properties.Stages;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** Statements of every policy, by the name of what it is attached to. */
export function statementsOf(template: Template): Map<string, Statement[]> {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
  const named = policies.map(([name, policy]): [string, Statement[]] => [
    name.replace(/(Role)?DefaultPolicy.*$/, ''),
    (policy as { Properties: { PolicyDocument: { Statement: Statement[] } } }).Properties.PolicyDocument
      .Statement,
  ]);
  return new Map(named);
}

interface Project {
  readonly TimeoutInMinutes?: number;
  readonly Cache?: object;
  readonly Source: { readonly BuildSpec: string };
  readonly Environment: {
    readonly EnvironmentVariables?: readonly { Name: string; Type: string; Value: unknown }[];
  };
}

export function projectsOf(template: Template): [name: string, project: Project][] {
  return Object.entries(template.findResources('AWS::CodeBuild::Project')).map(([name, { Properties }]) => [
    name,
    Properties as Project,
  ]);
}
