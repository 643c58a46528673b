/** One page of a run: what may be released is, the rest goes to the reviewers' bucket. */
import { atFirstUse } from '../_kernel/env';
import { openRun } from './adapters/open-run';
import type { PageEvent } from './contract';
import { movePage } from './core/release';

const ports = atFirstUse(() => openRun());

export async function handler({ id, page }: PageEvent): Promise<void> {
  await movePage(id, page, ports());
}
