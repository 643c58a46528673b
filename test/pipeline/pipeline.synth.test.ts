/** The pipeline's own template: what runs in which order, and what each part may do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Match } from 'aws-cdk-lib/assertions';

import { composePipeline, composeSallyport, pipelineSettings, readDocument, settingsFor } from '../../lib';
import { ConfigError } from '../../lib/config';
import { TOOLS } from '../../lib/pipeline';
import { givenApp, projectsOf, SETTINGS, stagesOf, statementsOf, templateOf } from './synth';

const template = templateOf();
const stages = stagesOf(template);
const sources = {
  document: readDocument(join(__dirname, '../../openapi.yaml')),
  web: join(__dirname, '../site/web'),
  docs: join(__dirname, '../publishing/docs'),
};

function actionsOf(stage: string): string[] {
  const found = stages.find(({ Name }) => Name === stage);
  return [...(found?.Actions ?? [])].sort((a, b) => a.RunOrder - b.RunOrder).map(({ Name }) => Name);
}

describe('the order', () => {
  test('PIPE-01 is gates and tests, own update, assets, and every environment checked before the next', () => {
    expect(stages.map(({ Name }) => Name)).toEqual([
      'Source',
      'Build',
      'UpdatePipeline',
      'Assets',
      'dev',
      'PreRelease',
      'test',
      'Approval',
      'prod',
      'Release',
    ]);
    for (const environment of ['dev', 'test', 'prod']) expect(actionsOf(environment).at(-1)).toBe('Smoke');
    expect(actionsOf('PreRelease')).toEqual(['PublishPreRelease']);
    expect(actionsOf('Release')).toEqual(['PublishRelease']);
  });

  test('has one approval, by a person, in the stage right before the last environment', () => {
    const manual = stages.flatMap(({ Name, Actions }) =>
      Actions.filter(({ ActionTypeId }) => ActionTypeId.Provider === 'Manual').map((action) => [
        Name,
        action.Name,
      ]),
    );

    expect(manual).toEqual([['Approval', 'Approve']]);
  });

  test('follows the environments that are given', () => {
    const names = stagesOf(templateOf({ environments: ['one', 'two'] })).map(({ Name }) => Name);

    expect(names.slice(4)).toEqual(['one', 'PreRelease', 'Approval', 'two', 'Release']);
  });

  test('PIPE-01 the synth runs the gates and compares with what was released before anything is deployed', () => {
    const [, synth] = projectsOf(template).find(([name]) => name.includes('Synth'))!;
    const { phases } = JSON.parse(synth.Source.BuildSpec) as {
      phases: { build: { commands: string[] }; install: { commands: string[] } };
    };
    const commands = phases.build.commands.join('\n');

    expect(phases.install.commands).toEqual(['npm ci']);
    const places = [
      'npm run -s gates',
      'spec -- lint',
      'spec -- diff',
      'spec -- gate --against',
      'npm test',
      'cdk synth',
    ];
    const found = places.map((part) => commands.indexOf(part));
    expect(found).not.toContain(-1);
    expect(found).toEqual([...found].sort((a, b) => a - b));
  });
});

describe('the pipeline itself', () => {
  test('is of type V2, follows the branch of the settings, and mutates itself with the CLI of package.json', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
    };

    template.hasResourceProperties('AWS::CodePipeline::Pipeline', { PipelineType: 'V2' });
    expect(stages[0]?.Actions[0]).toMatchObject({
      ActionTypeId: { Provider: 'CodeStarSourceConnection' },
      Configuration: {
        ConnectionArn: SETTINGS.connectionArn,
        FullRepositoryId: SETTINGS.repository,
        BranchName: SETTINGS.branch,
      },
    });
    expect(TOOLS.cdk).toBe(devDependencies['aws-cdk']);
    const [, update] = projectsOf(template).find(([name]) => name.includes('SelfMutation'))!;
    expect(update.Source.BuildSpec).toContain(`npm install -g aws-cdk@${TOOLS.cdk}`);
    expect(update.Source.BuildSpec).toContain('deploy SallyportPipeline --require-approval=never');
  });

  test('changes its template when its own code or settings change, and only then', () => {
    const plain = (given: Parameters<typeof templateOf>[0]): unknown => templateOf(given).toJSON();
    const before = template.toJSON();

    expect(plain({ settings: { branch: 'release' } })).not.toEqual(before);
    expect(plain({ environments: ['dev', 'prod'] })).not.toEqual(before);
    // the condition of a rollback: https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html
    expect(plain({ code: 'other code' })).toEqual(before);
  });

  test('rolls the last environment back when its deployment or its checks fail, and no other', () => {
    expect(stages.filter(({ OnFailure }) => OnFailure !== undefined)).toMatchObject([
      { Name: 'prod', OnFailure: { Result: 'ROLLBACK' } },
    ]);
  });

  test('tells people of approvals, failures and releases', () => {
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'team@example.com',
    });
    template.hasResourceProperties('AWS::CodeStarNotifications::NotificationRule', {
      EventTypeIds: [
        'codepipeline-pipeline-pipeline-execution-failed',
        'codepipeline-pipeline-pipeline-execution-succeeded',
        'codepipeline-pipeline-manual-approval-needed',
      ],
    });
  });

  test('every project has a time limit of an hour at most, a cache, and a log that ends', () => {
    const projects = projectsOf(template);

    expect(projects).toHaveLength(8);
    for (const [, { TimeoutInMinutes, Cache }] of projects) {
      expect(TimeoutInMinutes).toBeLessThanOrEqual(60);
      expect(Cache).toMatchObject({ Type: 'LOCAL', Modes: ['LOCAL_CUSTOM_CACHE'] });
    }
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 365 });
  });

  test('keeps releases for good, and makes the registry only where the settings say so', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: { VersioningConfiguration: { Status: 'Enabled' } },
    });
    template.resourceCountIs('AWS::CodeArtifact::Domain', 1);
    const named = templateOf({ settings: { codeArtifact: { ...SETTINGS.codeArtifact, create: false } } });
    named.resourceCountIs('AWS::CodeArtifact::Domain', 0);
    named.resourceCountIs('AWS::CodeArtifact::Repository', 0);
  });

  test('encrypts artifacts with a key of its own where another account reads them', () => {
    template.resourceCountIs('AWS::KMS::Key', 0);
    templateOf({ otherAccounts: true }).hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });
});

describe('permissions', () => {
  const statements = statementsOf(template);
  /** What the construct library gives every project: its log, its reports, and the artifacts. */
  const HOUSE = /^(logs|codebuild|s3):(?!GetObject$|PutObject$|ListBucket$)/;
  const own = (part: string): string[] =>
    [...statements]
      .filter(([name]) => name.includes(part))
      .flatMap(([, all]) => all.flatMap(({ Action }) => [Action].flat()))
      .filter((action) => !HOUSE.test(action))
      .sort();

  test('of each step are its own and no more', () => {
    const npm = [
      'codeartifact:GetAuthorizationToken',
      'codeartifact:GetRepositoryEndpoint',
      'codeartifact:PublishPackageVersion',
      'codeartifact:ReadFromRepository',
    ];

    for (const environment of ['dev', 'test', 'prod']) expect(own(`${environment}Smoke`)).toEqual([]);
    expect(own('PublishPreRelease')).toEqual([...npm, 'sts:GetServiceBearerToken']);
    expect(own('PublishRelease')).toEqual([...npm, 's3:PutObject', 'sts:GetServiceBearerToken']);
    // s3:PutObject is its artifact: cdk.out and the parts list
    expect(own('Synth')).toEqual(['s3:GetObject', 's3:ListBucket', 's3:PutObject']);
    expect(own('SelfMutation')).toEqual(['cloudformation:DescribeStacks', 's3:ListBucket', 'sts:AssumeRole']);
    expect(own('AssetsFile')).toEqual(['sts:AssumeRole']);
  });

  test('name no `*` of a service, and every resource but where AWS or the construct library knows none narrower', () => {
    const all = [...statements].flatMap(([name, some]) => some.map((one) => ({ name, ...one })));
    const actions = all.flatMap(({ Action }) => [Action].flat());
    const everything = all
      .filter(({ Effect, Resource }) => Effect === 'Allow' && [Resource].flat().includes('*'))
      .map(({ name, Action }) => `${name}: ${[Action].flat().join(' ')}`);

    expect(actions.length).toBeGreaterThan(50);
    expect(actions.filter((action) => action === '*' || action.endsWith(':*'))).toEqual([]);
    expect(everything.sort()).toEqual([
      'PipelineDeliveryAssetsFile: codebuild:BatchGetBuilds codebuild:StartBuild codebuild:StopBuild',
      'PipelineDeliveryPipelinePreReleasePublishPreRelease: sts:GetServiceBearerToken',
      'PipelineDeliveryPipelineReleasePublishRelease: sts:GetServiceBearerToken',
      'PipelineDeliveryUpdatePipelineSelfMutation: cloudformation:DescribeStacks s3:ListBucket',
    ]);
  });

  test('are those of roles alone: no user, no key, no secret, no managed policy', () => {
    for (const type of [
      'AWS::IAM::User',
      'AWS::IAM::AccessKey',
      'AWS::SecretsManager::Secret',
      'AWS::SSM::Parameter',
    ])
      template.resourceCountIs(type, 0);
    template.allResourcesProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
    const variables = projectsOf(template).flatMap(
      ([, { Environment }]) => Environment.EnvironmentVariables ?? [],
    );
    expect(variables.map(({ Type }) => Type)).toEqual(variables.map(() => 'PLAINTEXT'));
    expect(variables.filter(({ Name }) => /TOKEN|SECRET|PASSWORD|KEY/.test(Name))).toEqual([]);
  });
});

describe('the app', () => {
  test('of an environment, which `cdk deploy --all` deploys, has no pipeline', () => {
    const app = givenApp();
    composeSallyport(app, { settings: settingsFor('dev'), ...sources });

    const names = app.synth().stacksRecursively.map(({ stackName }) => stackName);
    expect(names.length).toBeGreaterThan(2);
    expect(names).not.toContain('SallyportPipeline');
  });

  test('of the pipeline has its stack alone at the top, and the stacks of every environment below', () => {
    const app = givenApp();
    composePipeline(app, { settings: pipelineSettings(SETTINGS), ...sources });
    const assembly = app.synth();

    expect(assembly.stacks.map(({ hierarchicalId }) => hierarchicalId)).toEqual(['SallyportPipeline']);
    expect(assembly.stacksRecursively.map(({ stackName }) => stackName)).toEqual(
      expect.arrayContaining(['sallyport-dev-api', 'sallyport-test-api', 'sallyport-prod-site']),
    );
  });
});

describe('settings', () => {
  test('that are missing or wrong are named in one line', () => {
    expect(() => pipelineSettings()).toThrow(/^no environment is asked for, and pipeline is null/);
    expect(() => pipelineSettings({ ...SETTINGS, connectionArn: 'arn:aws:s3:::x' })).toThrow(
      /^pipeline\.connectionArn is not the ARN of a connection/,
    );
    expect(() => pipelineSettings({ ...SETTINGS, region: 'eu-south-1' })).toThrow(
      /^pipeline\.region is "eu-south-1"/,
    );
    expect(() => pipelineSettings({ ...SETTINGS, account: 1 })).toThrow(ConfigError);
    expect(pipelineSettings(SETTINGS)).toEqual(SETTINGS);
  });
});
