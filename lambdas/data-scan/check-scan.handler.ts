/** Asks how far the Macie job of a run is. */
import { atFirstUse } from '../_kernel/env';
import { openRun } from './adapters/open-run';
import type { RunEvent } from './contract';
import { checkScan } from './core/scan';

const ports = atFirstUse(() => openRun());

export async function handler({ id }: RunEvent): Promise<{ id: string; scan: 'running' | 'ended' }> {
  return { id, scan: await checkScan(id, ports()) };
}
