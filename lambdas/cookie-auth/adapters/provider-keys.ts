/** The provider's keys: by key id, and without one where there is a single key it could be. */
import { JwtWithoutValidKidError } from 'aws-jwt-verify/error';
import { type Jwk, type JwksCache, SimpleJwksCache } from 'aws-jwt-verify/jwk';

import type { Clock } from '../../_kernel/clock';

type Fetcher = NonNullable<NonNullable<ConstructorParameters<typeof SimpleJwksCache>[0]>['fetcher']>;

/** Milliseconds for which a set serves tokens without a key id, whatever callers send: it cannot be seen to be old. */
const MAX_AGE_MS = 10_000;
/** Type of the key by the first letters of the algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1). */
const KEY_TYPES: Readonly<Record<string, string>> = { RS: 'RSA', ES: 'EC', Ed: 'OKP' };

/**
 * Keys are fetched once, and again for a key id that is not among them. A token must name its key only where the set has
 * several it could be (OpenID Connect Core section 10.1).
 */
export function providerKeys(fetcher: Fetcher, clock: Clock): JwksCache {
  const named = new SimpleJwksCache({ fetcher });
  let unnamed: { readonly keys: readonly Jwk[]; readonly goodUntil: number } | undefined;
  return {
    addJwks: (uri, set) => {
      named.addJwks(uri, set);
    },
    getJwks: async (uri) => named.getJwks(uri),
    getCachedJwk: (uri, token) => named.getCachedJwk(uri, token),
    getJwk: async (uri, token) => {
      if (token.header.kid !== undefined) return named.getJwk(uri, token);
      if (unnamed === undefined || clock() >= unnamed.goodUntil)
        unnamed = { keys: (await named.getJwks(uri)).keys, goodUntil: clock() + MAX_AGE_MS };
      const { alg = '' } = token.header;
      const [key, ...others] = unnamed.keys.filter((candidate) => couldHaveSigned(candidate, alg));
      if (key === undefined || others.length > 0)
        throw new JwtWithoutValidKidError('the token names no key, and there is not exactly one it could be');
      // an empty id is none to the library, which keeps imported keys by theirs
      return { ...key, kid: key.kid ?? '' };
    },
  };
}

function couldHaveSigned({ kty, use, alg }: Jwk, algorithm: string): boolean {
  return (
    kty === KEY_TYPES[algorithm.slice(0, 2)] && (use ?? 'sig') === 'sig' && (alg ?? algorithm) === algorithm
  );
}
