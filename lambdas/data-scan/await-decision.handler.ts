/** Keeps the token behind which the state machine waits for a decision. */
import { atFirstUse } from '../_kernel/env';
import { openRun } from './adapters/open-run';
import type { RunEvent } from './contract';
import { awaitDecision } from './core/release';

const ports = atFirstUse(() => openRun());

export async function handler({ id, token }: RunEvent & { readonly token: string }): Promise<void> {
  await awaitDecision(id, token, ports());
}
