/** POST /factors/passkeys/confirm: makes a passkey the caller’s, once it has answered. */
import { confirmPasskey } from '../../generated/operations/confirmPasskey';
import { atFirstUse } from '../_kernel/env';
import { operationHandler } from '../_kernel/operation';
import { lateVerifier } from './adapters/late-verifier';
import { openStepUp } from './adapters/open-step-up';
import { askerOf, challengeFailed, noPasskeys, noSignIn } from './core/answers';
import { confirmPasskey as confirm } from './core/enrolment';

const parts = atFirstUse(() => ({ ...openStepUp(__dirname), verifier: lateVerifier }));

export const handler = operationHandler(confirmPasskey, async ({ caller, body }) => {
  const asker = askerOf(caller);
  if (asker === undefined) return noSignIn();
  const result = await confirm(asker, body, parts());
  if (result === 'not_offered') return noPasskeys();
  if (!result.ok) return challengeFailed();
  return { status: 200, body: { id: result.id, usableNow: result.usableNow } };
});
