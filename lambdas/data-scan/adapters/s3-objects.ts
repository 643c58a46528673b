/** The four buckets: versions are found, copied and removed one by one. */
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  DeleteObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type HeadObjectCommandOutput,
  type S3Client,
  S3ServiceException,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';

import { each } from '../core/each';
import type { RawVersion } from '../core/objects';
import type { Found, Objects, Place } from '../core/ports';
import { taggingOf } from '../core/tags';
import { isConflict, isMissing } from './s3';

export type Buckets = Readonly<Record<Place, string>>;

interface CopyLimits {
  /** Bytes from which an object is copied in parts. */
  readonly multipart: number;
}

/** S3 takes 10,000 parts of at least 5 MiB (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html). */
const MOST_PARTS = 10_000;
const LEAST_PART = 8 * 1024 * 1024;

export function s3Objects(client: S3Client, buckets: Buckets, { multipart }: CopyLimits): Objects {
  const find: Objects['find'] = async (place, Key, VersionId) => {
    try {
      return foundOf(await client.send(new HeadObjectCommand({ Bucket: buckets[place], Key, VersionId })));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };
  return {
    rawVersions: () => versionsBelow(client, buckets.raw),
    find,
    versions: async (place, key) => {
      const versions: string[] = [];
      for await (const listed of versionsBelow(client, buckets[place], key)) {
        // keys are listed in order, so behind the first other one there is none of ours
        if (listed.key !== key) break;
        versions.push(listed.version);
      }
      return versions;
    },
    tags: async (place, key, version) => {
      const { TagSet = [] } = await client.send(
        new GetObjectTaggingCommand({ Bucket: buckets[place], Key: key, VersionId: version }),
      );
      return Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]));
    },
    copy: async (from, to, how) => {
      const { found } = from;
      const target = {
        CopySource: sourceOf(buckets[from.place], from.key, found.version),
        Bucket: buckets[to.place],
        Key: to.key,
        Tagging: taggingOf(how.tags),
        ...(how.once ? { IfNoneMatch: '*' } : {}),
      };
      const all = { ...found.headers, Metadata: { ...(how.metadata ?? found.metadata) } };
      try {
        if (found.size >= multipart) return await inParts(client, { ...target, ...all }, found.size);
        const { VersionId } = await client.send(
          new CopyObjectCommand({
            ...target,
            ...(how.metadata === undefined ? {} : { ...all, MetadataDirective: 'REPLACE' }),
            TaggingDirective: 'REPLACE',
          }),
        );
        return named(VersionId);
      } catch (error) {
        // another attempt was quicker
        if (how.once && isConflict(error)) return (await find(to.place, to.key))?.version;
        if (isUnreadable(error)) return undefined;
        throw error;
      }
    },
    remove: async (place, key, version) => {
      await client.send(new DeleteObjectCommand({ Bucket: buckets[place], Key: key, VersionId: version }));
    },
  };
}

/** Versions that are no delete markers, by key, the newest first. */
async function* versionsBelow(client: S3Client, Bucket: string, Prefix?: string): AsyncIterable<RawVersion> {
  let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (next !== undefined) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      // encoded, since XML cannot hold every character that a key can
      new ListObjectVersionsCommand({
        Bucket,
        EncodingType: 'url',
        ...(Prefix === undefined ? {} : { Prefix }),
        ...next,
      }),
    );
    // said by whoever encodes
    const keyOf = page.EncodingType === 'url' ? decoded : (key: string): string => key;
    for (const { Key, VersionId, Size = 0, LastModified } of page.Versions ?? []) {
      if (Key === undefined || VersionId === undefined || LastModified === undefined)
        throw new Error('the listing of a bucket cannot be read');
      yield { key: keyOf(Key), version: named(VersionId), size: Size, uploadedAt: LastModified.getTime() };
    }
    const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
    next =
      IsTruncated !== true || NextKeyMarker === undefined
        ? undefined
        : {
            KeyMarker: keyOf(NextKeyMarker),
            ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }),
          };
  }
}

/** A key as a listing with `encoding-type=url` has it. */
function decoded(key: string): string {
  return decodeURIComponent(key.replaceAll('+', '%20'));
}

/** A copy in parts: where from and to, and what is only said of the whole, at its start or at its end. */
interface Parts extends Pick<CreateMultipartUploadCommandInput, 'Tagging' | 'Metadata'> {
  readonly CopySource: string;
  readonly Bucket: string;
  readonly Key: string;
  readonly IfNoneMatch?: string;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/CopyingObjectsMPUapi.html */
async function inParts(client: S3Client, copy: Parts, size: number): Promise<string> {
  const { CopySource, IfNoneMatch, ...whole } = copy;
  const { Bucket, Key } = whole;
  const length = Math.max(LEAST_PART, Math.ceil(size / MOST_PARTS));
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(whole));
  try {
    const parts: CompletedPart[] = Array.from({ length: Math.ceil(size / length) }, () => ({}));
    await each(parts, async (_, i) => {
      const [from, PartNumber] = [i * length, i + 1];
      const CopySourceRange = `bytes=${from}-${Math.min(from + length, size) - 1}`;
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({ Bucket, Key, UploadId, PartNumber, CopySource, CopySourceRange }),
      );
      parts[i] = { PartNumber, ETag: CopyPartResult?.ETag };
    });
    const { VersionId } = await client.send(
      new CompleteMultipartUploadCommand({
        Bucket,
        Key,
        UploadId,
        MultipartUpload: { Parts: parts },
        IfNoneMatch,
      }),
    );
    return named(VersionId);
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    throw error;
  }
}

/** A bucket, a key of any characters and a version, as the header `x-amz-copy-source` has them. */
function sourceOf(bucket: string, key: string, version: string): string {
  return `${bucket}/${encodeURIComponent(key).replaceAll('%2F', '/')}?versionId=${encodeURIComponent(version)}`;
}

function foundOf(head: HeadObjectCommandOutput): Found {
  const { VersionId, ContentLength = 0, Metadata = {} } = head;
  const { ContentType, ContentEncoding, ContentDisposition, ContentLanguage, CacheControl } = head;
  const headers = { ContentType, ContentEncoding, ContentDisposition, ContentLanguage, CacheControl };
  return {
    version: named(VersionId),
    size: ContentLength,
    metadata: Metadata,
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  };
}

/** @throws Error for a bucket without versions: what was scanned could not be told from what replaced it */
function named(version: string | undefined): string {
  if (version === undefined || version === 'null') throw new Error('a bucket keeps no versions');
  return version;
}

/** Of one object, not of the bucket: in an archive, or under a key that the pipeline may not use. */
function isUnreadable(error: unknown): boolean {
  return (
    error instanceof S3ServiceException &&
    ['InvalidObjectState', 'AccessDenied', 'KMS.DisabledException', 'NoSuchVersion', 'NoSuchKey'].includes(
      error.name,
    )
  );
}
