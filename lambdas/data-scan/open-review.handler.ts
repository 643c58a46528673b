/** Asks reviewers, by mail and event. */
import { atFirstUse } from '../_kernel/env';
import { openRun } from './adapters/open-run';
import type { RunEvent } from './contract';
import { openReview } from './core/release';

const ports = atFirstUse(() => openRun());

export async function handler({ id }: RunEvent): Promise<void> {
  await openReview(id, ports());
}
