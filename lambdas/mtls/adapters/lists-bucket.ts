/** Lists, indexes and manifests in S3. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload as PartsUpload } from '@aws-sdk/lib-storage';

import { indexKey, ISSUER_SUFFIX, manifestKey, MANIFESTS, nameOfManifest } from '../contract';
import { manifestText, readManifest, type Manifest } from '../core/manifest';
import type { InForce, Lists } from '../core/publish';
import { ifThere, isConflict } from './s3';

/** Octets that are handed to the upload at once; it copies them into parts. */
const SLICE = 1024 * 1024;
/** Manifests that are read at the same time. */
const PARALLEL = 16;
/** Metadata of a manifest that says what it was made of; a key may have characters that a header may not. */
export const SOURCE_KEY = 'source-key';
export const SOURCE_VERSION = 'source-version';

interface TrustStoreObject {
  readonly bucket: string;
  readonly key: string;
}

/** Opens the bucket. @param trustStore object of another bucket, read only */
export function listsBucket(client: S3Client, bucket: string, trustStore: TrustStoreObject): Lists {
  const textOf = async (Bucket: string, Key: string): Promise<string> => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToString('latin1')) ?? '';
  };
  return {
    list: async ({ key, version }) => {
      const request = new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: version });
      const answer = await ifThere(client.send(request));
      if (answer?.Body === undefined) return undefined;
      return {
        source: { key, version: answer.VersionId },
        size: answer.ContentLength,
        chunks: answer.Body as Readable,
      };
    },
    companion: async ({ key }) => {
      const request = new GetObjectCommand({ Bucket: bucket, Key: `${key}${ISSUER_SUFFIX}` });
      const answer = await ifThere(client.send(request));
      return answer?.Body?.transformToByteArray();
    },
    trustStore: () => textOf(trustStore.bucket, trustStore.key),
    inForce: () => manifestsInForce(client, bucket),
    index: (manifest) => readIndex(client, bucket, manifest),
    putIndex: async ({ key, pieces }) => {
      // in parts above 5 MiB, so that a part and not the whole is sent again when a connection breaks
      const params = { Bucket: bucket, Key: indexKey(key), Body: Readable.from(slicesOf(pieces)) };
      await new PartsUpload({ client, params, queueSize: 2 }).done();
    },
    putManifest: async (name, manifest, source, replaced) => {
      const request = new PutObjectCommand({
        Bucket: bucket,
        Key: manifestKey(name),
        Body: manifestText(manifest),
        ContentType: 'application/json',
        Metadata: {
          [SOURCE_KEY]: encodeURIComponent(source.key),
          ...(source.version === undefined ? {} : { [SOURCE_VERSION]: source.version }),
        },
        ...(replaced === undefined ? { IfNoneMatch: '*' } : { IfMatch: replaced.etag }),
      });
      try {
        await client.send(request);
        return true;
      } catch (error) {
        if (isConflict(error)) return false;
        throw error;
      }
    },
  };
}

/**
 * The whole index of a manifest.
 *
 * @throws Error when its octets are not those the manifest was made with
 */
export async function readIndex(client: S3Client, bucket: string, { index }: Manifest): Promise<Uint8Array> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: indexKey(index.key) }));
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  if (createHash('sha256').update(bytes).digest('hex') !== index.key)
    throw new Error('an index does not have the SHA-256 it is called by; upload the complete list');
  return bytes;
}

/**
 * Every manifest in force.
 *
 * @throws Refusal `manifest_malformed` for one that cannot be read, since nothing can be said without it
 */
export async function manifestsInForce(client: S3Client, bucket: string): Promise<readonly InForce[]> {
  const names = await namesInForce(client, bucket);
  const found: InForce[] = [];
  for (let at = 0; at < names.length; at += PARALLEL) {
    const some = names.slice(at, at + PARALLEL).map(async (name) => {
      const request = new GetObjectCommand({ Bucket: bucket, Key: manifestKey(name) });
      // deleted since it was listed
      const answer = await ifThere(client.send(request));
      if (answer?.Body === undefined || answer.ETag === undefined) return [];
      return [{ name, etag: answer.ETag, manifest: readManifest(await answer.Body.transformToString()) }];
    });
    found.push(...(await Promise.all(some)).flat());
  }
  return found;
}

async function namesInForce(client: S3Client, bucket: string): Promise<readonly string[]> {
  const names: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: MANIFESTS, ContinuationToken }),
    );
    names.push(...(page.Contents ?? []).flatMap(({ Key = '' }) => nameOfManifest(Key) ?? []));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return names;
}

function* slicesOf(pieces: readonly Uint8Array[]): Generator<Buffer> {
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += SLICE) {
      const length = Math.min(SLICE, piece.length - at);
      yield Buffer.from(piece.buffer, piece.byteOffset + at, length);
    }
  }
}
