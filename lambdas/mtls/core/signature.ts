/** Signature algorithms of lists, and the check of a signature while the list streams by. */
import { constants, createVerify, verify, type KeyObject, type Verify } from 'node:crypto';

import {
  contentOf,
  encodingOf,
  identifierOf,
  OBJECT_IDENTIFIER,
  offsetOf,
  Reader,
  SEQUENCE,
  smallInteger,
  INTEGER,
  type Element,
} from './der';
import { Refusal } from './refusal';

type Digest = 'sha1' | 'sha256' | 'sha384' | 'sha512';

export interface SignatureAlgorithm {
  readonly kind: 'rsa' | 'rsa-pss' | 'ecdsa' | 'ed25519';
  /** `undefined` for Ed25519, which has its own. */
  readonly digest: Digest | undefined;
  /** Octets of salt, RSA-PSS only. */
  readonly saltLength: number;
  /** For people: `ecdsa-sha256`. */
  readonly text: string;
  /** The AlgorithmIdentifier, octet by octet. */
  readonly encoding: Uint8Array;
}

/** Most bytes of a list that is signed with Ed25519, whose check needs the whole list at once (RFC 8032 section 5.1.7). */
const ED25519_LIMIT = 64 * 1024 * 1024;

/** RFC 4055 section 5, RFC 5758 section 3.2, RFC 8410 section 3. */
const ALGORITHMS: Readonly<Record<string, readonly [SignatureAlgorithm['kind'], Digest | undefined]>> = {
  '1.2.840.113549.1.1.5': ['rsa', 'sha1'],
  '1.2.840.113549.1.1.11': ['rsa', 'sha256'],
  '1.2.840.113549.1.1.12': ['rsa', 'sha384'],
  '1.2.840.113549.1.1.13': ['rsa', 'sha512'],
  '1.2.840.10045.4.1': ['ecdsa', 'sha1'],
  '1.2.840.10045.4.3.2': ['ecdsa', 'sha256'],
  '1.2.840.10045.4.3.3': ['ecdsa', 'sha384'],
  '1.2.840.10045.4.3.4': ['ecdsa', 'sha512'],
  '1.3.101.112': ['ed25519', undefined],
};
const RSA_PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';
const DIGESTS: Readonly<Record<string, Digest>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];

/**
 * Reads an AlgorithmIdentifier.
 *
 * @param options.insecureSha1 takes SHA-1, whose collisions can be made (RFC 6194 section 3.1); default no
 * @throws Refusal for every algorithm that is not in docs/mtls.md
 */
export function algorithmOf(element: Element, { insecureSha1 = false } = {}): SignatureAlgorithm {
  const fields = new Reader(element);
  const id = identifierOf(fields.take(OBJECT_IDENTIFIER, 'the signature algorithm'));
  const encoding = Uint8Array.from(encodingOf(element));
  const offset = offsetOf(element);
  if (id === RSA_PSS) {
    const { digest, saltLength } = pssParameters(fields, offset);
    refuseWeak(digest, insecureSha1, offset);
    return { kind: 'rsa-pss', digest, saltLength, text: `rsa-pss-${digest}`, encoding };
  }
  const known = ALGORITHMS[id];
  if (known === undefined)
    throw new Refusal(
      'signature_algorithm_unsupported',
      `signature algorithm ${id} is not supported`,
      offset,
    );
  const [kind, digest] = known;
  // RFC 4055 section 5: NULL for RSA, whose absence is widely seen; RFC 5758 and 8410: absent for the others
  const parameters = kind === 'rsa' ? fields.optional(0x05) : undefined;
  if (parameters !== undefined && contentOf(parameters).length > 0)
    throw new Refusal('der_tag_unexpected', 'NULL has content', offset);
  fields.end('the signature algorithm');
  refuseWeak(digest, insecureSha1, offset);
  return { kind, digest, saltLength: 0, text: digest === undefined ? kind : `${kind}-${digest}`, encoding };
}

/** RSASSA-PSS-params with their defaults, which are SHA-1 (RFC 4055 section 3.1). */
function pssParameters(fields: Reader, offset: number): { digest: Digest; saltLength: number } {
  const parameters = fields.inside(fields.take(SEQUENCE, 'the parameters of RSASSA-PSS'));
  fields.end('the signature algorithm');
  const explicit = (tag: number): Reader | undefined => {
    const element = parameters.optional(tag);
    return element === undefined ? undefined : parameters.inside(element);
  };
  const hash = explicit(0xa0);
  const mask = explicit(0xa1);
  const salt = explicit(0xa2);
  const trailer = explicit(0xa3);
  parameters.end('the parameters of RSASSA-PSS');
  const digest = hash === undefined ? 'sha1' : digestOf(hash, offset);
  if (mask !== undefined) {
    const generator = mask.inside(mask.take(SEQUENCE, 'the mask generation function'));
    const id = identifierOf(generator.take(OBJECT_IDENTIFIER, 'the mask generation function'));
    // section 3.1 recommends the same hash for both; node:crypto verifies no other
    if (id !== MGF1 || digestOf(generator, offset) !== digest) {
      throw new Refusal(
        'signature_algorithm_unsupported',
        'RSASSA-PSS with a mask of another hash function is not supported',
        offset,
      );
    }
  } else if (digest !== 'sha1') {
    throw new Refusal(
      'signature_algorithm_unsupported',
      'RSASSA-PSS with a mask of another hash function is not supported',
      offset,
    );
  }
  const trailerField = trailer === undefined ? 1 : smallInteger(trailer.take(INTEGER, 'the trailer'));
  const saltLength = salt === undefined ? 20 : smallInteger(salt.take(INTEGER, 'the length of the salt'));
  if (trailerField !== 1 || saltLength > 512)
    throw new Refusal('signature_algorithm_unsupported', 'RSASSA-PSS with odd parameters', offset);
  return { digest, saltLength };
}

function digestOf(reader: Reader, offset: number): Digest {
  const fields = reader.inside(reader.take(SEQUENCE, 'a hash function'));
  const id = identifierOf(fields.take(OBJECT_IDENTIFIER, 'a hash function'));
  const digest = DIGESTS[id];
  if (digest === undefined)
    throw new Refusal('signature_algorithm_unsupported', `hash function ${id} is not supported`, offset);
  return digest;
}

function refuseWeak(digest: Digest | undefined, insecureSha1: boolean, offset: number): void {
  if (digest !== 'sha1' || insecureSha1) return;
  throw new Refusal(
    'signature_algorithm_weak',
    'the list is signed with SHA-1; have the CA sign with SHA-256 or better',
    offset,
  );
}

/** Whether a key can have made signatures of an algorithm. */
export function keyFits(key: KeyObject, { kind }: SignatureAlgorithm): boolean {
  const type = key.asymmetricKeyType;
  switch (kind) {
    case 'rsa':
      return type === 'rsa';
    case 'rsa-pss':
      return type === 'rsa' || type === 'rsa-pss';
    case 'ecdsa':
      return type === 'ec' && CURVES.includes(key.asymmetricKeyDetails?.namedCurve ?? '');
    case 'ed25519':
      return type === 'ed25519';
  }
}

/** Takes a list piece by piece and says of each key whether it made the signature. */
export class SignatureCheck {
  private readonly algorithm: SignatureAlgorithm;
  private readonly keys: readonly KeyObject[];
  private readonly digests: readonly Verify[];
  private readonly pieces: Uint8Array[] = [];
  private size = 0;

  /** @param keys those that fit the algorithm; each costs one more hash of the list */
  constructor(algorithm: SignatureAlgorithm, keys: readonly KeyObject[]) {
    this.algorithm = algorithm;
    this.keys = keys;
    const { digest } = algorithm;
    this.digests = digest === undefined ? [] : keys.map(() => createVerify(digest));
  }

  update(bytes: Uint8Array): void {
    if (this.algorithm.digest !== undefined) {
      for (const digest of this.digests) digest.update(bytes);
      return;
    }
    this.size += bytes.length;
    if (this.size > ED25519_LIMIT) {
      throw new Refusal(
        'list_too_large',
        `a list signed with Ed25519 may have ${ED25519_LIMIT} bytes, as the whole is needed at once; sign with ECDSA or partition it`,
      );
    }
    this.pieces.push(Uint8Array.from(bytes));
  }

  /** Which of the keys made the signature. Once only. */
  verify(signature: Uint8Array): boolean[] {
    const { kind, saltLength } = this.algorithm;
    if (kind === 'ed25519') {
      const message = Buffer.concat(this.pieces);
      return this.keys.map((key) => verify(null, message, key, signature));
    }
    return this.keys.map((key, i) => {
      const digest = this.digests[i];
      if (digest === undefined) return false;
      return kind === 'rsa-pss'
        ? digest.verify({ key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature)
        : digest.verify(key, signature);
    });
  }
}
