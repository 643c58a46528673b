/** The functions of lists: what each may read and write in the bucket, and what becomes of events that fail. */
import { join } from 'node:path';

import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

import { acknowledgePrefixes } from '../_kit/acknowledge';
import { HouseFunction } from '../_kit/function';
import type { Lifecycle } from '../_kit/lifecycle';

const LAMBDAS = join(__dirname, '../../lambdas/mtls');

export interface ListsFunctionProps {
  /** Name of the handler's file, without its suffix. */
  readonly handler: string;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly bucket: IBucket;
  /** Keys that it reads, ending in `*` where a prefix is meant. */
  readonly reads: readonly string[];
  /** The same of what it writes. */
  readonly writes: readonly string[];
  /** Where events go that failed three times. */
  readonly deadLetters: IQueue;
  readonly memoryMiB: number;
  readonly timeout: Duration;
  readonly lifecycle?: Lifecycle;
}

/** A function that events start; it is tried three times in all, then the event is kept. */
export class ListsFunction extends HouseFunction {
  constructor(scope: Construct, id: string, props: ListsFunctionProps) {
    const { handler, description, environment, memoryMiB, timeout, lifecycle } = props;
    super(scope, id, {
      entry: join(LAMBDAS, `${handler}.handler.ts`),
      description,
      environment,
      memoryMiB,
      timeout,
      ...(lifecycle === undefined ? {} : { lifecycle }),
    });
    // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    this.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      onFailure: new SqsDestination(props.deadLetters),
    });
    const allow = (actions: string[], resources: string[]): void => {
      if (resources.length > 0) this.addToRolePolicy(new PolicyStatement({ actions, resources }));
    };
    const objects = (keys: readonly string[]): string[] => keys.map((key) => props.bucket.arnForObjects(key));
    allow(['s3:GetObject', 's3:GetObjectVersion'], objects(props.reads));
    // without it S3 answers 403, not 404, for an object that is not there
    allow(['s3:ListBucket'], props.reads.length > 0 ? [props.bucket.bucketArn] : []);
    allow(['s3:PutObject', 's3:AbortMultipartUpload'], objects(props.writes));
    acknowledgePrefixes(this.role ?? this, props.bucket, [...props.reads, ...props.writes]);
  }
}
