/** The front door in this process: the real core with the real adapters, its keys read from a server on loopback. */
import type { Clock } from '../../lambdas/_kernel/clock';
import { cognitoTokens } from '../../lambdas/front-door/adapters/cognito-tokens';
import { jwksFetcher } from '../../lambdas/front-door/adapters/jwks-fetcher';
import type { Policy } from '../../lambdas/front-door/contract';
import { answer, type Outcome } from '../../lambdas/front-door/core/answer';
import { bearerCheck } from '../../lambdas/front-door/core/bearer';
import { authorizerEvent, POLICY } from './events';
import { CLIENT, POOL } from './tokens';

export interface Door {
  (event: unknown): Promise<Outcome>;
  /** Asks for `GET /widgets` with a token. */
  readonly withToken: (token: string) => Promise<Outcome>;
}

/**
 * A door that has fetched no key yet.
 *
 * @param clock what the door takes for the time; tokens are still judged by the real one
 */
export function openDoor(keysFrom: string, policy: Policy = POLICY, clock: Clock = Date.now): Door {
  const fetcher = jwksFetcher(keysFrom);
  const verify = cognitoTokens({ userPoolId: POOL, clientIds: [CLIENT], fetcher, clock });
  const checks = { cognito: bearerCheck('cognito', verify) };
  const ask = (event: unknown): Promise<Outcome> => answer(event, policy, checks);
  return Object.assign(ask, { withToken: (token: string) => ask(authorizerEvent({ token })) });
}
