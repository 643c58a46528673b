/** On a schedule: fetches the lists of the settings, and uploads those that changed. */
import { atFirstUse } from '../_kernel/env';
import { createLogger } from '../_kernel/log';
import { fetchList } from './adapters/fetched-list';
import { s3Client } from './adapters/s3';
import { lastFetched, uploadList } from './adapters/uploads';
import { FETCH_FAILED_METRIC, fetchEnv } from './contract';
import { fetchSourcesOf } from './core/fetch-sources';

const log = createLogger();
/** Half the time of the function, and a size that fits twice into its memory. */
const LIMITS = { milliseconds: 60_000, maximumBytes: 256 * 1024 * 1024 };

const parts = atFirstUse(() => {
  const env = fetchEnv.read(process.env);
  const client = s3Client(env.AWS_ENDPOINT_URL !== undefined);
  return { client, bucket: env.LISTS_BUCKET, sources: fetchSourcesOf(env.FETCH_SOURCES) };
});

/** @param event `name` of the source that is due; the address comes from the settings alone */
export async function handler(event: { readonly name?: unknown }): Promise<void> {
  const { client, bucket, sources } = parts();
  const source = sources.find(({ name }) => name === event.name);
  if (source === undefined) throw new TypeError('the event names no source of the settings');
  const { name } = source;
  const fetched = await fetchList(source, await lastFetched(client, bucket, name), LIMITS);
  if (fetched.outcome === 'failed') {
    log.error('fetch_failed', { name, reason: fetched.reason, status: fetched.status });
    log.metric(FETCH_FAILED_METRIC, {});
    return;
  }
  if (fetched.outcome === 'changed') await uploadList(client, bucket, name, fetched.bytes, fetched.fetched);
  log.info(`fetch_${fetched.outcome}`, { name });
}
