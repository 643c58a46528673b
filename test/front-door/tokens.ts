/** Real RSA keys and real compact tokens in the shape Amazon Cognito signs them. */
import { generateKeyPairSync, randomUUID, sign, type JsonWebKey, type KeyObject } from 'node:crypto';

export const POOL = 'eu-west-1_SallyPort';
export const CLIENT = '4hkfd8m2q1sallyportclient0';

/** One signing key of a pool: what the pool keeps, and what it publishes. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: JsonWebKey & Readonly<Record<string, unknown>>;
}

/** A new RSA key, of 2048 bits as Cognito uses; made anew in every run, so no private key is in the repository. */
export function signingKey(kid: string = randomUUID(), modulusLength = 2048): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  return {
    kid,
    privateKey,
    publicKey,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' },
  };
}

/** Seconds since the epoch, moved by some. */
export function seconds(offset = 0): number {
  return Math.floor(Date.now() / 1000) + offset;
}

export function issuerOf(pool: string): string {
  return `https://cognito-idp.${pool.split('_')[0] ?? ''}.amazonaws.com/${pool}`;
}

/** Claims of an access token (https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html). */
export function accessClaims(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return withChanges(
    {
      sub: 'd1f0a1c2-7a55-4b0e-9f0e-0c8a3f1b2c3d',
      iss: issuerOf(POOL),
      version: 2,
      client_id: CLIENT,
      origin_jti: randomUUID(),
      token_use: 'access',
      scope: 'widgets/read',
      auth_time: seconds(-60),
      exp: seconds(3600),
      iat: seconds(-60),
      jti: randomUUID(),
      username: 'somebody',
    },
    change,
  );
}

/** A member set to `undefined` is left out. */
export function withChanges(
  base: Readonly<Record<string, unknown>>,
  change: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ ...base, ...change }).filter(([, value]) => value !== undefined),
  );
}

export function base64url(value: string | Buffer): string {
  return Buffer.from(value).toString('base64url');
}

/** Signs the texts of header and payload as they are given, so that a test can write JSON no serialiser would. */
export function compact(header: string, payload: string, signer: (input: Buffer) => Buffer): string {
  const input = `${base64url(header)}.${base64url(payload)}`;
  return `${input}.${base64url(signer(Buffer.from(input)))}`;
}

/** RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3). */
export function rs256(key: SigningKey): (input: Buffer) => Buffer {
  return (input) => sign('sha256', input, key.privateKey);
}

interface TokenParts {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** An access token of the pool that holds in every respect, but for what is changed. */
export function accessToken(key: SigningKey, { header = {}, claims = {} }: TokenParts = {}): string {
  return compact(
    JSON.stringify(withChanges({ kid: key.kid, alg: 'RS256' }, header)),
    JSON.stringify(accessClaims(claims)),
    rs256(key),
  );
}
