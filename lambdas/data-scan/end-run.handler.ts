/** Last step: tells what became of the objects. */
import { atFirstUse } from '../_kernel/env';
import { createLogger } from '../_kernel/log';
import { openRun } from './adapters/open-run';
import { type RunEvent, UNANSWERED_METRIC } from './contract';
import { endRun } from './core/release';

const log = createLogger();
const ports = atFirstUse(() => openRun());

export async function handler({ id }: RunEvent): Promise<{ id: string; outcomes: Record<string, number> }> {
  const outcomes = await endRun(id, ports());
  const unanswered = outcomes['unanswered'] ?? 0;
  if (unanswered > 0) log.metric(UNANSWERED_METRIC, {}, { value: unanswered, unit: 'Count' });
  return { id, outcomes: { ...outcomes } };
}
