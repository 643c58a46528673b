/** Verifies access tokens of a Cognito user pool with aws-jwt-verify. */
import { createPublicKey, createVerify, type JsonWebKey, type KeyObject } from 'node:crypto';

import { validateCognitoJwtFields } from 'aws-jwt-verify/cognito-verifier';
import {
  CognitoJwtInvalidClientIdError,
  CognitoJwtInvalidTokenUseError,
  FetchError,
  JwkInvalidUseError,
  JwksValidationError,
  JwkValidationError,
  JwtExpiredError,
  JwtInvalidIssuerError,
  JwtInvalidSignatureError,
  JwtNotBeforeError,
  KidNotFoundInJwksError,
  WaitPeriodNotYetEndedJwkError,
} from 'aws-jwt-verify/error';
import { SimpleJwksCache, SimplePenaltyBox, type Jwk, type PenaltyBox } from 'aws-jwt-verify/jwk';
import { decomposeUnverifiedJwt, validateJwtFields } from 'aws-jwt-verify/jwt';

import type { SignIn } from '../../_kernel/caller';
import type { Clock } from '../../_kernel/clock';
import type { TokenVerdict, VerifyAccessToken } from '../core/bearer';
import type { DenyReason } from '../core/verdict';

type DecomposedJwt = ReturnType<typeof decomposeUnverifiedJwt>;
type ErrorClass = abstract new (...args: never[]) => Error;

const INVALID: readonly (readonly [ErrorClass, DenyReason])[] = [
  [JwtExpiredError, 'token_expired'],
  [JwtNotBeforeError, 'token_not_yet_valid'],
  [JwtInvalidSignatureError, 'token_signature_invalid'],
  [JwtInvalidIssuerError, 'token_issuer_unknown'],
  // what the library throws for an issuer it has no configuration for, before it looks at the signature
  [CognitoJwtInvalidClientIdError, 'token_client_unknown'],
  [CognitoJwtInvalidTokenUseError, 'token_use_wrong'],
  [KidNotFoundInJwksError, 'token_key_unknown'],
  [WaitPeriodNotYetEndedJwkError, 'token_key_unknown'],
];

const UNAVAILABLE: readonly ErrorClass[] = [FetchError, JwksValidationError, JwkValidationError];

/** Milliseconds after a failed fetch in which no other is tried. */
const PAUSE_MS = 1_000;
/** Milliseconds after which keys are fetched anew, so that a withdrawn one does not open for as long as a process lives. */
const MAX_AGE_MS = 3_600_000;
/** RFC 7518 section 3.3. */
const MIN_MODULUS_BITS = 2_048;

/**
 * Port for the bearer check.
 *
 * Signature, issuer, `token_use: access`, client id and dates are checked against the pool's key set. It is fetched
 * with the first token, again every hour, and when a token names a key that is not in it: then at most every 10
 * seconds. After a failed fetch, tokens of that issuer whose key is not known are `keys_unavailable` for one second
 * without another
 * (https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html).
 *
 * @param options.userPoolId `<region>_<id>`
 * @param options.clientIds app clients whose tokens are accepted; at least one
 * @param options.fetcher reads the key set
 */
export function cognitoTokens(options: CognitoTokens): VerifyAccessToken {
  const { clock } = options;
  const pauses = pausesOf(clock);
  const make = (): { verifier: Verifier; goodUntil: number } => ({
    verifier: verifierFor(options, pauses),
    goodUntil: clock() + MAX_AGE_MS,
  });
  let current = make();
  return async (token) => {
    if (clock() >= current.goodUntil) current = make();
    try {
      return tokenOf(await current.verifier.verify(token));
    } catch (error) {
      if (!isUnavailable(error)) return refused(reasonOf(error));
      return { ok: false, failure: 'unavailable', reason: 'keys_unavailable' };
    }
  };
}

interface CognitoTokens {
  readonly userPoolId: string;
  readonly clientIds: readonly string[];
  readonly fetcher: { fetch(uri: string): Promise<ArrayBuffer> };
  readonly clock: Clock;
}

interface Verifier {
  verify(token: string): Promise<Readonly<Record<string, unknown>>>;
}

/**
 * The library's rules for key sets and claims around a signature check of our own: the library hands node:crypto an
 * options object where a bare KeyObject will do, which costs more than half of the check on Node.js 24.
 */
function verifierFor({ userPoolId, clientIds, fetcher }: CognitoTokens, pauses: Pauses): Verifier {
  const issuers = issuersOf(userPoolId);
  const keySets = new SimpleJwksCache({
    fetcher: { fetch: (uri) => fetched(fetcher.fetch(uri)) },
    penaltyBox: penaltyBox(pauses),
  });
  // by the very object of the key set: a set that was fetched anew has none of the old keys
  const keys = new WeakMap<Jwk, KeyObject>();
  const keyFor = async (jwt: DecomposedJwt): Promise<KeyObject> => {
    const uri = `${jwt.payload.iss ?? ''}/.well-known/jwks.json`;
    try {
      const jwk = await keySets.getJwk(uri, jwt);
      const key = keys.get(jwk) ?? keyOf(jwk);
      keys.set(jwk, key);
      return key;
    } catch (error) {
      if (isUnavailable(error)) pauses.begin(uri);
      throw error;
    }
  };
  return {
    verify: async (token) => {
      const jwt = decomposeUnverifiedJwt(token);
      const { payload } = jwt;
      // before anything is fetched
      if (!issuers.includes(payload.iss ?? ''))
        throw new JwtInvalidIssuerError('issuer', payload.iss, issuers);
      const key = await keyFor(jwt);
      const signed = createVerify('RSA-SHA256').update(`${jwt.headerB64}.${jwt.payloadB64}`);
      if (!signed.verify(key, jwt.signatureB64, 'base64url')) throw new JwtInvalidSignatureError('signature');
      validateJwtFields(payload, { issuer: issuers, audience: null, scope: null });
      validateCognitoJwtFields(payload, { tokenUse: 'access', clientId: [...clientIds] });
      return payload;
    },
  };
}

/** Both forms of the issuer that a pool's tokens may name; each has a key set of its own. */
function issuersOf(userPoolId: string): string[] {
  const [region = ''] = userPoolId.split('_');
  return ['cognito-idp', 'issuer-cognito-idp'].map(
    (host) => `https://${host}.${region}.amazonaws.com/${userPoolId}`,
  );
}

/** @throws JwkInvalidUseError for a key that is not for RS256 signatures, JwkValidationError for one that is none */
function keyOf(jwk: Jwk): KeyObject {
  const { kty, use = 'sig', alg = 'RS256', key_ops: operations = ['verify'] } = jwk;
  // RFC 7517 sections 4.2 to 4.4
  const verifies = Array.isArray(operations) && operations.includes('verify');
  if (kty !== 'RSA' || use !== 'sig' || alg !== 'RS256' || !verifies) {
    throw new JwkInvalidUseError('JWK', [kty, use, alg].join(' '), 'RSA sig RS256');
  }
  try {
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    if ((key.asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_MODULUS_BITS) return key;
  } catch (cause) {
    throw new JwkValidationError(`not an RSA key: ${(cause as Error).name}`);
  }
  throw new JwkValidationError(`an RSA key of less than ${MIN_MODULUS_BITS} bits`);
}

/** Pauses after failed fetches, of each key set by itself: one that cannot be had must not hold up the other. */
interface Pauses {
  readonly holds: (uri: string) => boolean;
  readonly begin: (uri: string) => void;
}

function pausesOf(clock: Clock): Pauses {
  const ends = new Map<string, number>();
  const holds = (uri: string): boolean => clock() < (ends.get(uri) ?? 0);
  return {
    holds,
    begin: (uri) => {
      if (!holds(uri)) ends.set(uri, clock() + PAUSE_MS);
    },
  };
}

/** The library's pause after unknown key ids, and ours after failed fetches. */
function penaltyBox(pauses: Pauses): PenaltyBox {
  const unknownKeys = new SimplePenaltyBox();
  return {
    wait: async (uri) => {
      if (pauses.holds(uri)) throw new FetchError(uri, 'paused after a failed fetch');
      await unknownKeys.wait(uri);
    },
    registerFailedAttempt: (uri) => {
      unknownKeys.registerFailedAttempt(uri);
    },
    registerSuccessfulAttempt: (uri) => {
      unknownKeys.registerSuccessfulAttempt(uri);
    },
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

function tokenOf(claims: Readonly<Record<string, unknown>>): TokenVerdict {
  const { sub, client_id: clientId, scope, exp, 'cognito:groups': groups } = claims;
  // the library checks `exp` only where there is one: a token without it would be good for ever
  if (typeof exp !== 'number' || !isText(sub) || !isText(clientId)) return refused('token_claims_invalid');
  // bound to a key that nobody asks for here: what is so is not good as a bearer token (RFC 9449 section 7.2, RFC 8705
  // section 3)
  if (claims['cnf'] !== undefined) return refused('token_claims_invalid');
  const session = signInOf(claims, exp);
  return {
    ok: true,
    token: {
      subject: sub,
      clientId,
      scopes: isText(scope) ? scope.split(' ').filter((name) => name !== '') : [],
      groups: Array.isArray(groups) ? groups.filter(isText) : [],
      ...(session === undefined ? {} : { session }),
    },
  };
}

/** The sign-in a token tells of, with its level and time where it says them (RFC 9470 section 6.2). */
function signInOf(
  { jti, auth_time: authTime, acr }: Readonly<Record<string, unknown>>,
  exp: number,
): SignIn | undefined {
  if (!isText(jti) || !/^[\w-]{16,64}$/.test(jti)) return undefined;
  return {
    id: jti,
    endsAt: Math.floor(exp),
    ...(typeof authTime === 'number' ? { authTime: Math.floor(authTime) } : {}),
    ...(isText(acr) ? { acr } : {}),
  };
}

function isUnavailable(error: unknown): boolean {
  return UNAVAILABLE.some((type) => error instanceof type);
}

function reasonOf(error: unknown): DenyReason {
  return INVALID.find(([type]) => error instanceof type)?.[1] ?? 'token_claims_invalid';
}

function refused(reason: DenyReason): TokenVerdict {
  return { ok: false, failure: 'invalid', reason };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
