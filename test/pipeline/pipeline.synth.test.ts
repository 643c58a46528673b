/** The pipeline's own template: what runs in which order, and what each part may do. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';

import { commandEnvironment } from '../../local/aws';
import { composePipeline, composeSallyport, pipelineSettings, readDocument, settingsFor } from '../../lib';
import { ConfigError } from '../../lib/config';
import { CDK, CDK_ASSETS, READABLE } from '../../lib/pipeline/tools';
import { givenApp, pipelineStack, projectsOf, SETTINGS, stagesOf, statementsOf, templateOf } from './synth';

const app = givenApp();
const template = templateOf({}, app);
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

/** What a project runs; its specification is in the template, or in a file of the assembly. */
function commandsOf(project: string): string[] {
  const [, { Source }] = projectsOf(template).find(([name]) => name.includes(project))!;
  const spec = Source.BuildSpec;
  const text = spec.startsWith('{') ? spec : readFileSync(join(app.outdir, spec), 'utf8');
  const { phases } = JSON.parse(text) as Record<'phases', Record<string, { commands: string[] }>>;
  return [...(phases['install']?.commands ?? []), ...(phases['build']?.commands ?? [])];
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
    for (const environment of ['dev', 'test', 'prod']) expect(actionsOf(environment).at(-1)).toBe('Check');
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
    const commands = commandsOf('Synth').join('\n');

    expect(commands).toMatch(/^npm ci\n/);
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
    expect(CDK.version).toBe(devDependencies['aws-cdk']);
    expect(commandsOf('SelfMutation').at(-1)).toMatch(/^cdk -a \S+ deploy SallyportPipeline /);
  });

  test('installs its tools by the checksums of lock files, running nothing of them before', () => {
    const { packages } = JSON.parse(readFileSync(join(__dirname, '../../package-lock.json'), 'utf8')) as {
      packages: Record<string, { integrity: string }>;
    };
    expect(CDK.integrity).toBe(packages['node_modules/aws-cdk']?.integrity);

    for (const [project, { name, version, integrity }, first] of [
      ['SelfMutation', CDK, []],
      ['AssetsFile', CDK_ASSETS, [READABLE]],
    ] as const)
      expect(commandsOf(project).slice(0, 5 + first.length)).toEqual([
        ...first,
        'FETCHED="$(mktemp -d)"',
        `npm install --silent --ignore-scripts --prefix "$FETCHED" ${name}@${version}`,
        `grep -F '"integrity": "${integrity}"' "$FETCHED/package-lock.json"`,
        // from here on there is nothing but what was compared
        'export npm_config_offline=true',
        `npm install -g ${name}@${version}`,
      ]);
  });

  test('PIPE-01 asks every environment from outside, but for what is not deployed there', () => {
    for (const environment of ['dev', 'test', 'prod']) {
      expect(commandsOf(`${environment}Check`)).toEqual([
        'npm ci --ignore-scripts',
        expect.stringMatching(/^npm run -s smoke -- .* --left-out "\$LEFT_OUT"$/),
        expect.stringMatching(/^npm run -s contract -- .* --left-out "\$LEFT_OUT"$/),
        expect.stringMatching(/^npm run -s docs -- verify /),
      ]);
      const [, project] = projectsOf(template).find(([name]) => name.includes(`${environment}Check`))!;
      expect(project.Environment.EnvironmentVariables).toContainEqual(
        expect.objectContaining({ Name: 'LEFT_OUT', Value: 'callMeNot' }),
      );
    }
  });

  test('PIPE-02 publishes the three libraries: of the commit after the first environment, the release at the end', () => {
    const publish = 'npm run -s clients -- --npm "$NPM" --maven "$MAVEN" --pypi "$PYPI"';

    expect(commandsOf('PublishPreRelease').at(-1)).toBe(`${publish} --revision "$REVISION"`);
    expect(commandsOf('PublishRelease').slice(-3)).toEqual([
      publish,
      'aws s3 cp .local/sbom/sbom.cdx.json "s3://$RELEASES/sbom/$REVISION.cdx.json"',
      'aws s3 cp openapi.yaml "s3://$RELEASES/openapi.yaml"',
    ]);
  });

  test('changes its template when its own code or settings change, and only then', () => {
    const plain = (given: Parameters<typeof templateOf>[0]): unknown => templateOf(given).toJSON();
    const before = template.toJSON();

    expect(plain({ settings: { branch: 'release' } })).not.toEqual(before);
    expect(plain({ environments: ['dev', 'prod'] })).not.toEqual(before);
    // the condition of a rollback: https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html
    expect(plain({ code: 'other code' })).toEqual(before);
  });

  test('shows a change of its own code in `cdk diff SallyportPipeline --template <before>`, and only that', () => {
    const now = readFileSync(join(app.outdir, 'SallyportPipeline.template.json'), 'utf8');
    const diff = (before: string): string => {
      const file = join(app.outdir, 'before.json');
      writeFileSync(file, before);
      const cdk = join(__dirname, '../../node_modules/aws-cdk/bin/cdk');
      const { stdout, stderr } = spawnSync(
        process.execPath,
        [cdk, 'diff', 'SallyportPipeline', '--template', file, '--app', app.outdir, '--no-color'],
        { encoding: 'utf8', env: commandEnvironment('http://127.0.0.1:1', process.env) },
      );
      return stdout + stderr;
    };

    expect(diff(now)).toContain('There were no differences');
    const shown = diff(now.replace('npm run -s gates', 'true'));
    expect(shown).toMatch(/\[~\] AWS::CodeBuild::Project Pipeline\/Delivery\/Pipeline\/Build\/Synth/);
    expect(shown).toMatch(/\[\+\][^]*npm run -s gates/);
    expect(shown).toContain('Number of stacks with differences: 1');
  }, 120_000);

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
    const publish = [
      'codeartifact:GetAuthorizationToken',
      'codeartifact:GetRepositoryEndpoint',
      'codeartifact:PublishPackageVersion',
      'codeartifact:PutPackageMetadata',
      'codeartifact:ReadFromRepository',
    ];

    for (const environment of ['dev', 'test', 'prod']) expect(own(`${environment}Check`)).toEqual([]);
    expect(own('PublishPreRelease')).toEqual([...publish, 'sts:GetServiceBearerToken']);
    expect(own('PublishRelease')).toEqual([...publish, 's3:PutObject', 'sts:GetServiceBearerToken']);
    // s3:PutObject is its artifact: cdk.out and the parts list
    expect(own('Synth')).toEqual(['s3:GetObject', 's3:ListBucket', 's3:PutObject']);
    expect(own('SelfMutation')).toEqual(['cloudformation:DescribeStacks', 's3:ListBucket', 'sts:AssumeRole']);
    expect(own('AssetsFile')).toEqual(['sts:AssumeRole']);
  });

  test('to publish are for the three libraries alone', () => {
    const [, publish] = [...statements].find(([name]) => name.includes('PublishPreRelease'))!;
    const resources = (action: string): string[] =>
      publish
        .filter(({ Action }) => [Action].flat().includes(action))
        .flatMap(({ Resource }) => [Resource].flat())
        .map((resource) => JSON.stringify(resource).replace(/.*:package\/([^"]+)".*/, '$1'));

    const maven = 'example/clients/maven/io.example/widget-client';
    expect(resources('codeartifact:PublishPackageVersion').sort()).toEqual([
      maven,
      'example/clients/npm//widget-client',
      'example/clients/pypi//widget-client',
    ]);
    expect(resources('codeartifact:PutPackageMetadata')).toEqual([maven]);
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

test('AwsSolutions finds nothing in the pipeline that is not acknowledged with a reason', () => {
  const nagged = givenApp();
  Validations.of(nagged).addPlugins(new AwsSolutionsChecks(nagged));
  pipelineStack(nagged, { otherAccounts: true });

  expect(() => nagged.synth()).not.toThrow();
});

describe('the app', () => {
  test('of an environment, which `cdk deploy --all` deploys, has no pipeline', () => {
    const composed = givenApp();
    composeSallyport(composed, { settings: settingsFor('dev'), ...sources });

    const names = composed.synth().stacksRecursively.map(({ stackName }) => stackName);
    expect(names.length).toBeGreaterThan(2);
    expect(names).not.toContain('SallyportPipeline');
  });

  test('of the pipeline has its stack alone at the top, and the stacks of every environment below', () => {
    const composed = givenApp();
    composePipeline(composed, { settings: pipelineSettings(SETTINGS), ...sources });
    const assembly = composed.synth();

    expect(assembly.stacks.map(({ hierarchicalId }) => hierarchicalId)).toEqual(['SallyportPipeline']);
    expect(assembly.stacksRecursively.map(({ stackName }) => stackName)).toEqual(
      expect.arrayContaining(['sallyport-dev-api', 'sallyport-test-api', 'sallyport-prod-site']),
    );
    // what the settings of dev leave out, and what Cognito never calls
    const whole = Template.fromJSON(assembly.stacks[0]?.template as Record<string, unknown>);
    const [, check] = projectsOf(whole).find(([name]) => name.includes('devCheck'))!;
    const [leftOut] = (check.Environment.EnvironmentVariables ?? []).filter(
      ({ Name }) => Name === 'LEFT_OUT',
    );
    expect(String(leftOut?.Value).split(',')).toEqual(
      expect.arrayContaining(['backchannelLogout', 'getReview', 'listPartnerOrders']),
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
