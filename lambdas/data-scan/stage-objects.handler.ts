/** One page of a run: its versions are copied to the scan bucket and removed from the raw one. */
import { atFirstUse } from '../_kernel/env';
import { openRun } from './adapters/open-run';
import type { PageEvent } from './contract';
import { stagePage } from './core/scan';

const ports = atFirstUse(() => openRun());

export async function handler({ id, page }: PageEvent): Promise<void> {
  await stagePage(id, page, ports());
}
