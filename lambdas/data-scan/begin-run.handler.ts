/** First step: takes on what is in the raw bucket, or goes on with a run that was held. */
import { atFirstUse } from '../_kernel/env';
import { openRun } from './adapters/open-run';
import { beginRun, type Begun } from './core/begin';

const ports = atFirstUse(() => openRun());

export async function handler(event: { readonly id?: unknown; readonly execution: string }): Promise<Begun> {
  return beginRun(event.id, event.execution, ports());
}
