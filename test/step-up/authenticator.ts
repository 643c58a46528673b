/** An authenticator in software: keys made at run time, real signatures, and each thing that can be wrong with an answer. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign as signed } from 'node:crypto';

import type { Assertion, Attestation } from '../../lambdas/step-up/core/passkey';

export const ORIGIN = 'https://www.example.com';

/** Flags of authenticator data (Web Authentication Level 3, section 6.1). */
const [USER_PRESENT, USER_VERIFIED, ATTESTED] = [0x01, 0x04, 0x40];

/** What is wrong with an answer, or other than this site wants it. */
export interface Quirks {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly challenge?: string;
  readonly crossOrigin?: boolean;
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  readonly count?: number;
  readonly userHandle?: string;
}

export class Authenticator {
  readonly id: string;
  /** Signatures so far; `undefined` for one that does not count, as those that sync. */
  count: number | undefined;
  private readonly key: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

  constructor(count?: number, id = randomBytes(16).toString('base64url')) {
    this.count = count;
    this.id = id;
    this.key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  }

  /** Answers `navigator.credentials.create`. @param statement format and statement, in CBOR */
  create(challenge: string, quirks: Quirks = {}, statement: Buffer = NO_STATEMENT): Attestation {
    const credential = Buffer.from(this.id, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(credential.length);
    const data = Buffer.concat([
      this.data(quirks, ATTESTED),
      ...[Buffer.alloc(16), length, credential, this.coseKey()],
    ]);
    const attestationObject = Buffer.concat([
      // {fmt, attStmt, authData}
      Buffer.from([0xa3]),
      ...[statement, text('authData'), bytes(data)],
    ]).toString('base64url');
    const clientDataJSON = clientData('webauthn.create', challenge, quirks);
    return {
      ...this.named(),
      response: { clientDataJSON, attestationObject, transports: ['internal', 'warp'] },
    };
  }

  /** Answers `navigator.credentials.get`. */
  get(challenge: string, quirks: Quirks = {}): Assertion {
    if (this.count !== undefined) this.count += 1;
    const data = this.data(quirks);
    const clientDataJSON = clientData('webauthn.get', challenge, quirks);
    const hash = createHash('sha256').update(Buffer.from(clientDataJSON, 'base64url')).digest();
    const signature = signed('sha256', Buffer.concat([data, hash]), this.key.privateKey);
    return {
      ...this.named(),
      response: {
        clientDataJSON,
        authenticatorData: data.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(quirks.userHandle === undefined ? {} : { userHandle: quirks.userHandle }),
      },
    };
  }

  private named(): { id: string; rawId: string; type: 'public-key' } {
    return { id: this.id, rawId: this.id, type: 'public-key' };
  }

  private data({ rpId, userVerified = true, userPresent = true, count }: Quirks, more = 0): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(count ?? this.count ?? 0);
    const flags = (userPresent ? USER_PRESENT : 0) | (userVerified ? USER_VERIFIED : 0) | more;
    const site = createHash('sha256').update(rpId ?? new URL(ORIGIN).hostname);
    return Buffer.concat([site.digest(), Buffer.from([flags]), counter]);
  }

  /** ES256 on P-256 (RFC 9053 section 7.1): `{1: 2, 3: -7, -1: 1, -2: x, -3: y}`. */
  private coseKey(): Buffer {
    const { x = '', y = '' } = this.key.publicKey.export({ format: 'jwk' });
    return Buffer.concat([
      Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
      bytes(Buffer.from(x, 'base64url')),
      Buffer.from([0x22]),
      bytes(Buffer.from(y, 'base64url')),
    ]);
  }
}

/** The same answer with one bit of its signature turned. */
export function tampered(assertion: Assertion): Assertion {
  const signature = Buffer.from(assertion.response.signature, 'base64url');
  signature[signature.length - 1]! ^= 1;
  return { ...assertion, response: { ...assertion.response, signature: signature.toString('base64url') } };
}

function clientData(type: string, challenge: string, quirks: Quirks): string {
  const data = {
    type: quirks.type ?? type,
    challenge: quirks.challenge ?? challenge,
    origin: quirks.origin ?? ORIGIN,
    crossOrigin: quirks.crossOrigin ?? false,
  };
  return Buffer.from(JSON.stringify(data)).toString('base64url');
}

/** CBOR (RFC 8949 section 3): a text of less than 24 bytes. */
function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)]);
}

/** CBOR: a byte string of 24 to 255 bytes. */
function bytes(value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x58, value.length]), value]);
}

const NO_STATEMENT = Buffer.concat([text('fmt'), text('none'), text('attStmt'), Buffer.from([0xa0])]);

/** A statement in which somebody vouches for the authenticator, by a certificate. */
export const VOUCHED_FOR = Buffer.concat([
  ...[text('fmt'), text('packed'), text('attStmt'), Buffer.from([0xa1]), text('x5c')],
  ...[Buffer.from([0x81]), bytes(Buffer.alloc(32, 'certificate'))],
]);
