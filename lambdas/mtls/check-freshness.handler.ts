/** On a schedule: how old every list in force is and how long it still holds, for the alarms. */
import { systemClock } from '../_kernel/clock';
import { atFirstUse } from '../_kernel/env';
import { createLogger } from '../_kernel/log';
import { manifestsInForce } from './adapters/lists-bucket';
import { s3Client } from './adapters/s3';
import { AGE_METRIC, freshnessEnv, TIME_LEFT_METRIC } from './contract';

const log = createLogger();

const parts = atFirstUse(() => {
  const env = freshnessEnv.read(process.env);
  return { client: s3Client(env.AWS_ENDPOINT_URL !== undefined), bucket: env.LISTS_BUCKET };
});

/** One value per list under the same name: the alarms stand on the oldest and on the one that ends first. */
export async function handler(): Promise<void> {
  const { client, bucket } = parts();
  const now = Math.floor(systemClock() / 1000);
  for (const { name, manifest } of await manifestsInForce(client, bucket)) {
    const age = now - manifest.thisUpdate;
    const left = manifest.nextUpdate === null ? undefined : manifest.nextUpdate - now;
    log.info('list_in_force', { name, age, left });
    log.metric(AGE_METRIC, {}, { value: age, unit: 'Seconds' });
    if (left !== undefined) log.metric(TIME_LEFT_METRIC, {}, { value: left, unit: 'Seconds' });
  }
}
