/** Gives each object of a run its verdict, from the results that Macie has written. */
import { atFirstUse } from '../_kernel/env';
import { createLogger } from '../_kernel/log';
import { openRun } from './adapters/open-run';
import { type RunEvent, UNKNOWN_METRIC } from './contract';
import { judge, runOf } from './core/scan';

const log = createLogger();
const ports = atFirstUse(() => openRun());

export async function handler({
  id,
}: RunEvent): Promise<{ id: string; results: 'waiting' | 'complete'; review: number }> {
  const judged = await judge(id, ports());
  if (judged === 'waiting') return { id, results: 'waiting', review: 0 };
  const { counts } = await runOf(id, ports());
  const unknown = counts?.byVerdict['UNKNOWN'] ?? 0;
  if (unknown > 0) log.metric(UNKNOWN_METRIC, {}, { value: unknown, unit: 'Count' });
  return { id, results: 'complete', review: judged.review };
}
