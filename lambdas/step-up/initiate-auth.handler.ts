/** POST /initiate-auth: opens a challenge for a request that the client wants to make. */
import { initiateAuth } from '../../generated/operations/initiateAuth';
import { timestamp } from '../_kernel/clock';
import { atFirstUse } from '../_kernel/env';
import { problem } from '../_kernel/http';
import { operationHandler } from '../_kernel/operation';
import { openStepUp } from './adapters/open-step-up';
import { askerOf, noSignIn, tooMany } from './core/answers';
import { initiate } from './core/step-up';

const parts = atFirstUse(() => openStepUp(__dirname));

export const handler = operationHandler(initiateAuth, async ({ caller, body }) => {
  const asker = askerOf(caller);
  if (asker === undefined) return noSignIn();
  const result = await initiate(asker, body, parts());
  if (result.ok) {
    const signIn = result.signIn === undefined ? {} : { signIn: result.signIn };
    if (!('challengeId' in result)) return { status: 200, body: { code: result.code, ...signIn } };
    const { code, challengeId, expiresAt, sentTo, publicKey } = result;
    const how = {
      ...(sentTo === undefined ? {} : { sentTo }),
      ...(publicKey === undefined ? {} : { publicKey }),
    };
    const until = timestamp(() => expiresAt * 1000);
    return { status: 200, body: { code, challengeId, expiresAt: until, ...how, ...signIn } };
  }
  if (result.status === 429) return tooMany(result.retryAfter);
  if (result.status === 404) return problem(404, { detail: 'no operation has this method and path' });
  const message = 'must be a Content-Digest with sha-256';
  return problem(400, { errors: [{ in: 'body', field: '/contentDigest', message }] });
});
