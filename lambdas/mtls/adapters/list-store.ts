/** Manifests and indexes in S3, every read bounded in time and size. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

import {
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3';

import { indexKey, MANIFESTS, nameOfManifest } from '../contract';
import type { ListStore, OpenIndex } from '../core/lists';
import { findByRanges, IndexView } from '../core/lookup';
import { readManifest, type Manifest } from '../core/manifest';
import { bytesOf, quickS3 } from './quick-s3';

/** Milliseconds for a listing, a manifest or a page of an index. */
const SMALL_MS = 1_500;
/** Milliseconds for an index, or the part of it that is held: with the others below the function's own 8 s. */
const INDEX_MS = 4_000;
/** Bytes of a manifest; one with a thousand distribution points has half of it. */
const MAX_MANIFEST = 262_144;

const MEBIBYTE = 1_048_576;

interface ListStoreOptions {
  readonly bucket: string;
  /**
   * Most of one index that is held, so that memory does not grow with the list. One that is smaller is held whole, its
   * SHA-256 checked. Of a larger one every serial is held, or the filter, or the directory alone, the first of them that is
   * smaller, and the rest is read by range: then size and structure are checked, and that it is whole is left to S3 and to
   * the name, which is the SHA-256 and written once.
   */
  readonly memoryMiB: number;
}

/** @param client default one of the function's Region: 2 attempts within the time of each read */
export function listStore({ bucket, memoryMiB }: ListStoreOptions, client = quickS3()): ListStore {
  const get = async (
    input: Omit<GetObjectCommandInput, 'Bucket'>,
    milliseconds: number,
    limit: number,
  ): Promise<GetObjectCommandOutput & { bytes: Uint8Array }> => {
    const abortSignal = AbortSignal.timeout(milliseconds);
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, ...input }), { abortSignal });
    return { ...answer, bytes: await bytesOf(answer.Body as Readable, limit) };
  };
  const range = async (manifest: Manifest, from: number, length: number, ms: number): Promise<Uint8Array> => {
    const { bytes, ContentRange } = await get(
      { Key: indexKey(manifest.index.key), Range: `bytes=${from}-${from + length - 1}` },
      ms,
      length,
    );
    if (bytes.length !== length) throw new Error('a part of the index is cut short');
    if (ContentRange !== `bytes ${from}-${from + length - 1}/${manifest.index.size}`)
      throw new Error('the index is not of the size its manifest says');
    return bytes;
  };
  return {
    listManifests: async () => {
      const found: { key: string; etag: string }[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page: ListObjectsV2CommandOutput = await client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: MANIFESTS,
            ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
          }),
          { abortSignal: AbortSignal.timeout(SMALL_MS) },
        );
        for (const { Key = '', ETag = '' } of page.Contents ?? [])
          if (nameOfManifest(Key) !== undefined) found.push({ key: Key, etag: ETag });
        // an answer that is no listing must not pass for an empty one
        if (page.KeyCount === undefined) throw new Error('the listing of manifests cannot be read');
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      return found;
    },
    readManifest: async (key, etag) => {
      try {
        const {
          bytes,
          ETag = '',
          LastModified,
        } = await get(
          { Key: key, ...(etag === undefined ? {} : { IfNoneMatch: etag }) },
          SMALL_MS,
          MAX_MANIFEST,
        );
        return {
          etag: ETag,
          manifest: readManifest(Buffer.from(bytes).toString('utf8')),
          publishedAt: LastModified?.getTime(),
        };
      } catch (cause) {
        const status = statusOf(cause);
        if (status === 304 && etag !== undefined) return 'unchanged';
        if (status === 404) return 'gone';
        throw cause;
      }
    },
    openIndex: async (manifest) => {
      const { key, size, resident } = manifest.index;
      const most = memoryMiB * MEBIBYTE;
      if (size <= most) {
        const { bytes } = await get({ Key: indexKey(key) }, INDEX_MS, size);
        if (createHash('sha256').update(bytes).digest('hex') !== key)
          throw new Error('the index is not the one its manifest names');
        return inMemory(viewOf(bytes, manifest));
      }
      const held = [resident.serials, resident.filter].find((octets) => octets <= most) ?? resident.directory;
      const view = viewOf(await range(manifest, 0, held, INDEX_MS), manifest);
      return {
        find: (issuer, serial) =>
          findByRanges(view, issuer, serial, (from, length) => range(manifest, from, length, SMALL_MS)),
      };
    },
  };
}

function inMemory(view: IndexView): OpenIndex {
  return {
    find: async (issuer, serial) => {
      const found = view.find(issuer, serial);
      if ('status' in found) return found;
      throw new Error('an index that is held whole is not whole');
    },
  };
}

function viewOf(bytes: Uint8Array, { entries }: Manifest): IndexView {
  const view = new IndexView(bytes);
  if (view.entries !== entries) throw new Error('index and manifest do not belong together');
  return view;
}

function statusOf(cause: unknown): number | undefined {
  return (cause as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
}
