/** Verifies what a token endpoint sent before anything of it is believed (OpenID Connect Core section 3.1.3.7). */
import { JwtVerifier } from 'aws-jwt-verify';
import { FetchError, JwksValidationError, JwkValidationError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';

import type { CookieAuthSettings } from '../contract';
import type { Claims } from '../core/grant';
import { boundedFetch } from './bounded-fetch';

/** A verified token, or whether it does not hold or could not be verified. */
export type Verified =
  | { readonly ok: true; readonly claims: Claims; readonly algorithm: string }
  | { readonly ok: false; readonly failure: 'unverified' | 'unavailable' };

export interface TokenVerifier {
  /** @param nonce of the login; after a refresh there is none to compare with */
  idToken(token: string, nonce: string | undefined): Promise<Verified>;
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
): TokenVerifier {
  const verifier = JwtVerifier.create(
    { issuer, audience: null, jwksUri: keysUri },
    { jwksCache: new SimpleJwksCache({ fetcher: { fetch: fetchKeys } }) },
  );
  const verify = async (token: string, accepts: (claims: Claims) => boolean): Promise<Verified> => {
    try {
      const claims: Claims = await verifier.verify(token);
      const algorithm = algorithmOf(token);
      // the library checks `exp` only where there is one
      const holds = ALGORITHMS.includes(algorithm) && typeof claims['exp'] === 'number' && accepts(claims);
      return holds ? { ok: true, claims, algorithm } : { ok: false, failure: 'unverified' };
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

function algorithmOf(token: string): string {
  const [header = ''] = token.split('.');
  const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as { alg?: unknown };
  return typeof alg === 'string' ? alg : '';
}

async function fetchKeys(uri: string): Promise<ArrayBuffer> {
  const answer = await boundedFetch(uri, {}, DEADLINE_MS);
  if (!answer.ok || answer.status !== 200) throw new FetchError('key set', 'not readable');
  return answer.bytes.buffer.slice(
    answer.bytes.byteOffset,
    answer.bytes.byteOffset + answer.bytes.byteLength,
  ) as ArrayBuffer;
}
