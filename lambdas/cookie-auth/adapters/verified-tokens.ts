/** Verifies what a token endpoint sent before anything of it is believed (OpenID Connect Core section 3.1.3.7). */
import { JwtVerifier } from 'aws-jwt-verify';
import { FetchError, JwksValidationError, JwkValidationError } from 'aws-jwt-verify/error';

import type { Clock } from '../../_kernel/clock';
import type { CookieAuthSettings } from '../contract';
import type { Claims, Verified } from '../core/grant';
import { boundedFetch } from './bounded-fetch';
import { providerKeys } from './provider-keys';

export interface TokenVerifier {
  /** @param nonce of the login; after a refresh there is none to compare with */
  idToken(token: string, nonce: string | undefined): Promise<Verified>;
  /** A logout token, as far as it is like an id token (OpenID Connect Back-Channel Logout 1.0 section 2.6). */
  logoutToken(token: string): Promise<Verified>;
  /** An access token of Cognito: a JWT with `token_use` and `client_id`. */
  cognitoAccessToken(token: string): Promise<Verified>;
}

/** Asymmetric algorithms only: with HS256 whoever can verify could sign, and `none` is no signature (RFC 8725 section 3.1). */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const DEADLINE_MS = 2_000;
const KEY_SET_FAULTS = [FetchError, JwksValidationError, JwkValidationError];

/** @param keysUri where the provider publishes its keys; fetched once, and again for a key id that is not among them */
export function tokenVerifier(
  { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId }: CookieAuthSettings,
  keysUri: string,
  clock: Clock,
): TokenVerifier {
  const verifier = JwtVerifier.create(
    { issuer, audience: null, jwksUri: keysUri },
    { jwksCache: providerKeys({ fetch: fetchKeys }, clock) },
  );
  const verify = async (token: string, accepts: (claims: Claims) => boolean): Promise<Verified> => {
    try {
      const claims: Claims = await verifier.verify(token);
      const { alg, typ } = headerOf(token);
      // the library checks `exp` only where there is one, and `iat` not at all
      const isDated = typeof claims['exp'] === 'number' && typeof claims['iat'] === 'number';
      return ALGORITHMS.includes(alg) && isDated && accepts(claims)
        ? { ok: true, claims, algorithm: alg, ...(typ === undefined ? {} : { type: typ }) }
        : { ok: false, failure: 'unverified' };
    } catch (error) {
      const fault = KEY_SET_FAULTS.some((type) => error instanceof type);
      return { ok: false, failure: fault ? 'unavailable' : 'unverified' };
    }
  };
  return {
    idToken: (token, nonce) =>
      verify(
        token,
        (claims) => isFor(clientId, claims) && (nonce === undefined || claims['nonce'] === nonce),
      ),
    logoutToken: (token) => verify(token, (claims) => isFor(clientId, claims)),
    cognitoAccessToken: (token) =>
      verify(token, (claims) => claims['token_use'] === 'access' && claims['client_id'] === clientId),
  };
}

/** Audience and authorized party (section 3.1.3.7, steps 3 to 5); Cognito's tokens say what they are for as well. */
function isFor(clientId: string, { aud, azp, token_use: use }: Claims): boolean {
  const audiences = [aud].flat();
  const party = azp ?? (audiences.length === 1 ? clientId : undefined);
  return audiences.includes(clientId) && party === clientId && (use === undefined || use === 'id');
}

/** Of a token that has been verified, so that its header is well-formed. */
function headerOf(token: string): { alg: string; typ?: string } {
  const [header = ''] = token.split('.');
  return JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as { alg: string; typ?: string };
}

async function fetchKeys(uri: string): Promise<ArrayBuffer> {
  const answer = await boundedFetch(uri, {}, DEADLINE_MS);
  if (!answer.ok || answer.status !== 200) throw new FetchError('key set', 'not readable');
  return answer.bytes.buffer.slice(
    answer.bytes.byteOffset,
    answer.bytes.byteOffset + answer.bytes.byteLength,
  ) as ArrayBuffer;
}
