/** What a front door needs to look client certificates up in the lists in force. */
import { join } from 'node:path';

import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

import { IN_USE_METRIC, INDEXES, MANIFESTS, revocationCheckEnv } from '../../lambdas/mtls/contract';
import { acknowledgePrefixes } from '../_kit/acknowledge';
import { alarmAbove, metricOf } from './alarms';
import type { Freshness } from './revocation-lists';

export interface RevocationCheckProps {
  /** Bucket of the lists: `RevocationLists.bucket`. */
  readonly lists: IBucket;
  /**
   * What happens after nextUpdate of a list: `hard` refuses its certificates, `grace` goes on for some hours, `soft` for
   * ever; late answers are marked in the context and in the log.
   * @default hard
   */
  readonly freshness?: Freshness;
  /** After this since thisUpdate a list no longer counts. @default no limit */
  readonly maximumAge?: Duration;
  /** For this long a list is relied on without asking S3 whether it changed. @default 5 seconds */
  readonly revalidate?: Duration;
  /** After this without an answer of S3 a list no longer counts. @default 1 hour */
  readonly maximumStale?: Duration;
  /** Largest index held in memory, in MiB; of a larger one pages are read by range. @default 64 */
  readonly indexMemoryMiB?: number;
}

/** What a function with the check imports when a certificate comes. */
export const REVOCATION_CHECK_LATE: Readonly<Record<string, string>> = {
  './adapters/open-lists': join(__dirname, '../../lambdas/mtls/adapters/open-lists.ts'),
};

/** How much later than it looks for one a check may use a new list before the alarm. */
const LATE = Duration.minutes(1);

/** Access to lists in force, and how they are judged. */
export class RevocationCheck {
  private readonly props: RevocationCheckProps;

  constructor(props: RevocationCheckProps) {
    this.props = props;
  }

  /**
   * Lets a function check certificates: it may list and read what is in force, and write nothing. An alarm watches over
   * how long after a publication it still answers by the list before.
   */
  grantCheck(checker: LambdaFunction): void {
    const { lists, freshness = { policy: 'hard' }, maximumAge, maximumStale } = this.props;
    const revalidate = this.props.revalidate ?? Duration.seconds(5);
    const environment = revocationCheckEnv.provide({
      LISTS_BUCKET: lists.bucketName,
      FRESHNESS: freshness.policy,
      ...(freshness.policy === 'grace' ? { GRACE_HOURS: freshness.hours } : {}),
      ...(maximumAge === undefined ? {} : { MAXIMUM_AGE_HOURS: maximumAge.toHours() }),
      REVALIDATE_SECONDS: revalidate.toSeconds(),
      MAXIMUM_STALE_SECONDS: (maximumStale ?? Duration.hours(1)).toSeconds(),
      INDEX_MEMORY_MIB: this.props.indexMemoryMiB ?? 64,
    });
    for (const [name, value] of Object.entries(environment)) checker.addEnvironment(name, value);
    const read = [`${MANIFESTS}*`, `${INDEXES}*`];
    checker.addToRolePolicy(
      new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: read.map((keys) => lists.arnForObjects(keys)),
      }),
    );
    acknowledgePrefixes(checker.role ?? checker, lists, read);
    checker.addToRolePolicy(
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [lists.bucketArn],
        conditions: { StringLike: { 's3:prefix': `${MANIFESTS}*` } },
      }),
    );
    lists.encryptionKey?.grantDecrypt(checker);
    alarmAbove(
      checker,
      'RevocationLate',
      metricOf(checker, IN_USE_METRIC, Stats.MAXIMUM),
      revalidate.plus(LATE).toSeconds(),
      'client certificates: a check answered by an old list long after a new one was published; see docs/mtls.md',
    );
  }
}
