/** Certificate lists: what verifies and publishes an upload, and what watches over the lists in force. */
import { Duration, Stack } from 'aws-cdk-lib';
import { Stats, type Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import {
  AGE_METRIC,
  freshnessEnv,
  INDEXES,
  ISSUER_SUFFIX,
  LIST_SUFFIX,
  MANIFESTS,
  preprocessEnv,
  PRIVATE_CA_UPLOADS,
  REFUSED_METRIC,
  TIME_LEFT_METRIC,
  UPLOADS,
} from '../../lambdas/mtls/contract';
import { acknowledge } from '../_kit/acknowledge';
import { KEEP, removalPolicyOf, type Lifecycle } from '../_kit/lifecycle';
import { alarmAtOnce, alarmBelow, metricOf } from '../_kit/metric-alarm';
import { RevocationListsBucket } from './lists-bucket';
import { giveToKeyValueStore, giveToLoadBalancer } from './elsewhere';
import { ListsFunction, type ListsFunctionProps } from './lists-function';
import { fetchLists, tryCanary, type Canary, type FetchedList } from './scheduled';

/** What happens after nextUpdate of a list; see docs/mtls.md. */
export type Freshness =
  { readonly policy: 'hard' | 'soft' } | { readonly policy: 'grace'; readonly hours: number };

/** The certificates that API Gateway trusts, which are also those that may sign lists. */
export interface TrustStoreObject {
  readonly bucket: IBucket;
  readonly key: string;
}

export interface RevocationListsProps {
  readonly trustStore: TrustStoreObject;
  /** A `RevocationListsBucket`. @default one of its own */
  readonly bucket?: IBucket;
  /** As the check judges lists, so that what it would not use is refused at once. @default hard */
  readonly freshness?: Freshness;
  /** After this a list no longer counts; lists without nextUpdate are refused unless it is given. @default none */
  readonly maximumAge?: Duration;
  /** How long before its nextUpdate a list that nobody replaced raises the alarm. @default 1 day */
  readonly warnBefore?: Duration;
  /** How often lists in force are looked at. @default 15 minutes */
  readonly lookEvery?: Duration;
  /** Lists that are fetched from where a CA publishes them. @default none */
  readonly fetch?: readonly FetchedList[];
  /** A revoked certificate that is tried on a schedule. @default none */
  readonly canary?: Canary;
  /** ARN of a trust store of an Application Load Balancer that gets every list too. @default none */
  readonly loadBalancerTrustStore?: string;
  /** ARN of a key value store of CloudFront that gets the entries of every list too. @default none */
  readonly keyValueStore?: string;
  /** Memory of the preprocessor in MiB; docs/mtls.md says what lists of some sizes need. @default 1024 */
  readonly memoryMiB?: number;
  /** @default logs a year, data kept */
  readonly lifecycle?: Lifecycle;
}

/** Every `<name>.crl` that is uploaded is published as `current/<name>.cache.json`, or refused with an alarm. */
export class RevocationLists extends Construct {
  readonly bucket: IBucket;
  /** Events that failed three times; send them to the preprocessor again when the trouble is over. */
  readonly deadLetters: Queue;
  /** Verifies and publishes uploads. */
  readonly preprocessor: ListsFunction;
  /** By what they are about: a refused upload, trouble, lists that end soon. They have no actions of their own. */
  readonly alarms: { readonly refused: Alarm; readonly deadLetters: Alarm; readonly ending: Alarm };
  /** Looks at the lists in force. */
  readonly watch: ListsFunction;
  private readonly lifecycle: Lifecycle;

  constructor(scope: Construct, id: string, props: RevocationListsProps) {
    super(scope, id);
    this.lifecycle = props.lifecycle ?? KEEP;
    this.bucket =
      props.bucket ?? (new RevocationListsBucket(this, 'Bucket', { lifecycle: this.lifecycle }) as IBucket);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: removalPolicyOf(this.lifecycle),
    });
    acknowledge(this.deadLetters, { SQS3: 'this is where the dead letters of the functions go' });
    const parts = {
      scope: this,
      bucket: this.bucket,
      deadLetters: this.deadLetters,
      lifecycle: this.lifecycle,
    };
    if (props.fetch !== undefined && props.fetch.length > 0) fetchLists(parts, props.fetch);
    if (props.canary !== undefined) tryCanary(parts, props.canary);
    if (props.loadBalancerTrustStore !== undefined) giveToLoadBalancer(parts, props.loadBalancerTrustStore);
    if (props.keyValueStore !== undefined) giveToKeyValueStore(parts, props.keyValueStore);
    this.preprocessor = this.preprocessing(props);
    const every = props.lookEvery ?? Duration.minutes(15);
    this.watch = this.watching(every);
    const warnBefore = props.warnBefore ?? Duration.days(1);
    this.alarms = {
      refused: alarmAtOnce(
        this,
        'Refused',
        metricOf(this.preprocessor, REFUSED_METRIC),
        'certificate lists: an upload was refused, the list before it stays in force; see docs/mtls.md',
      ),
      deadLetters: alarmAtOnce(
        this,
        'Undelivered',
        this.deadLetters.metricApproximateNumberOfMessagesVisible({
          statistic: Stats.MAXIMUM,
          period: Duration.minutes(1),
        }),
        'certificate lists: an event failed three times; see docs/mtls.md for how to send it again',
      ),
      ending: alarmBelow(
        this,
        'Ending',
        metricOf(this.watch, TIME_LEFT_METRIC, Stats.MINIMUM, every),
        warnBefore.toSeconds(),
        'certificate lists: one ends soon or has ended, or none was looked at; upload the latest; see docs/mtls.md',
      ),
    };
  }

  /** Seconds since thisUpdate of the oldest list in force. */
  metricAge(): ReturnType<typeof metricOf> {
    return metricOf(this.watch, AGE_METRIC, Stats.MAXIMUM, Duration.hours(1));
  }

  private preprocessing(props: RevocationListsProps): ListsFunction {
    const { trustStore, freshness = { policy: 'hard' }, maximumAge, memoryMiB = 1024 } = props;
    const preprocessor = this.function('Preprocess', {
      handler: 'preprocess',
      description: 'Certificate lists: verifies and publishes what is uploaded',
      environment: preprocessEnv.provide({
        LISTS_BUCKET: this.bucket.bucketName,
        TRUST_STORE_BUCKET: trustStore.bucket.bucketName,
        TRUST_STORE_KEY: trustStore.key,
        UPLOAD_PREFIXES: `${UPLOADS} ${PRIVATE_CA_UPLOADS}`,
        MAXIMUM_LIST_MIB: Math.min(1024, Math.floor(memoryMiB / 2)),
        FRESHNESS: freshness.policy,
        ...(freshness.policy === 'grace' ? { GRACE_HOURS: freshness.hours } : {}),
        ...(maximumAge === undefined ? {} : { MAXIMUM_AGE_HOURS: maximumAge.toHours() }),
      }),
      reads: [`${UPLOADS}*`, `${PRIVATE_CA_UPLOADS}*`, `${MANIFESTS}*`, `${INDEXES}*`],
      writes: [`${MANIFESTS}*`, `${INDEXES}*`],
      memoryMiB,
      timeout: Duration.minutes(5),
    });
    preprocessor.addToRolePolicy(
      new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [trustStore.bucket.arnForObjects(trustStore.key)],
      }),
    );
    trustStore.bucket.encryptionKey?.grantDecrypt(preprocessor);
    const wildcards = [UPLOADS, PRIVATE_CA_UPLOADS].flatMap((prefix) => [
      { wildcard: `${prefix}*${LIST_SUFFIX}` },
      { wildcard: `${prefix}*${LIST_SUFFIX}${ISSUER_SUFFIX}` },
    ]);
    new Rule(this, 'Uploaded', {
      description: 'Certificate lists: an upload starts the preprocessor',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        account: [Stack.of(this).account],
        detail: { bucket: { name: [this.bucket.bucketName] }, object: { key: wildcards } },
      },
      targets: [new LambdaFunction(preprocessor, { deadLetterQueue: this.deadLetters })],
    });
    return preprocessor;
  }

  private watching(every: Duration): ListsFunction {
    const watch = this.function('Freshness', {
      handler: 'check-freshness',
      description: 'Certificate lists: how old those in force are',
      environment: freshnessEnv.provide({ LISTS_BUCKET: this.bucket.bucketName }),
      reads: [`${MANIFESTS}*`],
      writes: [],
      memoryMiB: 512,
      timeout: Duration.minutes(1),
    });
    this.onSchedule('Look', watch, every);
    return watch;
  }

  private onSchedule(id: string, target: ListsFunction, every: Duration): void {
    new Rule(this, id, {
      schedule: Schedule.rate(every),
      targets: [new LambdaFunction(target, { deadLetterQueue: this.deadLetters })],
    });
  }

  private function(
    id: string,
    props: Omit<ListsFunctionProps, 'bucket' | 'deadLetters' | 'lifecycle'>,
  ): ListsFunction {
    const { bucket, deadLetters, lifecycle } = this;
    return new ListsFunction(this, id, { ...props, bucket, deadLetters, lifecycle });
  }
}
