/** Texts of runs and their audit records, in the bucket of records. */
import { GetObjectCommand, paginateListObjectsV2, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

import type { Clock } from '../../_kernel/clock';
import { timestamp } from '../../_kernel/clock';
import { AUDIT } from '../contract';
import { auditText, nextRecord, recordOf } from '../core/audit';
import type { Audit, Records } from '../core/ports';
import { isConflict, isMissing } from './s3';

export function s3Records(client: S3Client, Bucket: string): Records {
  return {
    read: async (key) => readText(client, Bucket, key),
    write: async (Key, text) => {
      await client.send(
        new PutObjectCommand({ Bucket, Key, Body: text, ContentType: 'application/x-ndjson; charset=utf-8' }),
      );
    },
  };
}

/** Times that a record is numbered anew because another one came first. */
const ATTEMPTS = 20;

/**
 * One object for each record, numbered; S3 writes a number once, so two writers never make two chains.
 *
 * @param lockDays days for which S3 refuses to change or delete a record; 0 sets none
 */
export function s3Audit(
  client: S3Client,
  Bucket: string,
  { clock, lockDays }: { readonly clock: Clock; readonly lockDays: number },
): Audit {
  return {
    append: async (run, event) => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const chain = await auditChain(client, Bucket, run);
        if (chain.some((text) => recordOf(text)?.id === event.id)) return;
        const record = nextRecord(run, chain, event, timestamp(clock));
        const lock =
          lockDays === 0
            ? {}
            : {
                ObjectLockMode: 'COMPLIANCE' as const,
                ObjectLockRetainUntilDate: new Date(clock() + lockDays * 86_400_000),
              };
        try {
          await client.send(
            new PutObjectCommand({
              Bucket,
              Key: auditKey(run, record.sequence),
              Body: auditText(record),
              ContentType: 'application/json',
              IfNoneMatch: '*',
              ...lock,
            }),
          );
          return;
        } catch (error) {
          if (!isConflict(error)) throw error;
        }
      }
      throw new Error('the audit record could not be appended');
    },
  };
}

/** The texts of a run's records, in their order. */
export async function auditChain(client: S3Client, Bucket: string, run: string): Promise<string[]> {
  const keys: string[] = [];
  const Prefix = `${AUDIT}${run}/`;
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix }))
    keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
  const texts = await Promise.all(keys.sort().map((key) => readText(client, Bucket, key)));
  return texts.map((text) => text ?? '');
}

function auditKey(run: string, sequence: number): string {
  return `${AUDIT}${run}/${String(sequence).padStart(8, '0')}.json`;
}

async function readText(client: S3Client, Bucket: string, Key: string): Promise<string | undefined> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToString('utf8')) ?? '';
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
