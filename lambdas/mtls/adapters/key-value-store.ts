/** Reads and writes a key value store of CloudFront, whose requests are signed for every Region. */
import '@aws-sdk/signature-v4a';

import {
  CloudFrontKeyValueStoreClient,
  DescribeKeyValueStoreCommand,
  ListKeysCommand,
  UpdateKeysCommand,
} from '@aws-sdk/client-cloudfront-keyvaluestore';

import type { StoreChange } from '../core/elsewhere';

/** Keys of one update (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html). */
const BATCH = 50;

/** Bounded in time: 3 attempts of at most 5 s each. */
export function keyValueStoreClient(): CloudFrontKeyValueStoreClient {
  return new CloudFrontKeyValueStoreClient({
    maxAttempts: 3,
    // without throwOnRequestTimeout the SDK only writes a warning when the time is over
    requestHandler: { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true },
  });
}

/** Keys and values of a store, and the version they are of. */
export async function readStore(
  client: CloudFrontKeyValueStoreClient,
  KvsARN: string,
): Promise<{ readonly etag: string; readonly present: ReadonlyMap<string, string> }> {
  const { ETag } = await client.send(new DescribeKeyValueStoreCommand({ KvsARN }));
  if (ETag === undefined) throw new Error('the key value store has no version');
  const present = new Map<string, string>();
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListKeysCommand({ KvsARN, NextToken, MaxResults: BATCH }));
    for (const { Key = '', Value = '' } of page.Items ?? []) present.set(Key, Value);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return { etag: ETag, present };
}

/**
 * Writes what changed, new revocations first.
 *
 * @param etag of the store that the change was made for; another writer since then makes it throw, and all is tried anew
 */
export async function writeStore(
  client: CloudFrontKeyValueStoreClient,
  KvsARN: string,
  etag: string,
  { puts, deletes }: StoreChange,
): Promise<void> {
  let IfMatch = etag;
  const update = async (changes: object): Promise<void> => {
    const { ETag } = await client.send(new UpdateKeysCommand({ KvsARN, IfMatch, ...changes }));
    if (ETag === undefined) throw new Error('the key value store has no version');
    IfMatch = ETag;
  };
  const items = [...puts].map(([Key, Value]) => ({ Key, Value }));
  for (let at = 0; at < items.length; at += BATCH) await update({ Puts: items.slice(at, at + BATCH) });
  const keys = deletes.map((Key) => ({ Key }));
  for (let at = 0; at < keys.length; at += BATCH) await update({ Deletes: keys.slice(at, at + BATCH) });
}
