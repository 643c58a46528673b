/** GET /factors: what the caller can step up with. */
import { listFactors } from '../../generated/operations/listFactors';
import { timestamp } from '../_kernel/clock';
import { atFirstUse } from '../_kernel/env';
import { operationHandler } from '../_kernel/operation';
import { openStepUp } from './adapters/open-step-up';
import { askerOf, noSignIn } from './core/answers';
import { listed } from './core/enrolment';

const parts = atFirstUse(() => openStepUp(__dirname));

export const handler = operationHandler(listFactors, async ({ caller }) => {
  const asker = askerOf(caller);
  if (asker === undefined) return noSignIn();
  const { passkeys, ...factors } = await listed(asker, parts());
  const dated = passkeys.map(({ createdAt, ...passkey }) => ({
    ...passkey,
    createdAt: timestamp(() => createdAt * 1000),
  }));
  return { status: 200, body: { ...factors, passkeys: dated } };
});
