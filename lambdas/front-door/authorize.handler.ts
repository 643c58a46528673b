/** Lambda authorizer of the REST API: runs the policy of the called operation. */
import { createLogger } from '../_kernel/log';
import { sessionCheck } from '../cookie-auth/check';
import { openFrontDoor, type FrontDoor } from './adapters/front-door';
import { TROUBLE_METRIC } from './contract';
import { answer, BROKEN, type AuthorizerAnswer, type Outcome } from './core/answer';
import { TROUBLE_REASONS } from './core/verdict';

const logger = createLogger();
let frontDoor: FrontDoor | undefined;

export async function handler(event: unknown): Promise<AuthorizerAnswer> {
  const { decision, answer: result } = await decide(event);
  const { trail, ...fields } = decision;
  const checks = trail.map(({ scheme, outcome }) => `${scheme}:${outcome}`).join(' ');
  logger.info('decision', { ...fields, checks });
  logger.metric('Decisions', { Verdict: decision.verdict, Reason: decision.reason });
  if (TROUBLE_REASONS.some((reason) => reason === decision.reason)) logger.metric(TROUBLE_METRIC, {});
  // API Gateway answers exactly this message with the gateway response UNAUTHORIZED, a 403 here: docs/front-door.md
  if (result === 'forbidden') throw new Error('Unauthorized');
  return result;
}

async function decide(event: unknown): Promise<Outcome> {
  try {
    frontDoor ??= openFrontDoor(process.env, __dirname, {
      'cookie-session': (scheme) => sessionCheck(scheme),
    });
    return await answer(event, frontDoor.policy, frontDoor.checks);
  } catch (cause) {
    logger.error('front_door_broken', {}, cause);
    return BROKEN;
  }
}
