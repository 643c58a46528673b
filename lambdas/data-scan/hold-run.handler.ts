/** A run stopped on the way, by an error of a step or because its execution was ended: it is held, and somebody told. */
import { atFirstUse } from '../_kernel/env';
import { createLogger } from '../_kernel/log';
import { openRun } from './adapters/open-run';
import { HELD_METRIC } from './contract';
import { holdRun } from './core/hold';
import { stopOf } from './core/stop';

const log = createLogger();
const ports = atFirstUse(() => openRun());

export async function handler(event: unknown): Promise<void> {
  const stop = stopOf(event);
  if (stop === undefined) return;
  if (!(await holdRun(stop, ports()))) return;
  log.error('run_held', { run: stop.id, cause_name: stop.error });
  log.metric(HELD_METRIC, {});
}
