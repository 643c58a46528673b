/** Buckets and a table of their own in the emulator, with the code of the deployed functions over them. */
import { randomBytes } from 'node:crypto';

import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

import { openRun } from '../../lambdas/data-scan/adapters/open-run';
import { auditChain } from '../../lambdas/data-scan/adapters/s3-records';
import { taskEnv } from '../../lambdas/data-scan/contract';
import type { DeskPorts } from '../../lambdas/data-scan/core/desk';
import type { Mail } from '../../lambdas/data-scan/core/mail';
import type { Ports } from '../../lambdas/data-scan/core/ports';
import { clientSettings, commandEnvironment } from '../../local/aws';
import type { Behaviour } from '../../local/macie';

type Bucket = 'raw' | 'stage' | 'review' | 'output';

/** One version of an object. */
export interface Kept {
  readonly bucket: Bucket;
  readonly key: string;
  readonly body: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface World {
  readonly ports: Ports;
  readonly desk: DeskPorts;
  readonly mails: Mail[];
  readonly buckets: Readonly<Record<Bucket, string>>;
  put(key: string, body: string, tags?: string): Promise<void>;
  /** Lets time pass for the code, in milliseconds. */
  later(ms: number): void;
  /** Every version of every bucket. */
  everything(): Promise<Kept[]>;
  audit(run: string): Promise<string[]>;
  behave(run: string, how: Behaviour): Promise<void>;
}

/** Points the SDK of this process at the emulator and at the stand-in for Macie, and at nothing else. */
export function useLocalStack(emulatorUrl: string, macieUrl: string): void {
  const env = commandEnvironment(emulatorUrl, {});
  Object.assign(process.env, env, { AWS_ENDPOINT_URL_MACIE2: macieUrl });
}

export interface Stack {
  readonly emulatorUrl: string;
  readonly macieUrl: string;
  /** The deployed bucket of records: where Macie writes is one setting of a Region. */
  readonly records: string;
}

export async function makeWorld(
  { emulatorUrl, macieUrl, records }: Stack,
  changes: Partial<Parameters<typeof taskEnv.provide>[0]> = {},
): Promise<World> {
  const s3 = new S3Client({ ...clientSettings(emulatorUrl), forcePathStyle: true });
  const prefix = `scan-${randomBytes(5).toString('hex')}`;
  const names: Bucket[] = ['raw', 'stage', 'review', 'output'];
  const buckets = Object.fromEntries(names.map((name) => [name, `${prefix}-${name}`])) as Record<
    Bucket,
    string
  >;
  for (const Bucket of Object.values(buckets)) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  }
  await new DynamoDBClient(clientSettings(emulatorUrl)).send(
    new CreateTableCommand({
      TableName: prefix,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  const env = taskEnv.provide({
    SCAN_RAW_BUCKET: buckets.raw,
    SCAN_STAGE_BUCKET: buckets.stage,
    SCAN_REVIEW_BUCKET: buckets.review,
    SCAN_OUTPUT_BUCKET: buckets.output,
    SCAN_RECORDS_BUCKET: records,
    SCAN_TABLE_NAME: prefix,
    SCAN_KEY_ARN: 'arn:aws:kms:us-east-1:000000000000:key/x',
    SCAN_EVENT_BUS_NAME: 'default',
    SCAN_SITE_URL: 'https://site.example',
    SCAN_AUDIT_LOCK_DAYS: 0,
    SCAN_RULES: '[]',
    SCAN_OPTIONS: JSON.stringify({
      managed: 'ALL',
      managedIds: [],
      customIds: [],
      allowListIds: [],
      samplingPercent: 100,
    }),
    SCAN_STATE_MACHINE_ARN: `arn:aws:states:us-east-1:000000000000:stateMachine:${prefix}`,
    SCAN_UPLOADER_TAG: 'uploaded-by',
    SCAN_PAGE_OBJECTS: 3,
    SCAN_RUN_OBJECTS: 1000,
    SCAN_MULTIPART_MIB: 8,
    SCAN_TIMEOUT_SECONDS: 3600,
    SCAN_RESULTS_SECONDS: 0,
    SCAN_SETTLE_SECONDS: 0,
    SCAN_REVIEW_SECONDS: 3600,
    SCAN_DENIED: 'keep',
    SCAN_MALWARE: 'no',
    AWS_ENDPOINT_URL: emulatorUrl,
    ...changes,
  });
  const mails: Mail[] = [];
  let passed = 0;
  const open = openRun(env);
  const ports: Ports = {
    ...open,
    clock: () => open.clock() + passed,
    notices: {
      mail: async (mail) => {
        mails.push(mail);
        return true;
      },
      event: async () => undefined,
    },
    // no state machine runs here: the test takes the steps
    machine: { start: async () => undefined, stopped: async () => undefined, decided: async () => true },
  };
  return {
    ports,
    desk: { ...ports, rules: { twoPeople: false, notUploader: false }, reviewers: 'data-reviewers' },
    mails,
    buckets,
    later: (ms) => {
      passed += ms;
    },
    put: async (Key, Body, Tagging) => {
      await s3.send(
        new PutObjectCommand({
          Bucket: buckets.raw,
          Key,
          Body,
          ContentType: 'text/csv',
          ...(Tagging === undefined ? {} : { Tagging }),
        }),
      );
    },
    everything: async () => {
      const places = ['raw', 'stage', 'review', 'output'] as const;
      return (await Promise.all(places.map((place) => versionsIn(s3, place, buckets[place])))).flat();
    },
    audit: async (run) => auditChain(s3, records, run),
    behave: async (run, how) => {
      await fetch(`${macieUrl}/stand-in/${run}`, { method: 'PUT', body: JSON.stringify(how) });
    },
  };
}

async function versionsIn(s3: S3Client, bucket: Bucket, name: string): Promise<Kept[]> {
  const kept: Kept[] = [];
  let marker: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (marker !== undefined) {
    const page: ListObjectVersionsCommandOutput = await listed(s3, name, marker);
    for (const { Key = '', VersionId = '' } of page.Versions ?? []) {
      const of = { Bucket: name, Key, VersionId };
      const { Body } = await s3.send(new GetObjectCommand(of));
      const { TagSet = [] } = await s3.send(new GetObjectTaggingCommand(of));
      const tags = Object.fromEntries(TagSet.map((tag) => [tag.Key ?? '', tag.Value ?? '']));
      kept.push({ bucket, key: Key, body: (await Body?.transformToString()) ?? '', tags });
    }
    marker =
      page.IsTruncated === true
        ? {
            KeyMarker: page.NextKeyMarker ?? '',
            VersionIdMarker: page.NextVersionIdMarker ?? '',
          }
        : undefined;
  }
  return kept;
}

async function listed(
  s3: S3Client,
  Bucket: string,
  marker: object,
): Promise<ListObjectVersionsCommandOutput> {
  return s3.send(new ListObjectVersionsCommand({ Bucket, ...marker }));
}
