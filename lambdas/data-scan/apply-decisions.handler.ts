/** One page of reviewed objects: what was approved is released, what was denied is deleted or kept. */
import { atFirstUse } from '../_kernel/env';
import { openRun } from './adapters/open-run';
import type { PageEvent } from './contract';
import { applyPage } from './core/release';

const ports = atFirstUse(() => openRun());

export async function handler({ id, page }: PageEvent): Promise<void> {
  await applyPage(id, page, ports());
}
