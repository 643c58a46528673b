/** Buckets with many objects. */
import {
  ListObjectVersionsCommand,
  PutObjectCommand,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';

import { clients } from './deployed';

const AT_ONCE = 16;

/** Puts objects of a few bytes into a bucket. */
export async function fill(Bucket: string, objects: number): Promise<void> {
  const { s3 } = clients();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < objects; n = next++)
      await s3.send(new PutObjectCommand({ Bucket, Key: `${n % 100}/object ${n}.csv`, Body: `row ${n}` }));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

export async function countIn(Bucket: string): Promise<{ readonly versions: number; readonly keys: number }> {
  const { s3 } = clients();
  let versions = 0;
  const keys = new Set<string>();
  let marker: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (marker !== undefined) {
    const page: ListObjectVersionsCommandOutput = await s3.send(
      new ListObjectVersionsCommand({ Bucket, ...marker }),
    );
    for (const { Key = '' } of page.Versions ?? []) {
      versions += 1;
      keys.add(Key);
    }
    const { IsTruncated, NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    marker =
      IsTruncated === true && KeyMarker !== undefined
        ? { KeyMarker, ...(VersionIdMarker === undefined ? {} : { VersionIdMarker }) }
        : undefined;
  }
  return { versions, keys: keys.size };
}
