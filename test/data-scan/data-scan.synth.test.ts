/** Buckets, key, state machine and functions of the data scan; settings that are wrong stop the synth in one line. */
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App, Stack, Stage, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';

import { DataScan, DataScanBuckets, ReviewDesk, settingsFor, type DataScanProps } from '../../lib';
import { LOCAL_DATA_SCAN } from '../../lib/data-scan-settings';
import { definitionText } from '../../lib/data-scan/definition';

// the package has no types where its `exports` point
const validate =
  jest.requireActual<(definition: unknown) => { isValid: boolean; errors: unknown[] }>('asl-validator');

const outdir = mkdtempSync(join(tmpdir(), 'sallyport-data-scan-'));

afterAll(() => {
  rmSync(outdir, { recursive: true });
});

let apps = 0;
function stackWith(changes: Partial<DataScanProps> = {}): Stack {
  const app = new App({ outdir: join(outdir, String(apps++)) });
  const stack = new Stack(app, 'sample', { env: { account: '111111111111', region: 'eu-west-1' } });
  const stores = new DataScanBuckets(stack, 'Stores', { bucketPrefix: 'acme-data', auditLockDays: 365 });
  new DataScan(stack, 'Scan', {
    stores,
    stateMachineName: 'acme-scan',
    siteUrl: 'https://site.example',
    notify: { via: 'sns', to: ['a@example.com'] },
    ...changes,
  });
  new ReviewDesk(stack, 'Desk', {
    stores,
    stateMachineName: 'acme-scan',
    twoPeople: true,
    notUploader: true,
  });
  return stack;
}

const stack = stackWith();
const template = Template.fromStack(stack);

test('every bucket keeps versions, is encrypted with the key, private, and over TLS only', () => {
  const buckets = Object.values(template.findResources('AWS::S3::Bucket'));

  expect(buckets.map(({ Properties }) => (Properties as { BucketName: string }).BucketName).sort()).toEqual([
    'acme-data-manual-review',
    'acme-data-raw',
    'acme-data-scan-records',
    'acme-data-scan-stage',
    'acme-data-scanned-data',
  ]);
  expect(
    template.findResources('AWS::S3::Bucket', {
      Properties: {
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } },
          ],
        },
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
      },
    }),
  ).toEqual(template.findResources('AWS::S3::Bucket'));
  expect(Object.keys(template.findResources('AWS::S3::BucketPolicy'))).toHaveLength(5);
});

test('only the copies of reviewers expire by default; audit records can be locked', () => {
  const expiring = Object.values(template.findResources('AWS::S3::Bucket')).filter(({ Properties }) =>
    JSON.stringify(Properties).includes('ExpirationInDays":10'),
  );

  expect(expiring).toHaveLength(1);
  template.hasResourceProperties('AWS::S3::Bucket', {
    BucketName: 'acme-data-scan-records',
    ObjectLockEnabled: true,
  });
});

test('the definition is valid Amazon States Language, with Retry and Catch on every task', () => {
  const text = definitionText({
    PollSeconds: 60,
    BusySeconds: 30,
    RetryIntervalSeconds: 2,
    RetryAttempts: 6,
    MaxConcurrency: 40,
    ReviewSeconds: 432_000,
  });
  const result = validate(JSON.parse(text));

  expect(result.errors).toEqual([]);
  expect(result.isValid).toBe(true);
  expect(text).not.toMatch(/"\$\{\w+(Seconds|Attempts|Concurrency)\}"/);

  const tasks = tasksOf(JSON.parse(readFileSync('stepfunctions/data-scan.asl.json', 'utf8')));

  expect(Object.keys(tasks)).toHaveLength(12);
  for (const task of Object.values(tasks))
    expect(task).toMatchObject({ Retry: [{}], Catch: expect.arrayContaining([{ ...ANY_CATCH }]) as unknown });
});

const ANY_CATCH = {
  ErrorEquals: ['States.ALL'],
  ResultPath: '$.error',
  Next: expect.stringMatching(/^(hold-run|(Staging|Moving|Applying) a page failed|Held)$/) as unknown,
};

function tasksOf(definition: unknown): Record<string, { Retry: unknown[]; Catch: unknown[] }> {
  if (typeof definition !== 'object' || definition === null) return {};
  return Object.entries(
    definition as Record<string, { Type?: string; Retry: unknown[]; Catch: unknown[] }>,
  ).reduce(
    (found, [name, value]) => ({
      ...found,
      ...((value as { Type?: string } | null)?.Type === 'Task'
        ? { [name]: { ...value, Retry: value.Retry.slice(-1) } }
        : {}),
      ...tasksOf(value),
    }),
    {},
  );
}

test('APPROVE-03 the log of the state machine has no data of executions, as the token is among it', () => {
  template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
    StateMachineName: 'acme-scan',
    LoggingConfiguration: { IncludeExecutionData: false, Level: 'ALL' },
  });
});

test('a run starts every six hours with the id of its event; an upload starts one where that is set', () => {
  template.hasResourceProperties('AWS::Events::Rule', {
    ScheduleExpression: 'rate(6 hours)',
    Targets: [
      Match.objectLike({ InputTransformer: { InputPathsMap: { id: '$.id' }, InputTemplate: '{"id":<id>}' } }),
    ],
  });

  const rules = (one: Stack): number =>
    Object.keys(Template.fromStack(one).findResources('AWS::Events::Rule')).length;

  expect([rules(stack), rules(stackWith({ onUpload: true, every: null }))]).toEqual([2, 2]);
});

test('Macie is turned on only where that is set', () => {
  template.resourceCountIs('AWS::Macie::Session', 0);
  Template.fromStack(stackWith({ enableMacie: true })).resourceCountIs('AWS::Macie::Session', 1);
});

test('AwsSolutions finds nothing that is not acknowledged with a reason', () => {
  const one = stackWith();
  Validations.of(one.node.root).addPlugins(new AwsSolutionsChecks());

  expect(() => Stage.of(one)!.synth()).not.toThrow();
});

test.each<[Partial<DataScanProps>, string]>([
  [{ stateMachineName: 'a b' }, 'stateMachineName is "a b"; write 1 to 80 letters'],
  [
    { rules: [{ action: 'allow' as 'pass' }] },
    'rules[0].action is "allow"; choose one of review, pass, drop',
  ],
  [
    { rules: [{ severities: ['BAD' as 'LOW'], action: 'drop' }] },
    'rules[0].severities is ["BAD"]; write some of LOW, MEDIUM, HIGH',
  ],
  [{ rules: [{ types: [], action: 'drop' }] }, 'rules[0].types is []'],
  [{ rules: [{ typs: ['X'], action: 'drop' } as never] }, 'rules[0].typs is no member of a rule'],
  [{ notify: { via: 'sns', to: [] } }, 'notify.to is wrong'],
  [{ scan: { samplingPercent: 0 } }, 'scan.samplingPercent is 0; write 1 to 100'],
])('a construct with %j is refused', (changes, message) => {
  expect(() => stackWith(changes)).toThrow(message);
});

test.each<[object, string]>([
  [{ rules: [{ action: 'allow' }] }, 'local.dataScan.rules.0.action'],
  [{ rules: [{ action: 'drop', type: 'X' }] }, 'local.dataScan.rules.0: type is not a setting'],
  [{ enableMacie: true }, 'local.dataScan.enableMacie'],
  [{ bucketPrefix: 'A' }, 'local.dataScan.bucketPrefix is not a prefix of bucket names'],
  [
    { review: { ...LOCAL_DATA_SCAN.review, days: 10 } },
    'expireAfterDays.review must be longer than review.days',
  ],
  [{ everyHours: 0 }, 'local.dataScan.everyHours'],
])('settings with %j are refused in one line', (changes, message) => {
  const dataScan = { ...LOCAL_DATA_SCAN, ...changes };

  expect(() => settingsFor('local', { dataScan })).toThrow(message);
  expect(settingsFor('local').dataScan).toMatchObject({ bucketPrefix: 'sallyport-local' });
});
