/** What a front door needs to look client certificates up in the lists in force. */
import { join } from 'node:path';

import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

import {
  IN_USE_METRIC,
  INDEXES,
  MANIFESTS,
  ocspEnv,
  READS_FAILED_METRIC,
  revocationCheckEnv,
} from '../../lambdas/mtls/contract';
import { acknowledgePrefixes } from '../_kit/acknowledge';
import { alarmAbove, metricOf } from '../_kit/metric-alarm';
import type { Freshness, TrustStoreObject } from './revocation-lists';

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
  /** Responders that are asked about certificates that no list speaks of. @default none, they are denied */
  readonly ocsp?: OcspFallback;
}

/** OCSP (RFC 6960) where there are no lists, e.g. of an AWS Private CA that has OCSP turned on. */
export interface OcspFallback {
  /**
   * Addresses, `http` or `https`, as the certificates name them; no other address is ever asked. The first is asked about
   * certificates that name none.
   */
  readonly responders: readonly [string, ...string[]];
  /** The certificates of the CAs, whose keys answers are checked with. */
  readonly trustStore: TrustStoreObject;
  /** For this long an answer is kept at most, so that a revocation is known after it. @default 5 minutes */
  readonly maximumAge?: Duration;
}

/** What a function with the check imports when a certificate comes, and when one has no list. */
export const REVOCATION_CHECK_LATE: Readonly<Record<string, string>> = {
  './adapters/open-lists': join(__dirname, '../../lambdas/mtls/adapters/open-lists.ts'),
  './adapters/open-ocsp': join(__dirname, '../../lambdas/mtls/adapters/open-ocsp.ts'),
};

/** How much later than it looks for one a check may use a new list before the alarm. */
const LATE = Duration.minutes(1);

/** Reads that may fail in five minutes before the alarm: more than one slow answer of S3. */
const READS_FAILED = 10;

/** Access to lists in force, and how they are judged. */
export class RevocationCheck {
  private readonly props: RevocationCheckProps;

  constructor(props: RevocationCheckProps) {
    this.props = props;
  }

  /**
   * Lets a function check certificates: it may list and read what is in force, and write nothing. Alarms watch over
   * how long after a publication it still answers by the list before, and over lists that cannot be read.
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
      ...(this.props.ocsp === undefined ? {} : { OCSP: 'fallback' }),
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
    alarmAbove(
      checker,
      'ListsUnreadable',
      metricOf(checker, READS_FAILED_METRIC, Stats.SUM, Duration.minutes(5)),
      READS_FAILED,
      'client certificates: lists cannot be read, or one was brought back; what was read before counts until maximumStale; see docs/mtls.md',
    );
    if (this.props.ocsp !== undefined) this.grantOcsp(checker, this.props.ocsp);
  }

  private grantOcsp(checker: LambdaFunction, { responders, trustStore, maximumAge }: OcspFallback): void {
    const environment = ocspEnv.provide({
      OCSP_RESPONDERS: responders.join(' '),
      OCSP_MAXIMUM_AGE_SECONDS: (maximumAge ?? Duration.minutes(5)).toSeconds(),
      TRUST_STORE_BUCKET: trustStore.bucket.bucketName,
      TRUST_STORE_KEY: trustStore.key,
    });
    for (const [name, value] of Object.entries(environment)) checker.addEnvironment(name, value);
    checker.addToRolePolicy(
      new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [trustStore.bucket.arnForObjects(trustStore.key)],
      }),
    );
    trustStore.bucket.encryptionKey?.grantDecrypt(checker);
  }
}
