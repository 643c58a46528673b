/** A manifest that was just published, as its event names it, and what it was made of. */
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';

import { manifestKey } from '../contract';
import { readManifest, type Manifest } from '../core/manifest';
import type { Source } from '../core/publish';
import { SOURCE_KEY, SOURCE_VERSION } from './lists-bucket';
import { ifThere } from './s3';

/** The manifest in force now, which may be a later one than the event is about; `undefined` when there is none. */
export async function readInForce(
  client: S3Client,
  bucket: string,
  name: string,
): Promise<{ readonly manifest: Manifest; readonly source: Source } | undefined> {
  const answer = await ifThere(client.send(new GetObjectCommand({ Bucket: bucket, Key: manifestKey(name) })));
  if (answer?.Body === undefined) return undefined;
  const { [SOURCE_KEY]: key = '', [SOURCE_VERSION]: version } = answer.Metadata ?? {};
  const manifest = readManifest(await answer.Body.transformToString());
  return { manifest, source: { key: decodeURIComponent(key), version } };
}
