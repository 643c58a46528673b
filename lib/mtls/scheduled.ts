/** What runs on a schedule beside the lists: fetching them, and trying a revoked certificate. */
import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

import {
  CANARY_ADMITTED_METRIC,
  CANARY_REFUSED_METRIC,
  canaryEnv,
  FETCH_FAILED_METRIC,
  fetchEnv,
  LIST_SUFFIX,
  UPLOADS,
} from '../../lambdas/mtls/contract';
import type { Lifecycle } from '../_kit/lifecycle';
import { alarmAtOnce, alarmBelow, metricOf } from '../_kit/metric-alarm';
import { ListsFunction } from './lists-function';

/** A list and where a CA publishes it; nothing but this address is fetched. */
export interface FetchedList {
  /** As if it had been uploaded under this name. */
  readonly name: string;
  /** Address of http or https; lists are signed, so both are safe. */
  readonly url: string;
  readonly every: Duration;
  /**
   * Whether the name may stand for an address of a private network or of the function itself. Link-local addresses, where
   * AWS has metadata and credentials, are never connected to.
   * @default false
   */
  readonly allowPrivateAddresses?: boolean;
}

/** A certificate that the trust store's CA has revoked. */
export interface Canary {
  /** JSON of `certificate` and `key`, PEM; `ca` where the domain's own certificate is no public one. */
  readonly secret: ISecret;
  /** An operation of the partner API that a good certificate may call. */
  readonly url: string;
  /** @default 5 minutes */
  readonly every?: Duration;
}

/** What every function of lists is made with. */
export interface Parts {
  readonly scope: Construct;
  readonly bucket: IBucket;
  readonly deadLetters: IQueue;
  readonly lifecycle: Lifecycle;
}

export function fetchLists({ scope, ...parts }: Parts, sources: readonly FetchedList[]): void {
  for (const { name, url } of sources) {
    if (!/^https?:\/\/[^\s/?#@]+(\/[^\s#]*)?$/.test(url))
      throw new Error(
        `fetch: the address of ${name} is ${url}, expected http or https without user and fragment`,
      );
  }
  if (new Set(sources.map(({ name }) => name)).size < sources.length)
    throw new Error('fetch: two lists have the same name; give each its own');
  const fetcher = new ListsFunction(scope, 'Fetch', {
    ...parts,
    handler: 'fetch-lists',
    description: 'Certificate lists: fetches those of the settings',
    environment: fetchEnv.provide({
      LISTS_BUCKET: parts.bucket.bucketName,
      FETCH_SOURCES: JSON.stringify(
        sources.map(({ name, url, allowPrivateAddresses }) => ({ name, url, allowPrivateAddresses })),
      ),
    }),
    reads: sources.map(({ name }) => `${UPLOADS}${name}${LIST_SUFFIX}`),
    writes: sources.map(({ name }) => `${UPLOADS}${name}${LIST_SUFFIX}`),
    memoryMiB: 1024,
    timeout: Duration.minutes(2),
  });
  sources.forEach(({ name, every }, i) => {
    new Rule(scope, `Fetch${i}`, {
      schedule: Schedule.rate(every),
      targets: [
        new LambdaFunction(fetcher, {
          event: RuleTargetInput.fromObject({ name }),
          deadLetterQueue: parts.deadLetters,
        }),
      ],
    });
  });
  alarmAtOnce(
    scope,
    'FetchFailed',
    metricOf(fetcher, FETCH_FAILED_METRIC),
    'certificate lists: one could not be fetched, the list before it stays in force; see docs/mtls.md',
  );
}

export function tryCanary(
  { scope, ...parts }: Parts,
  { secret, url, every = Duration.minutes(5) }: Canary,
): void {
  const canary = new ListsFunction(scope, 'Canary', {
    ...parts,
    handler: 'try-canary',
    description: 'Certificate lists: tries a revoked certificate',
    environment: canaryEnv.provide({ CANARY_URL: url, CANARY_SECRET_ARN: secret.secretArn }),
    reads: [],
    writes: [],
    memoryMiB: 256,
    timeout: Duration.seconds(30),
  });
  secret.grantRead(canary);
  new Rule(scope, 'TryCanary', {
    schedule: Schedule.rate(every),
    targets: [new LambdaFunction(canary, { deadLetterQueue: parts.deadLetters })],
  });
  alarmAtOnce(
    scope,
    'CanaryAdmitted',
    metricOf(canary, CANARY_ADMITTED_METRIC),
    'certificate lists: a REVOKED certificate was let in; see docs/mtls.md',
  );
  alarmBelow(
    scope,
    'CanarySilent',
    metricOf(canary, CANARY_REFUSED_METRIC, 'Sum', Duration.minutes(3 * Math.ceil(every.toMinutes()))),
    1,
    'certificate lists: the revoked certificate could not be tried; see docs/mtls.md',
  );
}
