/** POST /factors/totp: makes a secret for an authenticator app, which counts once it is confirmed. */
import { enrolTotp } from '../../generated/operations/enrolTotp';
import { atFirstUse } from '../_kernel/env';
import { operationHandler } from '../_kernel/operation';
import { openStepUp } from './adapters/open-step-up';
import { askerOf, insufficient, noSignIn } from './core/answers';
import { beginTotp } from './core/enrolment';

const parts = atFirstUse(() => openStepUp(__dirname));

export const handler = operationHandler(enrolTotp, async ({ caller }) => {
  const asker = askerOf(caller);
  if (asker === undefined) return noSignIn();
  const result = await beginTotp(asker, parts());
  if (!result.ok) return insufficient(result);
  return { status: 200, body: { secret: result.secret, uri: result.uri } };
});
