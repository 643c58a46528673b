/** Puts the lists in force together for one deployed environment. */
import { systemClock } from '../../_kernel/clock';
import { createLogger } from '../../_kernel/log';
import type { CheckSettings } from '../contract';
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
      logger.metric('RevocationListReads', { Failed: what });
    },
  });
}
