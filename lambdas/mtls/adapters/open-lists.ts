/** Puts the lists in force together for one deployed environment. */
import { systemClock } from '../../_kernel/clock';
import { createLogger, type Measure } from '../../_kernel/log';
import { IN_USE_METRIC, READS_FAILED_METRIC, TIME_TO_REVOKE_METRIC, type CheckSettings } from '../contract';
import { ListsInForce } from '../core/lists';
import { timeRules } from '../core/rules';
import { listStore } from './list-store';

export function openLists(settings: CheckSettings): ListsInForce {
  const logger = createLogger();
  const store = listStore({ bucket: settings.LISTS_BUCKET, memoryMiB: settings.INDEX_MEMORY_MIB });
  return new ListsInForce(store, {
    rules: timeRules(settings),
    revalidateAfter: settings.REVALIDATE_SECONDS * 1000,
    maximumStale: settings.MAXIMUM_STALE_SECONDS * 1000,
    clock: systemClock,
    onTrouble: (what, cause) => {
      logger.error('lists_unreadable', { what }, cause);
      logger.metric(READS_FAILED_METRIC, {});
    },
    onReplaced: ({ thisUpdate }, publishedAt, lastAnswer) => {
      logger.metric(IN_USE_METRIC, {}, seconds(lastAnswer - publishedAt));
      logger.metric(TIME_TO_REVOKE_METRIC, {}, seconds(lastAnswer - thisUpdate * 1000));
    },
  });
}

/** Never below 0, which a CA whose clock is ahead would make it. */
function seconds(milliseconds: number): Measure {
  return { value: Math.max(0, milliseconds / 1000), unit: 'Seconds' };
}
