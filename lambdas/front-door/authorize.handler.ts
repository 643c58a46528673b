/** Lambda authorizer of the REST API: runs the policy of the called operation. */
import { systemClock } from '../_kernel/clock';
import { createLogger } from '../_kernel/log';
import { sessionCheck } from '../cookie-auth/check';
import { cognitoTokens } from './adapters/cognito-tokens';
import { jwksFetcher } from './adapters/jwks-fetcher';
import { readPolicy } from './adapters/policy-file';
import { type CheckKind, frontDoorEnv, type Policy } from './contract';
import { answer, type AuthorizerAnswer } from './core/answer';
import { bearerCheck } from './core/bearer';
import type { Check } from './core/verdict';

const logger = createLogger({ clock: systemClock });
let frontDoor: { policy: Policy; checks: Record<string, Check> } | undefined;

function open(): { policy: Policy; checks: Record<string, Check> } {
  const env = frontDoorEnv.read(process.env);
  const policy = readPolicy(__dirname);
  const verify = cognitoTokens(
    env.USER_POOL_ID,
    env.USER_POOL_CLIENT_IDS.split(' '),
    jwksFetcher(env.AWS_ENDPOINT_URL),
  );
  const make: Readonly<Record<CheckKind, (scheme: string) => Check>> = {
    'cognito-access-token': (scheme) => bearerCheck(scheme, verify),
    'cookie-session': (scheme) => sessionCheck(scheme),
  };
  const checks = Object.entries(policy.schemes).map(
    ([scheme, kind]) => [scheme, make[kind](scheme)] as const,
  );
  return { policy, checks: Object.fromEntries(checks) };
}

export async function handler(event: unknown): Promise<AuthorizerAnswer> {
  const { policy, checks } = (frontDoor ??= open());
  const { decision, answer: result } = await answer(event, policy, checks);
  const { trail, ...fields } = decision;
  logger.info('decision', {
    ...fields,
    checks: trail.map(({ scheme, outcome }) => `${scheme}:${outcome}`).join(' '),
  });
  logger.metric('Decisions', { Verdict: decision.verdict, Reason: decision.reason });
  // API Gateway answers exactly this message with the gateway response UNAUTHORIZED, which is a 403 here: docs/front-door.md
  if (result === 'forbidden') throw new Error('Unauthorized');
  return result;
}
