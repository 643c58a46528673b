/** The functions behind the tasks: what each may do, and no more. */
import { join } from 'node:path';

import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

import { AUDIT, EVENT_SOURCE, EXPORTS, RUNS } from '../../lambdas/data-scan/contract';
import { acknowledge, acknowledgePrefixes, acknowledgeWildcard } from '../_kit/acknowledge';
import { HouseFunction } from '../_kit/function';
import type { Lifecycle } from '../_kit/lifecycle';
import { grantEvents, grantMail } from '../_kit/telling';
import type { DataScanStores } from './stores';

/** What one task needs. */
interface Needs {
  readonly description: string;
  /** Actions by bucket; objects of any key unless the bucket is that of records. */
  readonly raw?: readonly string[];
  readonly stage?: readonly string[];
  readonly review?: readonly string[];
  readonly output?: readonly string[];
  /** Prefixes of the records that it reads and writes. */
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
  readonly macie?: readonly string[];
  readonly states?: 'take_up' | 'decide';
  readonly tells?: true;
  readonly memoryMiB?: number;
  /** Whether it works on many objects, as long as a function may. */
  readonly long?: true;
}

const READ = ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectVersionTagging'];
const WRITE = ['s3:PutObject', 's3:PutObjectTagging', 's3:AbortMultipartUpload'];
const REMOVE = ['s3:DeleteObjectVersion'];
/** Without it S3 answers 403, not 404, for an object that is not there. */
const LIST = ['s3:ListBucket'];
const LIST_VERSIONS = ['s3:ListBucketVersions'];

const RUN = [`${RUNS}*`];
const AUDITED = [`${RUNS}*`, `${AUDIT}*`];

const TASKS: Readonly<Record<string, Needs>> = {
  'begin-run': {
    description: 'takes on what is in the raw bucket',
    raw: LIST_VERSIONS,
    reads: AUDITED,
    writes: AUDITED,
    states: 'take_up',
    tells: true,
    memoryMiB: 2048,
    long: true,
  },
  'stage-objects': {
    description: 'copies versions to the scan bucket',
    raw: [...READ, ...REMOVE, ...LIST],
    stage: [...READ, ...WRITE, ...LIST],
    reads: RUN,
    writes: RUN,
    long: true,
  },
  'start-scan': {
    description: 'starts the job of a run',
    macie: [
      'CreateClassificationJob',
      'GetClassificationExportConfiguration',
      'PutClassificationExportConfiguration',
    ],
  },
  'check-scan': {
    description: 'asks how far the job is',
    macie: ['DescribeClassificationJob', 'UpdateClassificationJob'],
  },
  'judge-objects': {
    description: 'gives each object its verdict',
    stage: READ,
    reads: [...AUDITED, `${EXPORTS}/*`],
    writes: AUDITED,
    memoryMiB: 3008,
    long: true,
  },
  'move-objects': {
    description: 'releases what is clean, hands over the rest',
    stage: [...READ, ...REMOVE, ...LIST],
    review: [...READ, ...WRITE, ...LIST],
    output: [...READ, ...WRITE, ...LIST, ...LIST_VERSIONS],
    reads: RUN,
    writes: RUN,
    long: true,
  },
  'open-review': { description: 'asks reviewers', reads: AUDITED, writes: AUDITED, tells: true },
  'await-decision': { description: 'keeps the token of the wait', states: 'decide' },
  'close-review': {
    description: 'shuts the review',
    reads: AUDITED,
    writes: AUDITED,
    memoryMiB: 2048,
    long: true,
  },
  'apply-decisions': {
    description: 'does what was decided',
    review: [...READ, ...REMOVE, ...LIST],
    output: [...READ, ...WRITE, ...LIST, ...LIST_VERSIONS],
    reads: RUN,
    writes: RUN,
    long: true,
  },
  'end-run': {
    description: 'tells what became of the objects',
    reads: AUDITED,
    writes: AUDITED,
    tells: true,
    long: true,
  },
  'hold-run': { description: 'tells of a run that stopped', reads: AUDITED, writes: AUDITED, tells: true },
};

/** Sends mails: an identity of SES, or a topic. */
export interface Sender {
  readonly from?: string;
  readonly topic?: ITopic;
}

export interface TaskProps {
  readonly name: string;
  readonly stores: DataScanStores;
  readonly environment: Readonly<Record<string, string>>;
  readonly machineName: string;
  readonly bus: IEventBus;
  readonly sender: Sender;
  readonly lifecycle: Lifecycle;
}

const LAMBDAS = join(__dirname, '../../lambdas/data-scan');

export class TaskFunction extends HouseFunction {
  constructor(scope: Construct, id: string, props: TaskProps) {
    const { name, stores, environment, lifecycle } = props;
    const needs = TASKS[name];
    if (needs === undefined) throw new TypeError(`${name} is no task of the data scan`);
    super(scope, id, {
      entry: join(LAMBDAS, `${name}.handler.ts`),
      description: `Data scan: ${needs.description}`,
      environment,
      memoryMiB: needs.memoryMiB ?? 512,
      timeout: needs.long === true ? Duration.minutes(15) : Duration.minutes(1),
      lifecycle,
    });
    for (const place of ['raw', 'stage', 'review', 'output'] as const)
      grantObjects(this, stores[place], needs[place] ?? [], ['*']);
    grantRecords(this, stores, needs);
    this.grantMacie(needs.macie ?? []);
    stores.table.grantReadWriteData(this);
    if (needs.states !== undefined) this.grantStates(needs.states, props.machineName);
    if (needs.tells === true) this.grantTelling(props);
  }

  /** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonmacie.html */
  private grantMacie(actions: readonly string[]): void {
    if (actions.length === 0) return;
    const ofRegion = actions.filter((action) => action.includes('ExportConfiguration'));
    const ofJobs = actions.filter((action) => !ofRegion.includes(action));
    const jobs = Stack.of(this).formatArn({
      service: 'macie2',
      resource: 'classification-job',
      resourceName: '*',
    });
    this.addToRolePolicy(
      new PolicyStatement({ actions: ofJobs.map((one) => `macie2:${one}`), resources: [jobs] }),
    );
    acknowledgeWildcard(this.role ?? this, jobs, 'ids of jobs are known at run time only');
    if (ofRegion.length === 0) return;
    // where results go is one setting of the Region, and no resource
    this.addToRolePolicy(
      new PolicyStatement({ actions: ofRegion.map((one) => `macie2:${one}`), resources: ['*'] }),
    );
    acknowledge(this.role ?? this, {
      'IAM5[Resource::*]': 'where Macie writes its results is a setting of the Region, not a resource',
    });
  }

  private grantStates(what: 'take_up' | 'decide', machineName: string): void {
    const stack = Stack.of(this);
    const machine = machineArn(stack, machineName);
    if (what === 'decide') {
      this.addToRolePolicy(
        new PolicyStatement({ actions: ['states:SendTaskSuccess'], resources: [machine] }),
      );
      return;
    }
    const executions = stack.formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${machineName}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.addToRolePolicy(new PolicyStatement({ actions: ['states:StartExecution'], resources: [machine] }));
    this.addToRolePolicy(
      new PolicyStatement({ actions: ['states:DescribeExecution'], resources: [executions] }),
    );
    acknowledgeWildcard(this.role ?? this, executions, 'executions of one state machine');
  }

  private grantTelling({ bus, sender }: TaskProps): void {
    grantEvents(this, bus, EVENT_SOURCE);
    const { from, topic } = sender;
    if (topic !== undefined)
      this.addToRolePolicy(new PolicyStatement({ actions: ['sns:Publish'], resources: [topic.topicArn] }));
    if (from !== undefined) grantMail(this, from);
  }
}

/** ARN of the state machine, by its name: the functions that name it are named by it. */
export function machineArn(stack: Stack, name: string): string {
  return stack.formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** What a function may do with the records, and with the key of all buckets. */
export function grantRecords(
  handler: HouseFunction,
  { records, key }: Pick<DataScanStores, 'records' | 'key'>,
  { reads = [], writes = [] }: Pick<Needs, 'reads' | 'writes'>,
): void {
  grantObjects(handler, records, ['s3:GetObject'], reads);
  grantObjects(handler, records, ['s3:PutObject', 's3:PutObjectRetention'], writes);
  if (reads.length > 0) grantObjects(handler, records, LIST, []);
  key.grant(handler, 'kms:Decrypt', 'kms:GenerateDataKey');
}

function grantObjects(
  handler: HouseFunction,
  bucket: IBucket,
  actions: readonly string[],
  keys: readonly string[],
): void {
  const ofBucket = actions.filter((action) => action.startsWith('s3:List'));
  const ofObjects = actions.filter((action) => !ofBucket.includes(action));
  if (ofBucket.length > 0)
    handler.addToRolePolicy(new PolicyStatement({ actions: ofBucket, resources: [bucket.bucketArn] }));
  if (ofObjects.length === 0 || keys.length === 0) return;
  handler.addToRolePolicy(
    new PolicyStatement({ actions: ofObjects, resources: keys.map((key) => bucket.arnForObjects(key)) }),
  );
  acknowledgePrefixes(handler.role ?? handler, bucket, keys);
}
