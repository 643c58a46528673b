/** The deployed data scan, as end-to-end tests use it: uploads, runs, what is where, and what was mailed. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';

import { clientSettings } from '../../local/aws';
import { mails, type Mail } from '../../local/inbox';
import type { Behaviour } from '../../local/macie';
import { localStack } from '../local-stack';

const TURN_MS = 300_000;

/**
 * Waits until no other suite is at it, and begins. All of them share the raw bucket, which a run empties, and a run takes
 * up again what another has left.
 */
export async function takeTurn(): Promise<void> {
  const end = Date.now() + TURN_MS;
  for (;;) {
    try {
      mkdirSync(turn());
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || Date.now() > end) throw error;
      await pause(100);
    }
  }
}

export function endTurn(): void {
  rmdirSync(turn());
}

/** A folder, since making one tells whether somebody else has. */
function turn(): string {
  return join(dirname(process.env['SALLYPORT_OUTPUTS'] ?? ''), 'data-scan-turn');
}

/** For a suite in which every test uploads or runs something. */
export function eachInTurn(): void {
  beforeEach(takeTurn, TURN_MS);
  afterEach(endTurn);
}

/** What the stand-in for Macie takes for a card's number. */
export const CARD = 'card 4111 1111 1111 1111';

export function clients(): { s3: S3Client; sfn: SFNClient } {
  const settings = clientSettings(localStack().emulatorUrl);
  return { s3: new S3Client({ ...settings, forcePathStyle: true }), sfn: new SFNClient(settings) };
}

export async function upload(
  key: string,
  body: string | Buffer,
  Tagging?: string,
  Bucket = localStack().rawBucketName,
): Promise<void> {
  await clients().s3.send(
    new PutObjectCommand({
      Bucket,
      Key: key,
      Body: body,
      ...(Tagging === undefined ? {} : { Tagging }),
    }),
  );
}

export async function keysIn(bucket: string, prefix: string): Promise<string[]> {
  const { Versions = [] } = await clients().s3.send(
    new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix }),
  );
  return Versions.map(({ Key = '' }) => Key);
}

export async function tagsOf(bucket: string, key: string): Promise<Record<string, string>> {
  const { TagSet = [] } = await clients().s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key }));
  return Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]));
}

export async function bodyIn(bucket: string, key: string): Promise<Buffer> {
  const { Body } = await clients().s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

/** Every text that a run has left in the bucket of records. */
export async function recordsOf({ id }: Started): Promise<string[]> {
  const { s3 } = clients();
  const Bucket = localStack().scanRecordsBucketName;
  const texts: string[] = [];
  for (const Prefix of [`runs/${id}/`, `audit/${id}/`])
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix }))
      for (const { Key = '' } of Contents) texts.push((await bodyIn(Bucket, Key)).toString());
  return texts;
}

/** Every line that any function has logged by now. */
export async function everyLog(): Promise<string[]> {
  const client = new CloudWatchLogsClient(clientSettings(localStack().emulatorUrl));
  const lines: string[] = [];
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, {}))
    for (const { logGroupName } of logGroups)
      for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName }))
        lines.push(...events.map(({ message = '' }) => message));
  return lines;
}

export interface Started {
  readonly id: string;
  readonly arn: string;
}

/** @param how what Macie shall do @param id of the run */
export async function start(
  how: Behaviour = {},
  id = `t-${randomBytes(6).toString('hex')}`,
  stateMachineArn = localStack().dataScanStateMachineArn,
): Promise<Started> {
  const { macieUrl } = localStack();
  await fetch(`${macieUrl ?? ''}/stand-in/${id}`, { method: 'PUT', body: JSON.stringify(how) });
  const { executionArn = '' } = await clients().sfn.send(
    new StartExecutionCommand({
      stateMachineArn,
      name: `${id}-${randomUUID().slice(0, 8)}`,
      input: JSON.stringify({ id }),
    }),
  );
  return { id, arn: executionArn };
}

export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  patience = 90_000,
): Promise<T> {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

export async function ended({ arn }: Started, patience?: number): Promise<string> {
  const { sfn } = clients();
  const look = async (): Promise<string | undefined> => {
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
    return status === 'RUNNING' ? undefined : status;
  };
  return until('the end of the execution', look, patience);
}

/** What a run came to, as its execution says it. */
export async function outcomesOf(run: Started): Promise<unknown> {
  const { output = '{}' } = await clients().sfn.send(new DescribeExecutionCommand({ executionArn: run.arn }));
  return (JSON.parse(output) as { outcomes?: unknown }).outcomes;
}

export async function mailsAbout(id: string): Promise<Mail[]> {
  return (await mails(localStack().emulatorUrl)).filter(({ subject }) => subject.includes(id));
}

/** The link of the mail that asks for a review. */
export async function linkOf({ id }: Pick<Started, 'id'>): Promise<string> {
  const mail = await until('the mail', async () =>
    (await mailsAbout(id)).find(({ subject }) => subject.includes('to review')),
  );
  return /https?:\/\/\S+/.exec(mail.body)?.[0] ?? '';
}

/** Id of the review that the mail asks for. */
export async function asked(run: Pick<Started, 'id'>): Promise<string> {
  return /\/reviews\/([\w-]{22})$/.exec(await linkOf(run))?.[1] ?? '';
}
