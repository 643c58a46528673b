/** What the data scan keeps, for a stack of its own: four buckets, the bucket of records, the table and the key. */
import { Aws, Duration, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import {
  AccountRootPrincipal,
  PolicyStatement,
  type PolicyStatementProps,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

import { EXPORTS, KEYS } from '../../lambdas/data-scan/contract';
import { HouseBucket, type HouseBucketProps } from '../_kit/bucket';
import { KEEP, removalPolicyOf, type Lifecycle } from '../_kit/lifecycle';
import { HouseTable } from '../_kit/table';
import { DataScanError } from './error';

/** Versioned buckets, and a table with the string keys `pk` and `sk`. */
export interface DataScanStores {
  /** Where data comes in. */
  readonly raw: IBucket;
  /** Copies that Macie looks into, each written once. */
  readonly stage: IBucket;
  /** Copies that wait for a person. */
  readonly review: IBucket;
  /** What was released. */
  readonly output: IBucket;
  /** Lists and plans of runs, results of Macie, audit records. */
  readonly records: IBucket;
  readonly table: ITable;
  /** Encrypts all buckets. */
  readonly key: IKey;
  /** Days for which an audit record cannot be changed or deleted; 0 where Object Lock is off. */
  readonly auditLockDays: number;
}

/** Days after which objects of a bucket are removed; `null` keeps them. */
export interface Expiry {
  readonly raw: number | null;
  readonly stage: number | null;
  readonly review: number | null;
  readonly output: number | null;
}

/** A hundred years: what S3 keeps a lock for at most. */
const MOST_DAYS = 36_500;

/** What is scanned or released is not removed by time; reviewers' copies are, 10 days after they came. */
export const DEFAULT_EXPIRY: Expiry = { raw: null, stage: null, review: 10, output: null };

export interface DataScanBucketsProps {
  /** Buckets are named `<prefix>-raw`, `-scan-stage`, `-manual-review`, `-scanned-data`, `-scan-records`. @default generated names */
  readonly bucketPrefix?: string;
  /** @default reviewers' copies after 10 days, nothing else */
  readonly expireAfterDays?: Expiry;
  /** Days for which Object Lock keeps audit records. @default none */
  readonly auditLockDays?: number;
  /** @default data kept */
  readonly lifecycle?: Lifecycle;
}

export class DataScanBuckets extends Construct implements DataScanStores {
  readonly raw: IBucket;
  readonly stage: IBucket;
  readonly review: IBucket;
  readonly output: IBucket;
  readonly records: IBucket;
  readonly table: ITable;
  readonly key: IKey;
  readonly auditLockDays: number;
  readonly expireAfterDays: Expiry;

  constructor(scope: Construct, id: string, props: DataScanBucketsProps = {}) {
    super(scope, id);
    const lifecycle = props.lifecycle ?? KEEP;
    this.auditLockDays = checkedDays('auditLockDays', props.auditLockDays ?? 0, 0);
    const expiry = props.expireAfterDays ?? DEFAULT_EXPIRY;
    for (const [name, days] of Object.entries(expiry) as [string, number | null][])
      if (days !== null) checkedDays(`expireAfterDays.${name}`, days, 1);
    this.expireAfterDays = expiry;
    const prefix = prefixOf(props.bucketPrefix);
    const key = new Key(this, 'Key', {
      description: 'Data scan: encrypts its buckets',
      enableKeyRotation: true,
      removalPolicy: removalPolicyOf(lifecycle),
    });
    letMacieUse(key);
    this.key = key;
    const bucket = (
      name: string,
      suffix: string,
      days: number | null,
      more: Pick<HouseBucketProps, 'eventBridge' | 'objectLock'> = {},
    ): Bucket => {
      const made = new HouseBucket(this, name, {
        ...more,
        noAccessLog:
          'who reads and writes is in CloudTrail data events; an access log would need a bucket of its own to be as private',
        ...(prefix === undefined ? {} : { bucketName: `${prefix}-${suffix}` }),
        encryptionKey: key,
        abortUploadsAfter: Duration.days(7),
        lifecycle,
      });
      if (days !== null) expire(made, days);
      return made;
    };
    this.raw = bucket('Raw', 'raw', expiry.raw, { eventBridge: true }) as IBucket;
    this.stage = bucket('Stage', 'scan-stage', expiry.stage) as IBucket;
    this.review = bucket('Review', 'manual-review', expiry.review) as IBucket;
    this.output = bucket('Output', 'scanned-data', expiry.output) as IBucket;
    const records = bucket('Records', 'scan-records', null, { objectLock: this.auditLockDays > 0 });
    letMacieWrite(records);
    this.records = records as IBucket;
    this.table = new HouseTable(this, 'Table', {
      partitionKey: KEYS.partition,
      sortKey: KEYS.sort,
      lifecycle,
    }) as ITable;
  }
}

/** In a bucket with versions an expired object becomes a version that is not current, which then goes too. */
function expire(bucket: Bucket, days: number): void {
  bucket.addLifecycleRule({
    expiration: Duration.days(days),
    noncurrentVersionExpiration: Duration.days(1),
  });
  bucket.addLifecycleRule({ expiredObjectDeleteMarker: true });
}

function prefixOf(prefix: string | undefined): string | undefined {
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, with room for the longest suffix
  if (prefix !== undefined && !/^[a-z0-9][a-z0-9-]{1,46}[a-z0-9]$/.test(prefix))
    throw new DataScanError(
      `bucketPrefix is ${JSON.stringify(prefix)}; write 3 to 48 lower-case letters, digits and inner hyphens`,
    );
  return prefix;
}

function checkedDays(name: string, days: number, least: number): number {
  if (!Number.isInteger(days) || days < least || days > MOST_DAYS)
    throw new DataScanError(`${name} is ${days}; write ${least} to ${MOST_DAYS} whole days`);
  return days;
}

/** https://docs.aws.amazon.com/macie/latest/user/discovery-results-repository-s3.html and /discovery-supported-encryption-types.html */
function letMacieUse(key: Key): void {
  const { account } = Stack.of(key);
  // in a key policy `*` is the key that it belongs to
  // (https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html)
  const resources = ['*'];
  key.addToResourcePolicy(
    new PolicyStatement({ ...ofMacie(account), actions: ['kms:GenerateDataKey', 'kms:Encrypt'], resources }),
  );
  key.addToResourcePolicy(
    new PolicyStatement({
      // by condition: a key policy cannot name a role that Macie has yet to make
      principals: [new AccountRootPrincipal()],
      actions: ['kms:Decrypt'],
      resources,
      conditions: {
        ArnEquals: {
          'aws:PrincipalArn': `arn:${Aws.PARTITION}:iam::${account}:role/aws-service-role/macie.amazonaws.com/AWSServiceRoleForAmazonMacie`,
        },
      },
    }),
  );
}

function letMacieWrite(bucket: Bucket): void {
  const who = ofMacie(Stack.of(bucket).account);
  const allow = (action: string, resource: string): void => {
    bucket.addToResourcePolicy(new PolicyStatement({ ...who, actions: [action], resources: [resource] }));
  };
  allow('s3:GetBucketLocation', bucket.bucketArn);
  allow('s3:PutObject', bucket.arnForObjects(`${EXPORTS}/*`));
}

/** Macie at work for this account, and for no other. */
function ofMacie(account: string): Pick<PolicyStatementProps, 'principals' | 'conditions'> {
  return {
    principals: [new ServicePrincipal('macie.amazonaws.com')],
    conditions: { StringEquals: { 'aws:SourceAccount': account } },
  };
}
