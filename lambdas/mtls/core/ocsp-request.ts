/** Questions to an OCSP responder (RFC 6960 section 4.1). */
import { createHash } from 'node:crypto';

import type { Certificate } from './certificate';
import {
  BIT_STRING,
  elementAt,
  hex,
  identifierOf,
  INTEGER,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  Reader,
  SEQUENCE,
  wholeOctets,
} from './der';
import { valueOf } from './extensions';
import { generalName } from './names';

/** A question, and what its answer is checked against. */
export interface OcspQuestion {
  readonly certificate: Certificate;
  /** The CA of the certificate. */
  readonly issuer: Certificate;
  /** Octets of the question's nonce; an answer that has none is not refused for it (RFC 9654 section 2.1). */
  readonly nonce: Uint8Array;
  /** Seconds since 1970. */
  readonly now: number;
  /** Seconds for which an answer counts at most, whatever its nextUpdate. */
  readonly maximumAge: number;
}

const INFORMATION_ACCESS = '1.3.6.1.5.5.7.1.1';
const ACCESS_OCSP = '1.3.6.1.5.5.7.48.1';
const SHA1_IDENTIFIER = Buffer.from('300906052b0e03021a0500', 'hex');
const NONCE_IDENTIFIER = Buffer.from('06092b0601050507300102', 'hex');

/** Addresses of responders that a certificate names (RFC 5280 section 4.2.2.1). @throws Refusal */
export function respondersOf({ extensions }: Certificate): string[] {
  const access = extensions.find(({ id }) => id === INFORMATION_ACCESS);
  if (access === undefined) return [];
  const descriptions = new Reader(valueOf(access, SEQUENCE));
  const found: string[] = [];
  while (!descriptions.done) {
    const fields = descriptions.inside(descriptions.take(SEQUENCE, 'an access description'));
    const method = identifierOf(fields.take(OBJECT_IDENTIFIER, 'an access method'));
    const name = generalName(fields.next());
    if (method === ACCESS_OCSP && name.startsWith('uri:')) found.push(name.slice('uri:'.length));
  }
  return found;
}

/**
 * DER of a question about one certificate (section 4.1.1).
 *
 * The CertID is made with SHA-1, which every responder knows (RFC 5019 section 2.1.1); it only says who is meant.
 *
 * @param nonce of 32 octets (RFC 9654 section 2.1)
 */
export function ocspRequest({ certificate, issuer, nonce }: OcspQuestion): Uint8Array {
  const certId = encode(
    SEQUENCE,
    SHA1_IDENTIFIER,
    encode(OCTET_STRING, digest('sha1', certificate.issuerEncoding)),
    encode(OCTET_STRING, digest('sha1', keyBitsOf(issuer))),
    encode(INTEGER, certificate.serial),
  );
  const extension = encode(SEQUENCE, NONCE_IDENTIFIER, encode(OCTET_STRING, encode(OCTET_STRING, nonce)));
  return encode(
    SEQUENCE,
    encode(SEQUENCE, encode(SEQUENCE, encode(SEQUENCE, certId)), encode(0xa2, encode(SEQUENCE, extension))),
  );
}

/** What tells questions apart: CA, key and serial. */
export function questionKey(issuer: Certificate, { serial }: Certificate): string {
  return `${issuer.fingerprint}:${hex(serial)}`;
}

/** Octets of the key without tag, length and number of unused bits, as both kinds of key hash take them. */
export function keyBitsOf({ publicKeyInfo }: Certificate): Uint8Array {
  const fields = new Reader(elementAt(publicKeyInfo, 0, publicKeyInfo.length, 0));
  fields.take(SEQUENCE, 'the algorithm of a key');
  return wholeOctets(fields.take(BIT_STRING, 'a key'));
}

export function digest(name: string, bytes: Uint8Array): Buffer {
  return createHash(name).update(bytes).digest();
}

/** One element of DER. */
function encode(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  const { length } = content;
  const octets = length < 0x80 ? '' : length < 0x100 ? '81' : '82';
  const digits = length.toString(16).padStart(length < 0x100 ? 2 : 4, '0');
  return Buffer.concat([Buffer.from([tag]), Buffer.from(octets + digits, 'hex'), content]);
}
