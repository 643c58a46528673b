/** POST /factors/totp/confirm: makes the pending secret the caller’s, once a code of it is right. */
import { confirmTotp } from '../../generated/operations/confirmTotp';
import { atFirstUse } from '../_kernel/env';
import { operationHandler } from '../_kernel/operation';
import { openStepUp } from './adapters/open-step-up';
import { askerOf, challengeFailed, noSignIn, tooMany } from './core/answers';
import { confirmTotp as confirm } from './core/enrolment';

const parts = atFirstUse(() => openStepUp(__dirname));

export const handler = operationHandler(confirmTotp, async ({ caller, body }) => {
  const asker = askerOf(caller);
  if (asker === undefined) return noSignIn();
  const result = await confirm(asker, body.code, parts());
  if (result.ok) return { status: 200, body: { usableNow: result.usableNow } };
  return result.status === 429 ? tooMany(result.retryAfter) : challengeFailed();
});
