/** DELETE /factors/totp: forgets the authenticator app. */
import { removeTotp } from '../../generated/operations/removeTotp';
import { atFirstUse } from '../_kernel/env';
import { problem } from '../_kernel/http';
import { operationHandler } from '../_kernel/operation';
import { openStepUp } from './adapters/open-step-up';
import { askerOf, insufficient, noSignIn } from './core/answers';
import { removeTotp as remove } from './core/removal';

const parts = atFirstUse(() => openStepUp(__dirname));

export const handler = operationHandler(removeTotp, async ({ caller }) => {
  const asker = askerOf(caller);
  if (asker === undefined) return noSignIn();
  const result = await remove(asker, parts());
  if (result === 'unknown') return problem(404, { detail: 'there is no authenticator app' });
  return result.ok ? { status: 204 } : insufficient(result);
});
