/** POST /factors/passkeys: what a browser asks an authenticator for, to make a passkey that counts once it is confirmed. */
import { enrolPasskey } from '../../generated/operations/enrolPasskey';
import { atFirstUse } from '../_kernel/env';
import { problem } from '../_kernel/http';
import { operationHandler } from '../_kernel/operation';
import { openStepUp } from './adapters/open-step-up';
import { askerOf, insufficient, noPasskeys, noSignIn } from './core/answers';
import { beginPasskey } from './core/enrolment';

const parts = atFirstUse(() => openStepUp(__dirname));

export const handler = operationHandler(enrolPasskey, async ({ caller }) => {
  const asker = askerOf(caller);
  if (asker === undefined) return noSignIn();
  const result = await beginPasskey(asker, parts());
  if (result === 'not_offered') return noPasskeys();
  if (result === 'too_many') return problem(409, { detail: 'too many passkeys; remove one first' });
  return result.ok ? { status: 200, body: { publicKey: result.publicKey } } : insufficient(result);
});
