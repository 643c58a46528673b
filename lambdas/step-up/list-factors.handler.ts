/** GET /factors: what the caller can step up with. */
import { listFactors } from '../../generated/operations/listFactors';
import { atFirstUse } from '../_kernel/env';
import { operationHandler } from '../_kernel/operation';
import { openStepUp } from './adapters/open-step-up';
import { askerOf, noSignIn } from './core/answers';
import { listed } from './core/enrolment';

const parts = atFirstUse(() => openStepUp(__dirname));

export const handler = operationHandler(listFactors, async ({ caller }) => {
  const asker = askerOf(caller);
  return asker === undefined ? noSignIn() : { status: 200, body: await listed(asker, parts()) };
});
