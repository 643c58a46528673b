/** What was fetched last, kept with the upload itself. */
import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

import { LIST_SUFFIX, UPLOADS } from '../contract';
import type { Fetched } from '../core/fetch-sources';
import { ifThere } from './s3';

const keyOf = (name: string): string => `${UPLOADS}${name}${LIST_SUFFIX}`;

/** A list that somebody uploaded by hand has none of it, so it is fetched anew. */
export async function lastFetched(client: S3Client, bucket: string, name: string): Promise<Fetched> {
  const request = new HeadObjectCommand({ Bucket: bucket, Key: keyOf(name) });
  const { Metadata = {} } = (await ifThere(client.send(request))) ?? {};
  const { 'fetched-etag': etag, 'fetched-modified': modified, 'fetched-digest': digest } = Metadata;
  return { etag: decoded(etag), modified: decoded(modified), digest };
}

/** Uploads a list as an administrator would; the event of the bucket does the rest. */
export async function uploadList(
  client: S3Client,
  bucket: string,
  name: string,
  bytes: Buffer,
  { etag, modified, digest }: Fetched,
): Promise<void> {
  // what the source sent may have characters that a header may not
  const metadata = Object.entries({
    'fetched-etag': encoded(etag),
    'fetched-modified': encoded(modified),
    'fetched-digest': digest,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  await client.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: keyOf(name),
      Body: bytes,
      Metadata: Object.fromEntries(metadata),
    }),
  );
}

function encoded(text: string | undefined): string | undefined {
  return text === undefined ? undefined : encodeURIComponent(text);
}

function decoded(text: string | undefined): string | undefined {
  return text === undefined ? undefined : decodeURIComponent(text);
}
