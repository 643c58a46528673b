/** What a provider grants, and what is made of its tokens once their signatures have been checked. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Who signed in and how, as verified tokens say. */
export interface Identity {
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly groups: readonly string[];
  /** Level, methods and time of the sign-in (OpenID Connect Core section 2); a refresh never changes them. */
  readonly acr?: string;
  readonly amr?: readonly string[];
  /** Epoch seconds. */
  readonly authTime?: number;
}

export interface Grant {
  readonly identity: Identity;
  /** Epoch milliseconds. */
  readonly accessExpiresAt: number;
  /** What ends the grant at the provider (RFC 7009): the refresh token, or the access token where there is none. */
  readonly refreshToken?: string;
  readonly accessToken?: string;
  /** `sid` of a login's id token: the session at the provider, of which a logout token may speak. */
  readonly providerSession?: string;
}

/**
 * Why there is no grant:
 * - `refused`: the provider does not honour the code or the refresh token any more (RFC 6749 section 5.2, invalid_grant)
 * - `unverified`: the tokens are not what they must be
 * - `slow`, `unavailable`: no answer in time, or none that says anything
 * - `misconfigured`: the provider does not know this client, its secret or its request
 */
export type GrantFailure = 'refused' | 'unverified' | 'slow' | 'unavailable' | 'misconfigured';

export type GrantResult =
  { readonly ok: true; readonly grant: Grant } | { readonly ok: false; readonly failure: GrantFailure };

/** A successful answer of a token endpoint (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3). */
export interface TokenAnswer {
  readonly accessToken: string;
  readonly idToken?: string;
  readonly refreshToken?: string;
  readonly expiresIn: number;
  readonly scope?: string;
}

export type Claims = Readonly<Record<string, unknown>>;

/**
 * A verified token, or whether it does not hold or could not be verified. `algorithm` and `type` are `alg` and `typ` of its
 * header.
 */
export type Verified =
  | { readonly ok: true; readonly claims: Claims; readonly algorithm: string; readonly type?: string }
  | { readonly ok: false; readonly failure: 'unverified' | 'unavailable' };

/** Seconds an access token is taken to live where the provider does not say, and the most that is believed. */
const UNSAID_LIFE = 300;
const LONGEST_LIFE = 86_400;

/** @returns `undefined` for a body that is no such answer, or a token of another type than Bearer */
export function readTokenAnswer(body: unknown): TokenAnswer | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { access_token, id_token, refresh_token, token_type, expires_in, scope } = body as Claims;
  if (!isText(access_token) || !isText(token_type) || token_type.toLowerCase() !== 'bearer') return undefined;
  const seconds = expires_in === undefined ? UNSAID_LIFE : Number(expires_in);
  if (!Number.isFinite(seconds) || seconds <= 0) return undefined;
  return {
    accessToken: access_token,
    expiresIn: Math.min(seconds, LONGEST_LIFE),
    ...(isText(id_token) ? { idToken: id_token } : {}),
    ...(isText(refresh_token) ? { refreshToken: refresh_token } : {}),
    ...(isText(scope) ? { scope } : {}),
  };
}

/** What an error answer of a token endpoint means (RFC 6749 section 5.2). */
export function failureOf(status: number, body: unknown): GrantFailure {
  const error = typeof body === 'object' && body !== null ? (body as Claims)['error'] : undefined;
  if (error === 'invalid_grant') return 'refused';
  return status >= 400 && status < 500 && status !== 408 && status !== 429 && isText(error)
    ? 'misconfigured'
    : 'unavailable';
}

/** Level, methods and time of a sign-in, from the claims of its id token. */
export function signInOf(claims: Claims): Pick<Identity, 'acr' | 'amr' | 'authTime'> {
  const { acr, amr, auth_time: authTime } = claims;
  return {
    ...(isText(acr) ? { acr } : {}),
    ...(Array.isArray(amr) ? { amr: amr.filter(isText) } : {}),
    ...(typeof authTime === 'number' ? { authTime } : {}),
  };
}

/** The provider's own session of a sign-in (OpenID Connect Back-Channel Logout 1.0 section 2.1). */
export function providerSessionOf({ sid }: Claims): string | undefined {
  return isText(sid) ? sid : undefined;
}

/** Who an id token is about, for providers whose access tokens only they themselves can read. */
export function identityOfIdToken(
  claims: Claims,
  { clientId, scope, groupsClaim }: { clientId: string; scope: string; groupsClaim: string | undefined },
): Identity | undefined {
  if (!isText(claims['sub'])) return undefined;
  const groups = groupsClaim === undefined ? [] : claims[groupsClaim];
  return {
    subject: claims['sub'],
    clientId,
    scopes: wordsOf(scope),
    groups: Array.isArray(groups) ? groups.filter(isText) : [],
  };
}

/** Who a verified access token of Cognito is about; the same as the front door makes of it as a bearer token. */
export function identityOfAccessToken(claims: Claims): Identity | undefined {
  const { sub, client_id: clientId, scope, 'cognito:groups': groups } = claims;
  if (!isText(sub) || !isText(clientId)) return undefined;
  return {
    subject: sub,
    clientId,
    scopes: isText(scope) ? wordsOf(scope) : [],
    groups: Array.isArray(groups) ? groups.filter(isText) : [],
  };
}

/**
 * Whether an access token is the one an id token was issued with, where the id token says (OpenID Connect Core section
 * 3.1.3.8).
 *
 * @param algorithm `alg` of the id token, whose digits name the hash
 */
export function isBoundTo(claims: Claims, algorithm: string, accessToken: string): boolean {
  const expected = claims['at_hash'];
  if (expected === undefined) return true;
  const bits = /(256|384|512)$/.exec(algorithm)?.[1] ?? '512';
  const digest = createHash(`sha${bits}`).update(accessToken).digest();
  const half = digest.subarray(0, digest.length / 2);
  const given = Buffer.from(isText(expected) ? expected : '', 'base64url');
  return given.length === half.length && timingSafeEqual(given, half);
}

function wordsOf(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
