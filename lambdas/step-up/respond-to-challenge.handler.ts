/** POST /respond-to-challenge: looks at the answer to a challenge, and keeps the step-up when it is right. */
import { respondToChallenge } from '../../generated/operations/respondToChallenge';
import { timestamp } from '../_kernel/clock';
import { atFirstUse } from '../_kernel/env';
import { problem } from '../_kernel/http';
import { operationHandler } from '../_kernel/operation';
import { lateVerifier } from './adapters/late-verifier';
import { openStepUp } from './adapters/open-step-up';
import { askerOf, challengeFailed, noSignIn, tooMany } from './core/answers';
import { respond } from './core/step-up';

const parts = atFirstUse(() => ({ ...openStepUp(__dirname), verifier: lateVerifier }));

export const handler = operationHandler(respondToChallenge, async ({ caller, body }) => {
  const asker = askerOf(caller);
  if (asker === undefined) return noSignIn();
  const { challengeId, 'challenge-response': code, assertion, 'step-up-type': claimed } = body;
  const answer = code ?? assertion;
  if (answer === undefined || (code !== undefined && assertion !== undefined)) {
    const message = 'give either challenge-response or assertion';
    return problem(400, { errors: [{ in: 'body', field: '', message }] });
  }
  const result = await respond(asker, { challengeId, answer, claimed }, parts());
  if (!result.ok) return result.status === 429 ? tooMany(result.retryAfter) : challengeFailed();
  const { acr, amr, authTime, ttl } = result.elevation;
  return {
    status: 200,
    body: {
      name: 'Status',
      details: 'Challenge Successful',
      acr,
      amr: [...amr],
      authTime: timestamp(() => authTime * 1000),
      expiresAt: timestamp(() => ttl * 1000),
    },
  };
});
