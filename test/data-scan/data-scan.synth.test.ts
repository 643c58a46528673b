/** Buckets, key, state machine and functions of the data scan; settings that are wrong stop the synth in one line. */
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App, Duration, Stack, Stage, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';

import {
  DataScan,
  DataScanBuckets,
  type DataScanBucketsProps,
  DataScanError,
  type DataScanProps,
  ReviewDesk,
  settingsFor,
} from '../../lib';
import { LOCAL_DATA_SCAN } from '../../lib/data-scan-settings';
import { DEFAULT_EXPIRY } from '../../lib/data-scan';
import { definitionText } from '../../lib/data-scan/definition';

// the package has no types where its `exports` point
const validate =
  jest.requireActual<(definition: unknown) => { isValid: boolean; errors: unknown[] }>('asl-validator');

const outdir = mkdtempSync(join(tmpdir(), 'sallyport-data-scan-'));

afterAll(() => {
  rmSync(outdir, { recursive: true });
});

let apps = 0;
const BUCKETS: DataScanBucketsProps = { bucketPrefix: 'acme-data', auditLockDays: 365 };

function stackWith(changes: Partial<DataScanProps> = {}, buckets = BUCKETS): Stack {
  const app = new App({ outdir: join(outdir, String(apps++)) });
  const stack = new Stack(app, 'sample', { env: { account: '111111111111', region: 'eu-west-1' } });
  const stores = new DataScanBuckets(stack, 'Stores', buckets);
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

function scanOf(one: Stack): DataScan {
  const scan = one.node.findChild('Scan');
  if (!(scan instanceof DataScan)) throw new TypeError('no data scan');
  return scan;
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

test('the definition is valid Amazon States Language', () => {
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
});

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly TimeoutSeconds?: unknown;
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[]; readonly MaxAttempts?: unknown }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
}

/** Every state of the definition, those of Map states too, by name. */
function statesOf(definition: unknown): [string, State][] {
  if (typeof definition !== 'object' || definition === null) return [];
  return Object.entries(definition).flatMap(([name, value]: [string, unknown]) => [
    ...(typeof (value as State | null)?.Type === 'string' ? [[name, value] as [string, State]] : []),
    ...statesOf(value),
  ]);
}

const STATES = statesOf(JSON.parse(readFileSync('stepfunctions/data-scan.asl.json', 'utf8')));
const WORK = STATES.filter(([, { Type }]) => Type === 'Task' || Type === 'Map');

test('the definition has a task for each function, and nothing else works', () => {
  const tasks = WORK.filter(([, { Type }]) => Type === 'Task').map(([name]) => name);

  expect(tasks.sort()).toEqual(Object.keys(scanOf(stack).tasks).sort());
  expect(WORK.map(([name]) => name).sort()).toEqual([...tasks, 'Apply all', 'Move all', 'Stage all'].sort());
  expect(new Set(STATES.map(([, { Type }]) => Type))).toEqual(
    new Set(['Task', 'Map', 'Choice', 'Wait', 'Fail', 'Succeed']),
  );
});

test.each(WORK)(
  'SCAN-01 %s is tried again, ends in time, and leaves the run held when it fails',
  (name, state) => {
    const again = state.Retry?.at(-1);
    const caught = state.Catch?.find(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'));

    // what waits for people is not asked again when its time is over; a Map state's own tasks are tried again one by one
    const errors =
      name === 'await-decision'
        ? 'States.TaskFailed'
        : state.Type === 'Map'
          ? 'States.ItemReaderFailed'
          : 'States.ALL';

    expect(again).toMatchObject({ ErrorEquals: [errors], MaxAttempts: '${RetryAttempts}' });
    expect(caught?.Next).toMatch(/^(hold-run|(Staging|Moving|Applying) a page failed|Held)$/);
    expect(STATES.find(([other]) => other === caught?.Next)?.[1].Type).toMatch(/^(Task|Fail)$/);
    expect(state.Type === 'Map' || state.TimeoutSeconds !== undefined).toBe(true);
  },
);

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

describe('the malware gate', () => {
  const gated = Template.fromStack(stackWith({ malwareGate: true }));

  test('is a plan of GuardDuty over the copies, which writes its verdict to their tags', () => {
    gated.hasResourceProperties('AWS::GuardDuty::MalwareProtectionPlan', {
      Actions: { Tagging: { Status: 'ENABLED' } },
      ProtectedResource: { S3Bucket: { BucketName: Match.anyValue(), ObjectPrefixes: ['runs/'] } },
      Role: Match.anyValue(),
    });
    gated.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Principal: { Service: 'malware-protection-plan.guardduty.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } },
          },
        ],
      },
    });
    template.resourceCountIs('AWS::GuardDuty::MalwareProtectionPlan', 0);
  });

  test('is asked for by the function that gives verdicts', () => {
    const saying = (one: Template, value: string): number =>
      Object.keys(
        one.findResources('AWS::Lambda::Function', {
          Properties: { Environment: { Variables: { SCAN_MALWARE: value } } },
        }),
      ).length;

    expect([saying(gated, 'yes'), saying(gated, 'no')]).toEqual([12, 0]);
    expect([saying(template, 'yes'), saying(template, 'no')]).toEqual([0, 12]);
  });

  test('has nothing that is not acknowledged with a reason', () => {
    const one = stackWith({ malwareGate: true });
    Validations.of(one.node.root).addPlugins(new AwsSolutionsChecks());

    expect(() => Stage.of(one)!.synth()).not.toThrow();
  });
});

test('audit records are locked for as long as is set, by functions that may; without it the bucket has no lock', () => {
  const lockOf = (one: Template): unknown[] => [
    ...new Set(
      Object.values(one.findResources('AWS::Lambda::Function')).map(
        ({ Properties }) =>
          (Properties as { Environment: { Variables: Record<string, string> } }).Environment.Variables[
            'SCAN_AUDIT_LOCK_DAYS'
          ],
      ),
    ),
  ];
  const unlocked = Template.fromStack(stackWith({}, { bucketPrefix: 'acme-data' }));

  expect(lockOf(template)).toEqual(['365']);
  expect(lockOf(unlocked)).toEqual(['0']);
  expect(
    Object.keys(unlocked.findResources('AWS::S3::Bucket', { Properties: { ObjectLockEnabled: true } })),
  ).toEqual([]);
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Action: ['s3:PutObject', 's3:PutObjectRetention'], Effect: 'Allow' }),
      ]),
    },
  });
});

const secs = (amount: number): Duration => Duration.seconds(amount);

test.each<[Partial<DataScanProps>, string]>([
  [{ stateMachineName: 'a b' }, 'stateMachineName is "a b"; write 1 to 80 letters'],
  [{ siteUrl: 'https://site.example/' }, 'siteUrl is "https://site.example/"; write the origin of the site'],
  [{ siteUrl: 'site.example' }, 'siteUrl is "site.example"; write the origin'],
  [{ notify: { via: 'sns', to: [] } }, 'notify.to is []; write at least one e-mail address'],
  [{ notify: { via: 'sns', to: ['a b@example.com'] } }, 'notify.to is ["a b@example.com"]'],
  [{ notify: { via: 'ses', from: 'nobody', to: ['a@example.com'] } }, 'notify.from is "nobody"'],
  [{ every: secs(30) }, 'every is 30 seconds; write 1 minute to 30 days'],
  [{ poll: secs(0) }, 'poll is 0 seconds; write 1 second to 1 hour'],
  [{ poll: Duration.millis(1500) }, 'in whole seconds'],
  [{ poll: secs(1) }, 'poll is 1 second and scanTimeout 1 day; write at most 2000 times poll'],
  [{ scanTimeout: Duration.days(31) }, 'scanTimeout is 31 days; write'],
  [{ resultsWait: Duration.days(2) }, 'resultsWait is 2 days; write'],
  [{ settle: Duration.hours(2) }, 'settle is 2 hours; write'],
  [{ reviewTime: secs(0) }, 'reviewTime is 0 seconds; write'],
  [{ reviewTime: Duration.days(10) }, 'expireAfterDays.review is 10; write more days than reviewTime'],
  [{ maxConcurrency: 0 }, 'maxConcurrency is 0; write a whole number from 1 to 1000'],
  [{ runObjects: 0.5 }, 'runObjects is 0.5; write a whole number'],
  [{ multipartMiB: 5121 }, 'multipartMiB is 5121; write a whole number from 5 to 5120'],
  [{ retry: { attempts: -1, interval: secs(1) } }, 'retry.attempts is -1; write'],
  [{ retry: { attempts: 1, interval: secs(61) } }, 'retry.interval is 1 minute 1 second; write'],
  [{ uploaderTag: '' }, 'uploaderTag is ""; write the name of a tag'],
  [{ uploaderTag: 'SensitiveDataFound' }, 'uploaderTag is "SensitiveDataFound"; write'],
  [{ scan: { managed: 'SOME' as 'ALL' } }, 'scan.managed is "SOME"; write one of ALL, RECOMMENDED'],
  [{ scan: { managed: 'INCLUDE' } }, 'scan.managedIds is []; write what INCLUDE is about'],
  [{ scan: { managedIds: ['X'] } }, 'scan.managedIds is ["X"]; write none, or INCLUDE or EXCLUDE'],
  [{ scan: { managed: 'NONE' } }, 'scan.customIds is []; write at least one where scan.managed is NONE'],
  [{ scan: { allowListIds: [''] } }, 'scan.allowListIds is [""]; write ids that are not empty'],
  [{ scan: { samplingPercent: 0 } }, 'scan.samplingPercent is 0; write 1 to 100'],
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
  [{ rules: [{ action: 'drop' }, null as never] }, 'rules[1] is null'],
])('a construct with %j is refused in one line', (changes, message) => {
  const refused = thrown(() => stackWith(changes));

  expect(refused).toBeInstanceOf(DataScanError);
  expect(String(refused)).toContain(message);
  expect(String(refused)).not.toContain('\n');
});

test.each<[DataScanBucketsProps, string]>([
  [{ bucketPrefix: 'Acme' }, 'bucketPrefix is "Acme"; write 3 to 48 lower-case letters'],
  [{ auditLockDays: -1 }, 'auditLockDays is -1; write 0 to 36500 whole days'],
  [{ expireAfterDays: { ...DEFAULT_EXPIRY, output: 0 } }, 'expireAfterDays.output is 0; write 1 to 36500'],
  [{ expireAfterDays: { ...DEFAULT_EXPIRY, review: 5 } }, 'expireAfterDays.review is 5; write more days'],
  [
    { expireAfterDays: { ...DEFAULT_EXPIRY, stage: 2 } },
    'expireAfterDays.stage is 2; write scanTimeout and 2',
  ],
])('buckets with %j are refused in one line', (props, message) => {
  const refused = thrown(() => stackWith({}, props));

  expect(refused).toBeInstanceOf(DataScanError);
  expect(String(refused)).toContain(message);
  expect(() => stackWith({}, { expireAfterDays: { ...DEFAULT_EXPIRY, review: 6, stage: 3 } })).not.toThrow();
});

test('settings at their bounds are taken', () => {
  const scan = { managed: 'NONE', customIds: ['c'], allowListIds: ['a'], samplingPercent: 1 } as const;

  expect(() =>
    stackWith({
      ...{ every: Duration.minutes(1), poll: Duration.hours(1), scanTimeout: Duration.days(30) },
      ...{ resultsWait: secs(0), settle: secs(0), reviewTime: secs(1), maxConcurrency: 1000 },
      ...{ runObjects: 1_000_000, multipartMiB: 5, uploaderTag: 'wer: ü@x', scan },
      notify: { via: 'ses', from: 'a@example.com', to: ['b@example.com'] },
    }),
  ).not.toThrow();
  expect(() => stackWith({ scan: { managed: 'EXCLUDE', managedIds: ['X'] }, notify: null })).not.toThrow();
});

function thrown(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Every setting, by its path. */
function leavesOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[...path]];
  return Object.entries(value).flatMap(([name, one]) => leavesOf(one, [...path, name]));
}

function changed(value: unknown, [name, ...rest]: readonly string[], to: unknown): unknown {
  if (name === undefined) return to;
  const members = value as Readonly<Record<string, unknown>>;
  return { ...members, [name]: changed(members[name], rest, to) };
}

const LEAVES = leavesOf(LOCAL_DATA_SCAN);

test.each(LEAVES.map((path) => [path.join('.'), path] as const))(
  'the setting %s is refused in one line when it is malformed or missing',
  (name, path) => {
    for (const value of [{ nonsense: true }, undefined]) {
      const dataScan = changed(LOCAL_DATA_SCAN, path, value);
      const refused = thrown(() => settingsFor('local', { dataScan }));

      expect(String(refused)).toContain(`local.dataScan.${path[0] === 'notify' ? 'notify' : name}`);
      expect(String(refused)).not.toContain('\n');
    }
  },
);

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
