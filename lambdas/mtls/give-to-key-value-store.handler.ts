/** A list was published: a key value store of CloudFront gets its entries. */
import { atFirstUse } from '../_kernel/env';
import { createLogger } from '../_kernel/log';
import { readInForce } from './adapters/in-force';
import { keyValueStoreClient, readStore, writeStore } from './adapters/key-value-store';
import { readIndex } from './adapters/lists-bucket';
import { s3Client } from './adapters/s3';
import { ELSEWHERE_REFUSED_METRIC, keyValueStoreEnv, nameOfManifest } from './contract';
import { storeChange } from './core/elsewhere';
import { keyOf } from './core/upload';

const log = createLogger();

const parts = atFirstUse(() => {
  const env = keyValueStoreEnv.read(process.env);
  const s3 = s3Client(env.AWS_ENDPOINT_URL !== undefined);
  return { s3, stores: keyValueStoreClient(), bucket: env.LISTS_BUCKET, store: env.KEY_VALUE_STORE_ARN };
});

/** A list that the store cannot take is said and counted; trouble throws and is tried again. */
export async function handler(event: unknown): Promise<void> {
  const { s3, stores, bucket, store } = parts();
  const name = nameOfManifest(keyOf(event) ?? '');
  const inForce = name === undefined ? undefined : await readInForce(s3, bucket, name);
  if (name === undefined || inForce === undefined) return;
  const { manifest } = inForce;
  const { etag, present } = await readStore(stores, store);
  const change = storeChange(manifest, await readIndex(s3, bucket, manifest), present);
  if (typeof change === 'string') {
    log.error('key_value_store_refused', { name, reason: change });
    log.metric(ELSEWHERE_REFUSED_METRIC, {});
    return;
  }
  await writeStore(stores, store, etag, change);
  log.info('key_value_store_has_list', { name, puts: change.puts.size, deletes: change.deletes.length });
}
