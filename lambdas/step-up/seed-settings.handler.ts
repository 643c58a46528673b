/** Custom resource of the deployment: adds a row for every operation that has none. What operators have set stays. */
import { systemClock, timestamp } from '../_kernel/clock';
import { atFirstUse } from '../_kernel/env';
import { createLogger } from '../_kernel/log';
import { answerCloudFormation } from './adapters/cloudformation-answer';
import { settingTable } from './adapters/setting-table';
import { seedEnv } from './contract';
import { readSeedEvent } from './core/seed-event';

const logger = createLogger();
const table = atFirstUse(() => settingTable(seedEnv.read(process.env).STEP_UP_SETTING_TABLE_NAME));

export async function handler(event: unknown): Promise<void> {
  const request = readSeedEvent(event);
  try {
    const now = timestamp(systemClock);
    for (const seed of request.seeds) await table().seed(seed, now);
    logger.info('settings_seeded', { operations: request.seeds.length });
    await answerCloudFormation(request, 'SUCCESS');
  } catch (cause) {
    logger.error('settings_not_seeded', {}, cause);
    await answerCloudFormation(request, 'FAILED');
  }
}
