/** S3 as a check reads it: what takes too long or is too large is given up. */
import type { Readable } from 'node:stream';

import { S3Client } from '@aws-sdk/client-s3';

/** 2 attempts within the time of each read. */
export function quickS3(): S3Client {
  return new S3Client({
    maxAttempts: 2,
    // without throwOnRequestTimeout the SDK only writes a warning when the time is over
    requestHandler: { connectionTimeout: 1000, requestTimeout: 1500, throwOnRequestTimeout: true },
  });
}

/** Reads a body that may be larger than it should be; one that does not end is ended by the signal of its request. */
export async function bytesOf(body: Readable, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > limit) throw new Error(`an object of more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
