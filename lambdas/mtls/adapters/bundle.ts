/** The bundle of the trust store, read by a check. */
import type { Readable } from 'node:stream';

import { GetObjectCommand } from '@aws-sdk/client-s3';

import { bytesOf, quickS3 } from './quick-s3';

const MILLISECONDS = 1_500;
/** Most octets of a trust store of API Gateway. */
const MAX_BYTES = 1_048_576;

/** @returns PEM */
export async function readBundle(bucket: string, key: string, client = quickS3()): Promise<Uint8Array> {
  const request = new GetObjectCommand({ Bucket: bucket, Key: key });
  const { Body } = await client.send(request, { abortSignal: AbortSignal.timeout(MILLISECONDS) });
  return bytesOf(Body as Readable, MAX_BYTES);
}
