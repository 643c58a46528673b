/** Lambda authorizer of a REST API or an HTTP API: runs the policy of the called operation. */
import { atFirstUse } from '../_kernel/env';
import { createLogger } from '../_kernel/log';
import { sessionCheck } from '../cookie-auth/check';
import { clientCertificateCheck } from '../mtls/check';
import { stepUpCheck } from '../step-up/check';
import { openFrontDoor, type FrontDoor } from './adapters/front-door';
import { TROUBLE_METRIC } from './contract';
import { answer, broken, type Outcome } from './core/answer';
import type { AuthorizerAnswer } from './core/render';
import { TROUBLE_REASONS } from './core/verdict';

const logger = createLogger();
let frontDoor: FrontDoor | undefined;
const stepUp = atFirstUse(() => stepUpCheck(__dirname));

export async function handler(event: unknown): Promise<Exclude<AuthorizerAnswer, 'thrown'>> {
  const { decision, answer: result } = await decide(event);
  const { trail, ...fields } = decision;
  const checks = trail.map(({ scheme, outcome }) => `${scheme}:${outcome}`).join(' ');
  logger.info('decision', { ...fields, checks });
  logger.metric('Decisions', { Verdict: decision.verdict, Reason: decision.reason });
  if (TROUBLE_REASONS.some((reason) => reason === decision.reason)) logger.metric(TROUBLE_METRIC, {});
  // exactly this message: the gateway response UNAUTHORIZED of a REST API, a 403 here, and 401 of an HTTP API
  if (result === 'thrown') throw new Error('Unauthorized');
  return result;
}

async function decide(event: unknown): Promise<Outcome> {
  try {
    frontDoor ??= openFrontDoor(process.env, __dirname, {
      'cookie-session': (scheme) => sessionCheck(scheme),
      'client-certificate': (scheme) => clientCertificateCheck(scheme),
    });
    const { policy, checks } = frontDoor;
    return await answer(event, policy, checks, policy.stepUp === true ? stepUp() : undefined);
  } catch (cause) {
    logger.error('front_door_broken', {}, cause);
    return broken(event);
  }
}
