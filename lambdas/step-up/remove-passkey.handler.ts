/** DELETE /factors/passkeys/{passkeyId}: a passkey that is lost, or wanted no more. */
import { removePasskey } from '../../generated/operations/removePasskey';
import { atFirstUse } from '../_kernel/env';
import { problem } from '../_kernel/http';
import { operationHandler } from '../_kernel/operation';
import { openStepUp } from './adapters/open-step-up';
import { askerOf, insufficient, noSignIn } from './core/answers';
import { removePasskey as remove } from './core/enrolment';

const parts = atFirstUse(() => openStepUp(__dirname));

export const handler = operationHandler(removePasskey, async ({ caller, params }) => {
  const asker = askerOf(caller);
  if (asker === undefined) return noSignIn();
  const result = await remove(asker, params.passkeyId, parts());
  if (result === 'unknown') return problem(404, { detail: 'none of the caller’s passkeys has this id' });
  return result.ok ? { status: 204 } : insufficient(result);
});
