/** How a rehearsal runs the commands of one project: as CodeBuild would, and never past a failure. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { build, type BuildContext, type Built } from '../../local/rehearsal/build';
import { closingLines } from '../../local/rehearsal/report';
import { rulesFor, substituted, type Substitution } from '../../local/rehearsal/substitutes';
import { stagesOf, type Action, type Template } from '../../local/rehearsal/template';

const folder = mkdtempSync(join(tmpdir(), 'rehearsal-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let count = 0;

interface Ran extends Built {
  readonly substituted: readonly Substitution[];
  readonly artifacts: ReadonlyMap<string, string>;
  readonly place: string;
}

/** Runs commands in a project whose input has one file. */
async function run(
  commands: readonly string[],
  given: {
    readonly spec?: object;
    readonly variables?: Record<string, unknown>;
    readonly inputs?: string[];
  } = {},
): Promise<Ran> {
  count += 1;
  const [input, place] = [join(folder, `input-${count}`), join(folder, `action-${count}`)];
  mkdirSync(input);
  writeFileSync(join(input, 'file.txt'), 'input');
  const artifacts = new Map([
    ['Source', input],
    ['Other', input],
  ]);
  const substitutions: Substitution[] = [];
  const action: Action = {
    name: 'Try',
    by: 'CodeBuild',
    project: {
      buildSpec: JSON.stringify({ phases: { build: { commands } }, ...given.spec }),
      variables: given.variables ?? {},
    },
    configuration: {},
    inputs: given.inputs ?? ['Source'],
    outputs: ['Output'],
  };
  const context: BuildContext = {
    place: 'Stage / Try',
    folder: place,
    artifacts,
    valueOf: (_name, value) =>
      typeof value === 'string' ? { value } : { value: 'replaced', because: 'it is a reference' },
    rules: rulesFor({ withoutTests: true, withoutAudit: false }),
    aws: {
      buckets: join(folder, 'buckets'),
      token: 'of-this-run',
      npm: { url: 'http://127.0.0.1:1/', token: 'of-this-run' },
      maven: 'http://127.0.0.1:2/',
      pypi: 'http://127.0.0.1:3/',
    },
    env: {},
    say: () => undefined,
    substitute: (one) => {
      substitutions.push(one);
    },
    signal: undefined,
  };
  return { ...(await build(action, context)), substituted: substitutions, artifacts, place };
}

describe('the commands of a project', () => {
  it('run in one shell, over a copy of the input and with the variables of the template', async () => {
    const { commands, failed, artifacts } = await run(
      ['A="$GIVEN and $REPLACED"', 'mkdir out\necho "$A: $(cat file.txt)" > out/said.txt', 'rm file.txt'],
      {
        variables: { GIVEN: 'given', REPLACED: { Ref: 'Bucket' } },
        spec: { artifacts: { 'base-directory': 'out' } },
      },
    );

    expect(failed).toBeUndefined();
    expect(commands).toHaveLength(3);
    expect(readFileSync(join(artifacts.get('Output') ?? '', 'said.txt'), 'utf8')).toBe(
      'given and replaced: input\n',
    );
    expect(existsSync(join(artifacts.get('Source') ?? '', 'file.txt'))).toBe(true);
  });

  it('end with the first that fails, which is told with what it said', async () => {
    const { commands, failed, artifacts } = await run(
      ['echo fine', 'echo so it is >&2; false', 'echo never'],
      {
        spec: { artifacts: { 'base-directory': '.' } },
      },
    );

    expect(failed).toEqual({
      command: 'echo so it is >&2; false',
      reason: expect.stringContaining('so it is') as string,
    });
    expect(commands.map(({ command }) => command)).toEqual(['echo fine', 'echo so it is >&2; false']);
    expect(artifacts.has('Output')).toBe(false);
  });

  it('find further inputs where CodeBuild puts them', async () => {
    const { failed } = await run(['grep input "$CODEBUILD_SRC_DIR_Other/file.txt"'], {
      inputs: ['Source', 'Other'],
    });

    expect(failed).toBeUndefined();
  });

  it('in a phase that is not known are an error, not left out', async () => {
    const spec = { phases: { post_build: { commands: ['true'] } } };

    await expect(run([], { spec })).rejects.toThrow('the rehearsal does not know the phase post_build');
  });
});

describe('the stand-in for the AWS CLI', () => {
  it('copies to buckets and from them, counts, and tells of each call', async () => {
    const bucket = `bucket-${count}`;
    const { failed, substituted: told } = await run([
      `test "$(aws s3api list-objects-v2 --bucket ${bucket} --prefix file --query KeyCount --output text)" = 0`,
      `aws s3 cp file.txt s3://${bucket}/file.txt`,
      `test "$(aws s3api list-objects-v2 --bucket ${bucket} --prefix file --query KeyCount --output text)" = 1`,
      `aws s3 cp s3://${bucket}/file.txt deep/copy.txt && grep input deep/copy.txt`,
    ]);

    expect(failed).toBeUndefined();
    expect(told.map(({ what }) => what.split(' ').slice(0, 3).join(' '))).toEqual([
      'aws s3api list-objects-v2',
      'aws s3 cp',
      'aws s3api list-objects-v2',
      'aws s3 cp',
    ]);
  });

  it('gives the token and the registries, and leaves no settings of npm behind', async () => {
    const { failed, place } = await run([
      'aws codeartifact login --tool npm --domain a --repository b',
      'npm config get registry | grep http://127.0.0.1:1/',
      'aws codeartifact get-authorization-token --domain a --query authorizationToken --output text | grep of-this-run',
      'aws codeartifact get-repository-endpoint --domain a --repository b --format pypi --query repositoryEndpoint --output text | grep :3/',
    ]);

    expect(failed).toBeUndefined();
    expect(existsSync(join(place, 'npmrc'))).toBe(false);
  });

  it.each([
    'aws sts get-caller-identity',
    'aws s3 rm s3://bucket/file.txt',
    'aws codeartifact login --tool pip --domain a --repository b',
    'aws codeartifact get-repository-endpoint --format nuget --query repositoryEndpoint --output text',
  ])('refuses what it does not know: %s', async (command) => {
    const { failed } = await run([command]);

    expect(failed?.command).toBe(command);
  });
});

describe('substitutes', () => {
  const rules = (withoutTests: boolean, withoutAudit = false): ReturnType<typeof rulesFor> =>
    rulesFor({ withoutTests, withoutAudit });

  it('are for commands of the CDK, and for others only where it was asked for', () => {
    const deploy = 'cdk -a . deploy SallyportPipeline --require-approval=never --verbose';
    expect(substituted(deploy, rules(false)).run).toMatch(/^cdk -a \. diff SallyportPipeline --template /);
    expect(substituted('cdk-assets --path "a b.json" --verbose publish "x:y"', rules(false)).run).toBe(
      'cdk-assets --path "a b.json" ls',
    );

    for (const command of ['npm test', 'npm run -s gates', 'npm ci'])
      expect(substituted(command, rules(false))).toEqual({ run: command });
    expect(substituted('npm test', rules(true)).run).toBeNull();
    expect(substituted('npm run -s gates', rules(false, true)).run).toBe('npm run -s gates -- --offline');
  });

  it('are told of with what runs instead and why; the same one runs once', async () => {
    const { commands, substituted: told } = await run(['npm test', 'true']);

    expect(commands.map(({ command }) => command)).toEqual(['true']);
    expect(told).toEqual([
      { place: 'Stage / Try', what: 'npm test', by: 'nothing', because: '--without-tests' },
    ]);
  });
});

describe('the template', () => {
  const template = (provider: string): Template => ({
    Resources: {
      Pipeline: {
        Type: 'AWS::CodePipeline::Pipeline',
        Properties: {
          Stages: [
            {
              Name: 'A',
              Actions: [
                { Name: 'two', RunOrder: 2, ActionTypeId: { Category: 'Approval', Provider: provider } },
                { Name: 'one', RunOrder: 1, ActionTypeId: { Category: 'Source', Provider: 'Any' } },
              ],
              OnFailure: { Result: 'ROLLBACK' },
            },
          ],
        },
      },
    },
  });

  it('gives the actions in the order in which they run', () => {
    expect(stagesOf(template('Manual'))).toMatchObject([
      { name: 'A', rollsBack: true, actions: [{ name: 'one' }, { name: 'two' }] },
    ]);
  });

  it('with an action that is not known is an error, not passed over', () => {
    expect(() => stagesOf(template('Jenkins'))).toThrow('action two is done by Jenkins');
    expect(() => stagesOf({ Resources: {} })).toThrow('the template has 0 pipelines, not one');
  });
});

test('the end tells where it stopped and why, after everything that was not as in AWS', () => {
  const one = { what: 'npm test', by: 'nothing', because: '--without-tests' };
  const lines = closingLines({
    commit: 'c',
    message: 'm',
    stopped: { stage: 'Build', action: 'Synth', command: 'npm run -s gates', reason: 'key.pem:1\nsecret' },
    seconds: 61.4,
    actions: [],
    substituted: [
      { ...one, place: 'Build / Synth' },
      { ...one, place: 'Other / Synth' },
    ],
    notShown: ['roles'],
  });

  expect(lines.join('\n')).toBe(`
Not as in AWS:
  substituted: npm test
           by: nothing
      because: --without-tests (Build / Synth, Other / Synth)
  not shown: roles

Stopped after 61 s
  stage:   Build
  action:  Synth
  command: npm run -s gates
  reason:
    key.pem:1
    secret`);
});
