/** Starts the Macie job of a run. */
import { atFirstUse } from '../_kernel/env';
import { openRun } from './adapters/open-run';
import type { RunEvent } from './contract';
import { startScan } from './core/scan';

const ports = atFirstUse(() => openRun());

export async function handler({ id }: RunEvent): Promise<void> {
  await startScan(id, ports());
}
