/** The policy beside the bundle with the checks it needs, made from the environment. */
import { systemClock } from '../../_kernel/clock';
import { atFirstUse } from '../../_kernel/env';
import { EnvironmentError } from '../../_kernel/env';
import { frontDoorEnv, type CheckKind, type Policy } from '../contract';
import { bearerCheck, type VerifyAccessToken } from '../core/bearer';
import type { Check } from '../core/verdict';
import { cognitoTokens } from './cognito-tokens';
import { jwksFetcher } from './jwks-fetcher';
import { readPolicy } from './policy-file';

export interface FrontDoor {
  readonly policy: Policy;
  /** The check of every scheme of the policy. */
  readonly checks: Readonly<Record<string, Check>>;
}

/** Makes the check of one scheme, by the scheme's name. */
type MakeCheck = (scheme: string) => Check;

/**
 * @param env usually `process.env`
 * @param directory folder of the deployed bundle
 * @param others checks of other capabilities, by their kind
 * @throws EnvironmentError for a missing or malformed variable; whatever reading the policy throws
 */
export function openFrontDoor(
  env: Readonly<Record<string, string | undefined>>,
  directory: string,
  others: Readonly<Record<Exclude<CheckKind, 'cognito-access-token'>, MakeCheck>>,
): FrontDoor {
  const settings = frontDoorEnv.read(env);
  const policy = readPolicy(directory);
  const verify = atFirstUse(() => accessTokens(settings));
  const makers: Readonly<Record<CheckKind, MakeCheck>> = {
    'cognito-access-token': (scheme) => bearerCheck(scheme, verify()),
    ...others,
  };
  const checks = Object.entries(policy.schemes).map(
    ([scheme, kind]) => [scheme, makers[kind](scheme)] as const,
  );
  return { policy, checks: Object.fromEntries(checks) };
}

/** @throws EnvironmentError where the policy asks for tokens and the environment names no pool */
function accessTokens({
  USER_POOL_ID,
  USER_POOL_CLIENT_IDS,
  AWS_ENDPOINT_URL,
}: ReturnType<typeof frontDoorEnv.read>): VerifyAccessToken {
  if (USER_POOL_ID === undefined || USER_POOL_CLIENT_IDS === undefined) {
    const missing = { USER_POOL_ID, USER_POOL_CLIENT_IDS };
    throw new EnvironmentError(
      Object.entries(missing)
        .filter(([, value]) => value === undefined)
        .map(([key]) => ({ key, expected: 'a user pool and its clients', reason: 'missing' })),
    );
  }
  return cognitoTokens({
    userPoolId: USER_POOL_ID,
    clientIds: USER_POOL_CLIENT_IDS.split(' '),
    fetcher: jwksFetcher(AWS_ENDPOINT_URL),
    clock: systemClock,
  });
}
