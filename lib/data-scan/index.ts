/** The data scan: what comes in is scanned by Amazon Macie; what is clean goes on, the rest waits for a person. */
import { Duration, Stack } from 'aws-cdk-lib';
import { Stats, type Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import {
  EventBus,
  EventField,
  type IEventBus,
  Rule,
  RuleTargetInput,
  Schedule,
} from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnSession } from 'aws-cdk-lib/aws-macie';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

import {
  HELD_METRIC,
  RUNS,
  type Rule as ScanRule,
  type ScanOptions,
  taskEnv,
  UNANSWERED_METRIC,
  UNTOLD_METRIC,
} from '../../lambdas/data-scan/contract';
import { acknowledge, acknowledgePrefixes, acknowledgeWildcard } from '../_kit/acknowledge';
import { alarmAtOnce, metricOf } from '../_kit/metric-alarm';
import { KEEP, removalPolicyOf, type Lifecycle } from '../_kit/lifecycle';
import { definitionText, taskNames } from './definition';
import { checkSettings, type Times } from './check';
import { MalwareGate } from './malware-gate';
import { type DataScanStores } from './stores';
import { machineArn, TaskFunction, type Sender } from './tasks';

export { DataScanError } from './error';
export { ReviewDesk, type ReviewDeskProps } from './review-desk';
export {
  DataScanBuckets,
  DEFAULT_EXPIRY,
  type DataScanBucketsProps,
  type DataScanStores,
  type Expiry,
} from './stores';

/** How people are told. */
export type Notify =
  | { readonly via: 'ses'; readonly from: string; readonly to: readonly string[] }
  /** Each address confirms its subscription by a mail that SNS sends. */
  | { readonly via: 'sns'; readonly to: readonly string[] };

export interface DataScanProps {
  readonly stores: DataScanStores;
  /** Name of the state machine; unique in the account and Region. */
  readonly stateMachineName: string;
  /** Origin of the site with the review page. */
  readonly siteUrl: string;
  /** `null` tells nobody by mail: then watch the events and the alarms. */
  readonly notify: Notify | null;
  /** How often runs start by themselves; `null` for by event or by hand only. @default 6 hours */
  readonly every?: Duration | null;
  /** Whether each upload starts a run. @default false */
  readonly onUpload?: boolean;
  /** Whether this stack turns Macie on in its account and Region. @default false: it is on */
  readonly enableMacie?: boolean;
  /** @default all of Macie's own identifiers, every object */
  readonly scan?: Partial<ScanOptions>;
  /** What becomes of sensitive data; the first that matches. @default a person decides about all */
  readonly rules?: readonly ScanRule[];
  /** Time between two looks at the job. @default 1 minute */
  readonly poll?: Duration;
  /** After this a scan counts as failed. @default 1 day */
  readonly scanTimeout?: Duration;
  /** For this long results are waited for after the job. @default 15 minutes */
  readonly resultsWait?: Duration;
  /** For this long no further result must have come before verdicts are given. @default 5 minutes */
  readonly settle?: Duration;
  /** For this long reviewers may decide; what is open then is denied. @default 5 days */
  readonly reviewTime?: Duration;
  /** What becomes of what was denied or not answered. @default delete */
  readonly denied?: 'delete' | 'keep';
  /** Tag of an object with the subject of who uploaded it. @default uploaded-by */
  readonly uploaderTag?: string;
  /**
   * Whether GuardDuty Malware Protection must have found nothing in the copy; makes a plan for the bucket of copies.
   *
   * @default false
   */
  readonly malwareGate?: boolean;
  /** Pages that are worked on at the same time. @default 40 */
  readonly maxConcurrency?: number;
  /** Most objects of one run. @default 100,000 */
  readonly runObjects?: number;
  /** Size in MiB from which an object is copied in parts. @default 1024 */
  readonly multipartMiB?: number;
  /** Attempts of a step after its first, and the wait before the first of them. @default 6 after 2 seconds, doubled each time */
  readonly retry?: { readonly attempts: number; readonly interval: Duration };
  /** Where events are told. @default the account's default bus */
  readonly eventBus?: IEventBus;
  /** @default logs a year, data kept */
  readonly lifecycle?: Lifecycle;
}

interface DataScanAlarms {
  /** A run stopped and was left for the next. */
  readonly held: Alarm;
  /** An execution failed, held or not. */
  readonly failed: Alarm;
  /** A review was not answered in time. */
  readonly unanswered: Alarm;
  /** A mail or an event was lost. */
  readonly untold: Alarm;
}

const PAGE_OBJECTS = 100;

export class DataScan extends Construct {
  readonly stateMachine: StateMachine;
  readonly tasks: Readonly<Record<string, TaskFunction>>;
  /** Where mails go with `via: 'sns'`. */
  readonly topic: ITopic | undefined;
  readonly alarms: DataScanAlarms;

  constructor(scope: Construct, id: string, props: DataScanProps) {
    super(scope, id);
    const lifecycle = props.lifecycle ?? KEEP;
    const times = timesOf(props);
    checkSettings(props, times);
    if (props.enableMacie === true) new CfnSession(this, 'Macie', { status: 'ENABLED' });
    if (props.malwareGate === true)
      new MalwareGate(this, 'MalwareGate', { bucket: props.stores.stage, key: props.stores.key });
    const bus = props.eventBus ?? EventBus.fromEventBusName(this, 'DefaultBus', 'default');
    this.topic = this.topicOf(props);
    const sender: Sender = {
      ...(props.notify?.via === 'ses' ? { from: props.notify.from } : {}),
      ...(this.topic === undefined ? {} : { topic: this.topic }),
    };
    const environment = this.environment(props, times, bus);
    const { stores, stateMachineName: machineName } = props;
    this.tasks = Object.fromEntries(
      taskNames().map((name) => [
        name,
        new TaskFunction(this, name, { name, stores, environment, machineName, bus, sender, lifecycle }),
      ]),
    );
    this.stateMachine = this.machine(props, times, lifecycle);
    this.starts(props);
    this.alarms = this.alarmsOver();
  }

  private task(name: string): TaskFunction {
    const task = this.tasks[name];
    if (task === undefined) throw new TypeError(`${name} is no task of the data scan`);
    return task;
  }

  private topicOf({ notify, stores }: DataScanProps): ITopic | undefined {
    if (notify?.via !== 'sns') return undefined;
    const topic = new Topic(this, 'Notices', { masterKey: stores.key, enforceSSL: true });
    for (const address of notify.to) topic.addSubscription(new EmailSubscription(address));
    return topic;
  }

  private environment(props: DataScanProps, times: Times, bus: IEventBus): Record<string, string> {
    const { stores, notify } = props;
    const scan: ScanOptions = {
      managed: 'ALL',
      managedIds: [],
      customIds: [],
      allowListIds: [],
      samplingPercent: 100,
      ...props.scan,
    };
    return taskEnv.provide({
      SCAN_RAW_BUCKET: stores.raw.bucketName,
      SCAN_STAGE_BUCKET: stores.stage.bucketName,
      SCAN_REVIEW_BUCKET: stores.review.bucketName,
      SCAN_OUTPUT_BUCKET: stores.output.bucketName,
      SCAN_RECORDS_BUCKET: stores.records.bucketName,
      SCAN_TABLE_NAME: stores.table.tableName,
      SCAN_KEY_ARN: stores.key.keyArn,
      SCAN_EVENT_BUS_NAME: bus.eventBusName,
      ...(notify?.via === 'ses' ? { SCAN_MAIL_FROM: notify.from, SCAN_MAIL_TO: notify.to.join(' ') } : {}),
      SCAN_TOPIC_ARN: this.topic?.topicArn,
      SCAN_SITE_URL: props.siteUrl,
      SCAN_AUDIT_LOCK_DAYS: stores.auditLockDays,
      SCAN_RULES: JSON.stringify(props.rules ?? []),
      SCAN_OPTIONS: JSON.stringify(scan),
      SCAN_STATE_MACHINE_ARN: machineArn(Stack.of(this), props.stateMachineName),
      SCAN_UPLOADER_TAG: props.uploaderTag ?? 'uploaded-by',
      SCAN_PAGE_OBJECTS: PAGE_OBJECTS,
      SCAN_RUN_OBJECTS: props.runObjects ?? 100_000,
      SCAN_MULTIPART_MIB: props.multipartMiB ?? 1024,
      SCAN_TIMEOUT_SECONDS: times.scanTimeout.toSeconds(),
      SCAN_RESULTS_SECONDS: (props.resultsWait ?? Duration.minutes(15)).toSeconds(),
      SCAN_SETTLE_SECONDS: (props.settle ?? Duration.minutes(5)).toSeconds(),
      SCAN_REVIEW_SECONDS: times.reviewTime.toSeconds(),
      SCAN_DENIED: props.denied ?? 'delete',
      SCAN_MALWARE: props.malwareGate === true ? 'yes' : 'no',
    });
  }

  private machine(props: DataScanProps, times: Times, lifecycle: Lifecycle): StateMachine {
    const { records, key } = props.stores;
    const { attempts, interval } = props.retry ?? { attempts: 6, interval: Duration.seconds(2) };
    const poll = times.poll.toSeconds();
    const machine = new StateMachine(this, 'Machine', {
      stateMachineName: props.stateMachineName,
      definitionBody: DefinitionBody.fromString(
        definitionText({
          PollSeconds: poll,
          BusySeconds: Math.min(30, poll),
          RetryIntervalSeconds: interval.toSeconds(),
          RetryAttempts: attempts,
          MaxConcurrency: props.maxConcurrency ?? 40,
          ReviewSeconds: times.reviewTime.toSeconds(),
        }),
      ),
      definitionSubstitutions: {
        RecordsBucket: records.bucketName,
        ...Object.fromEntries(
          Object.entries(this.tasks).map(([name, task]) => [`${pascal(name)}Arn`, task.functionArn]),
        ),
      },
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, 'MachineLogs', {
          retention: lifecycle.logs,
          removalPolicy: removalPolicyOf(lifecycle),
        }),
        level: LogLevel.ALL,
        // the data of an execution has the token of the wait in it
        includeExecutionData: false,
      },
    });
    for (const task of Object.values(this.tasks)) task.grantInvoke(machine);
    // https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    const own = machineArn(Stack.of(this), props.stateMachineName);
    const children = own.replace(':stateMachine:', ':execution:').concat('/*');
    machine.addToRolePolicy(new PolicyStatement({ actions: ['states:StartExecution'], resources: [own] }));
    machine.addToRolePolicy(
      new PolicyStatement({
        actions: ['states:DescribeExecution', 'states:StopExecution'],
        resources: [children],
      }),
    );
    machine.addToRolePolicy(
      new PolicyStatement({ actions: ['s3:GetObject'], resources: [records.arnForObjects(`${RUNS}*`)] }),
    );
    key.grant(machine, 'kms:Decrypt');
    acknowledgePrefixes(machine.role, records, [`${RUNS}*`]);
    acknowledgeWildcard(machine.role, children, 'child executions of its own Map states');
    for (const task of Object.values(this.tasks))
      acknowledgeWildcard(machine.role, `${task.functionArn}:*`, 'versions of one function of its own');
    acknowledge(machine.role, {
      'IAM5[Resource::*]':
        'delivery of logs and traces has no resources (https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html)',
    });
    return machine;
  }

  private starts(props: DataScanProps): void {
    const target = new SfnStateMachine(this.stateMachine, {
      input: RuleTargetInput.fromObject({ id: EventField.eventId }),
    });
    const every = props.every === undefined ? Duration.hours(6) : props.every;
    if (every !== null) new Rule(this, 'Schedule', { schedule: Schedule.rate(every), targets: [target] });
    if (props.onUpload === true)
      new Rule(this, 'Uploaded', {
        description: 'Data scan: an upload starts a run',
        eventPattern: {
          source: ['aws.s3'],
          detailType: ['Object Created'],
          account: [Stack.of(this).account],
          detail: { bucket: { name: [props.stores.raw.bucketName] } },
        },
        targets: [target],
      });
    new Rule(this, 'Stopped', {
      description: 'Data scan: an execution that ended on the way is told of at once',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
          stateMachineArn: [this.stateMachine.stateMachineArn],
        },
      },
      targets: [new LambdaFunction(this.task('hold-run'))],
    });
  }

  private alarmsOver(): DataScanAlarms {
    const read = 'see docs/data-scan.md';
    return {
      held: alarmAtOnce(
        this,
        'Held',
        metricOf(this.task('hold-run'), HELD_METRIC),
        `data scan: a run stopped on the way, its objects stay where they are; ${read}`,
      ),
      failed: alarmAtOnce(
        this,
        'Failed',
        this.stateMachine.metricFailed({ statistic: Stats.SUM, period: Duration.minutes(1) }),
        `data scan: an execution failed; ${read}`,
      ),
      unanswered: alarmAtOnce(
        this,
        'Unanswered',
        metricOf(this.task('end-run'), UNANSWERED_METRIC),
        `data scan: nobody decided in time, what was open is denied; ${read}`,
      ),
      untold: alarmAtOnce(
        this,
        'Untold',
        metricOf(this.task('open-review'), UNTOLD_METRIC),
        `data scan: reviewers could not be asked; ${read}`,
      ),
    };
  }
}

function timesOf({ poll, scanTimeout, reviewTime }: DataScanProps): Times {
  return {
    poll: poll ?? Duration.minutes(1),
    scanTimeout: scanTimeout ?? Duration.days(1),
    reviewTime: reviewTime ?? Duration.days(5),
  };
}

function pascal(name: string): string {
  return name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
