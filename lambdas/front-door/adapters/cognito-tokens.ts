/** Verifies access tokens of a Cognito user pool with aws-jwt-verify. */
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import {
  CognitoJwtInvalidClientIdError,
  CognitoJwtInvalidTokenUseError,
  FetchError,
  JwksValidationError,
  JwkValidationError,
  JwtExpiredError,
  JwtInvalidIssuerError,
  JwtInvalidSignatureError,
  JwtNotBeforeError,
  KidNotFoundInJwksError,
  ParameterValidationError,
  WaitPeriodNotYetEndedJwkError,
} from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';

import type { TokenVerdict, VerifyAccessToken } from '../core/bearer';
import type { Reason } from '../core/verdict';

type ErrorClass = abstract new (...args: never[]) => Error;

const INVALID: readonly (readonly [ErrorClass, Reason])[] = [
  [JwtExpiredError, 'token_expired'],
  [JwtNotBeforeError, 'token_not_yet_valid'],
  [JwtInvalidSignatureError, 'token_signature_invalid'],
  [JwtInvalidIssuerError, 'token_issuer_unknown'],
  // what the library throws for an issuer it has no configuration for, before it looks at the signature
  [ParameterValidationError, 'token_issuer_unknown'],
  [CognitoJwtInvalidClientIdError, 'token_client_unknown'],
  [CognitoJwtInvalidTokenUseError, 'token_use_wrong'],
  [KidNotFoundInJwksError, 'token_key_unknown'],
  [WaitPeriodNotYetEndedJwkError, 'token_key_unknown'],
];

const UNAVAILABLE: readonly ErrorClass[] = [FetchError, JwksValidationError, JwkValidationError];

/**
 * Port for the bearer check.
 *
 * Signature, issuer, `token_use: access`, client id and dates are checked against the pool's key set, which is fetched
 * once and again when a key id is not in it, at most every 10 seconds
 * (https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html).
 *
 * @param userPoolId `<region>_<id>`
 * @param clientIds app clients whose tokens are accepted; at least one
 * @param fetcher reads the key set
 */
export function cognitoTokens(
  userPoolId: string,
  clientIds: readonly string[],
  fetcher: { fetch(uri: string): Promise<ArrayBuffer> },
): VerifyAccessToken {
  const verifier = CognitoJwtVerifier.create(
    { userPoolId, tokenUse: 'access', clientId: [...clientIds] },
    { jwksCache: new SimpleJwksCache({ fetcher: { fetch: (uri) => fetched(fetcher.fetch(uri)) } }) },
  );
  return async (token) => {
    try {
      const claims = await verifier.verify(token);
      const groups: unknown = claims['cognito:groups'];
      // the library checks `exp` only where there is one: a token without it would be good for ever
      const dated = typeof (claims.exp as unknown) === 'number';
      if (!dated || !isText(claims.sub) || !isText(claims.client_id)) return refused('token_claims_invalid');
      return {
        ok: true,
        token: {
          subject: claims.sub,
          clientId: claims.client_id,
          scopes: isText(claims.scope) ? claims.scope.split(' ').filter((scope) => scope !== '') : [],
          groups: Array.isArray(groups) ? groups.filter(isText) : [],
        },
      };
    } catch (error) {
      return verdictOf(error);
    }
  };
}

/** Whatever goes wrong while fetching is the key set's fault, not the token's. */
async function fetched(body: Promise<ArrayBuffer>): Promise<ArrayBuffer> {
  try {
    return await body;
  } catch (cause) {
    throw new FetchError('key set', cause);
  }
}

function verdictOf(error: unknown): TokenVerdict {
  if (UNAVAILABLE.some((type) => error instanceof type)) {
    return { ok: false, failure: 'unavailable', reason: 'keys_unavailable' };
  }
  return refused(INVALID.find(([type]) => error instanceof type)?.[1] ?? 'token_claims_invalid');
}

function refused(reason: Reason): TokenVerdict {
  return { ok: false, failure: 'invalid', reason };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
