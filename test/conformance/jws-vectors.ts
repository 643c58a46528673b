/**
 * Vectors of Project Wycheproof for JSON Web Signatures, and the same flaws on tokens that have no other.
 *
 * The vectors sign `foo` and the like. The front door takes claims only, so it refuses every one of them, good or bad,
 * and would do so without looking at a signature. A transplant carries the flaw of a vector over to a token of ours:
 * same header, same key, a payload of good claims, and a signature that is wrong in the same way. What a transplant of
 * a bad vector is refused for is the flaw, and that of a good one must be let in.
 */
import {
  constants,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  privateEncrypt,
  publicDecrypt,
  sign,
  type JsonWebKey,
} from 'node:crypto';

import { accessClaims, base64url } from '../front-door/tokens';
import { conformanceData } from './data';

type Jwk = JsonWebKey & {
  readonly kid?: string;
  readonly alg?: string;
  readonly key_ops?: readonly string[];
};

interface Group {
  readonly comment: string;
  readonly private: Jwk;
  readonly public?: Jwk;
  readonly tests: readonly { tcId: number; comment: string; jws: string; result: 'valid' | 'invalid' }[];
}

export interface Vector {
  readonly id: number;
  readonly group: string;
  readonly comment: string;
  readonly result: 'valid' | 'invalid';
  readonly jws: string;
  /** The key a verifier is given: public, or shared. */
  readonly verification: Jwk;
  readonly signing: Jwk;
  /** Algorithm its header names; empty where the header cannot be read. */
  readonly alg: string;
}

export function jwsVectors(): Vector[] {
  const { testGroups } = conformanceData('jwt/wycheproof/json_web_signature_test.json') as {
    testGroups: readonly Group[];
  };
  return testGroups.flatMap((group) =>
    group.tests.map(({ tcId, comment, jws, result }) => ({
      id: tcId,
      group: group.comment,
      comment,
      result,
      jws,
      verification: group.public ?? group.private,
      signing: group.private,
      alg: algorithmOf(jws),
    })),
  );
}

/**
 * The same in every run, good until 2100: a vector that alters one byte of the digest is no vector for the one digest in
 * 256 that has this byte anyway.
 */
const CLAIMS = accessClaims({
  jti: 'jti',
  origin_jti: 'origin',
  auth_time: 0,
  iat: 0,
  exp: 4_102_444_800,
});

/** The flaw of a vector on a token of ours; undefined where the vector has not three parts to carry over. */
export function transplant(vector: Vector): string | undefined {
  const [header, payload, signature, ...more] = vector.jws.split('.');
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0)
    return undefined;
  const input = `${header}.${payload}`;
  const ourInput = `${header}.${payload === '' && vector.result === 'invalid' ? '' : base64url(JSON.stringify(CLAIMS))}`;
  if (vector.signing.kty === 'RSA' && vector.alg === 'RS256') {
    return `${ourInput}.${transplantedSignature(vector, signature, input, ourInput)}`;
  }
  return `${ourInput}.${vector.result === 'valid' ? resigned(vector, ourInput) : signature}`;
}

/**
 * What a PKCS #1 v1.5 signature (RFC 8017 section 9.2) would be had it been made for our token, with every flaw of its
 * padding and its DigestInfo: in the padded message, the digest of the vector's input is replaced by that of ours.
 */
function transplantedSignature(vector: Vector, signature: string, input: string, ourInput: string): string {
  const bytes = Buffer.from(signature, 'base64url');
  const publicKey = createPublicKey({ key: vector.verification, format: 'jwk' });
  const privateKey = createPrivateKey({ key: vector.signing, format: 'jwk' });
  let message: Buffer;
  try {
    message = publicDecrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, bytes);
  } catch {
    // not a number below the modulus: no message to change, and no signature of any token
    return signature;
  }
  const digest = createHash('sha256').update(input).digest();
  const ours = createHash('sha256').update(ourInput).digest();
  const run = longestCommonRun(message, digest);
  // a digest that was cut out or altered beyond recognition stays what it is
  if (run.length >= 8) ours.copy(message, run.at, run.from, run.from + run.length);
  return base64url(privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, message));
}

/** The longest run of bytes of `part`, from `from`, that stands in `whole` at `at`. */
function longestCommonRun(whole: Buffer, part: Buffer): { at: number; from: number; length: number } {
  for (let length = part.length; length > 0; length -= 1) {
    for (let from = 0; from + length <= part.length; from += 1) {
      const at = whole.indexOf(part.subarray(from, from + length));
      if (at >= 0) return { at, from, length };
    }
  }
  return { at: 0, from: 0, length: 0 };
}

/** A good signature of the vector's own algorithm. */
function resigned({ alg, signing }: Vector, input: string): string {
  const data = Buffer.from(input);
  const digest = `sha${alg.slice(2)}`;
  if (alg.startsWith('HS')) {
    return base64url(
      createHmac(digest, Buffer.from(signing.k ?? '', 'base64url'))
        .update(data)
        .digest(),
    );
  }
  const key = createPrivateKey({ key: signing, format: 'jwk' });
  if (alg.startsWith('ES')) return base64url(sign(digest, data, { key, dsaEncoding: 'ieee-p1363' }));
  const padding = alg.startsWith('PS') ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  return base64url(sign(digest, data, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }));
}

function algorithmOf(jws: string): string {
  try {
    const header = JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()) as {
      alg?: unknown;
    };
    return typeof header.alg === 'string' ? header.alg : '';
  } catch {
    return '';
  }
}
