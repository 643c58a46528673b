/** Shuts the review of a run: what nobody decided is denied. */
import { atFirstUse } from '../_kernel/env';
import { openRun } from './adapters/open-run';
import type { RunEvent } from './contract';
import { closeReview } from './core/release';

const ports = atFirstUse(() => openRun());

export async function handler({ id }: RunEvent): Promise<void> {
  await closeReview(id, ports());
}
