/** Amazon Macie: one job for each run, and the results that it writes to the bucket of records. */
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import {
  CreateClassificationJobCommand,
  DescribeClassificationJobCommand,
  GetClassificationExportConfigurationCommand,
  Macie2Client,
  PutClassificationExportConfigurationCommand,
  UpdateClassificationJobCommand,
} from '@aws-sdk/client-macie2';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';

import type { Scanner } from '../core/ports';
import type { JobOutcome } from '../core/verdict';
import { EXPORTS } from '../contract';

interface MacieOptions {
  readonly account: string;
  readonly region: string;
  readonly stageBucket: string;
  readonly recordsBucket: string;
  readonly keyArn: string;
}

/** IDLE is of scheduled jobs; a job that Macie itself has paused goes on by itself (docs, "Job status"). */
const OUTCOMES: Readonly<Record<string, 'running' | JobOutcome>> = {
  RUNNING: 'running',
  IDLE: 'running',
  PAUSED: 'running',
  COMPLETE: 'complete',
  CANCELLED: 'cancelled',
  USER_PAUSED: 'paused',
};

export function macie(s3: S3Client, options: MacieOptions, client = macieClient()): Scanner {
  const { account, region, stageBucket, recordsBucket, keyArn } = options;
  return {
    ensureResults: async () => {
      const { configuration } = await client.send(new GetClassificationExportConfigurationCommand({}));
      const there = configuration?.s3Destination;
      if (there === undefined) {
        await client.send(
          new PutClassificationExportConfigurationCommand({
            configuration: {
              s3Destination: { bucketName: recordsBucket, keyPrefix: EXPORTS, kmsKeyArn: keyArn },
            },
          }),
        );
        return;
      }
      // one for each Region: another is somebody's, and its results are not here
      if (there.bucketName !== recordsBucket || there.keyPrefix !== EXPORTS)
        throw new Error('Macie writes its results elsewhere; see docs/data-scan.md');
    },
    start: async (name, prefix, clientToken, how) => {
      const { jobId } = await client.send(
        new CreateClassificationJobCommand({
          name,
          clientToken,
          jobType: 'ONE_TIME',
          samplingPercentage: how.samplingPercent,
          managedDataIdentifierSelector: how.managed,
          ...(how.managedIds.length === 0 ? {} : { managedDataIdentifierIds: [...how.managedIds] }),
          ...(how.customIds.length === 0 ? {} : { customDataIdentifierIds: [...how.customIds] }),
          ...(how.allowListIds.length === 0 ? {} : { allowListIds: [...how.allowListIds] }),
          s3JobDefinition: {
            bucketDefinitions: [{ accountId: account, buckets: [stageBucket] }],
            scoping: {
              includes: {
                and: [
                  { simpleScopeTerm: { key: 'OBJECT_KEY', comparator: 'STARTS_WITH', values: [prefix] } },
                ],
              },
            },
          },
        }),
      );
      if (jobId === undefined) throw new Error('Macie answered without the id of a job');
      return jobId;
    },
    status: async (jobId) => {
      const { jobStatus = '' } = await client.send(new DescribeClassificationJobCommand({ jobId }));
      const outcome = OUTCOMES[jobStatus];
      if (outcome === undefined) throw new Error('Macie answered with a status that is not documented');
      return outcome;
    },
    cancel: async (jobId) => {
      await client.send(new UpdateClassificationJobCommand({ jobId, jobStatus: 'CANCELLED' }));
    },
    // https://docs.aws.amazon.com/macie/latest/user/discovery-results-repository-s3.html
    results: (job) => linesBelow(s3, recordsBucket, `${EXPORTS}/AWSLogs/${account}/Macie/${region}/${job}/`),
  };
}

async function* linesBelow(client: S3Client, Bucket: string, Prefix: string): AsyncIterable<string> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix }))
    for (const { Key } of Contents)
      // whatever else is there may be about any object, so it counts as a line that nobody can read
      if (Key?.endsWith('.jsonl.gz') === true) yield* linesIn(client, Bucket, Key);
      else yield 'no file of results';
}

/**
 * Lines end with LF alone: the names of columns, which are in them, may hold what `node:readline` takes for an end too.
 *
 * @throws whatever breaks the file off: half of it says nothing of the rest
 */
async function* linesIn(client: S3Client, Bucket: string, Key: string): AsyncIterable<string> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  const content = createGunzip();
  // an error of either ends the loop below
  pipeline(Body as Readable, content, () => undefined);
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of content as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
  if (rest !== '') yield rest;
}

/** Tried four times with growing waits, as Macie allows few requests a second. */
function macieClient(): Macie2Client {
  return new Macie2Client({
    maxAttempts: 4,
    // without throwOnRequestTimeout the SDK only writes a warning when the time is over
    requestHandler: { connectionTimeout: 2000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  });
}
