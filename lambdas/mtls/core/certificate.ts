/** What a certificate says of itself: for issuers of lists, and for clients whose certificate is looked up. */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

import {
  BIT_STRING,
  BOOLEAN,
  booleanOf,
  checkInteger,
  contentOf,
  elementAt,
  encodingOf,
  hex,
  INTEGER,
  namedBits,
  OCTET_STRING,
  Reader,
  SEQUENCE,
  smallInteger,
} from './der';
import {
  authorityKeyIdOf,
  distributionPointsOf,
  extensionsOf,
  valueOf,
  type DistributionPoint,
  type Extension,
} from './extensions';
import { nameOf, type Name } from './names';
import { Refusal } from './refusal';
import { timeOf } from './time';

/** Facts of a certificate; its own signature and dates are not checked here. Times are seconds since 1970. */
export interface Certificate {
  readonly version: number;
  readonly subject: Name;
  readonly issuer: Name;
  /** Octets of the INTEGER, sign octet included. */
  readonly serial: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
  /** DER of the whole. */
  readonly encoding: Uint8Array;
  /** SHA-256 of the DER in hexadecimal. */
  readonly fingerprint: string;
  readonly authorityKeyId: string | undefined;
  readonly subjectKeyId: string | undefined;
  readonly distributionPoints: readonly DistributionPoint[];
  /** `cA` of the basic constraints; `undefined` when there are none (RFC 5280 section 4.2.1.9). */
  readonly authority: boolean | undefined;
  /** Whether the key usage has cRLSign; `undefined` when there is no key usage (section 4.2.1.3). */
  readonly signsLists: boolean | undefined;
  /** The same of keyCertSign. */
  readonly signsCertificates: boolean | undefined;
  /** SubjectPublicKeyInfo. */
  readonly publicKeyInfo: Uint8Array;
  /** DER of the issuer's name as it stands here. */
  readonly issuerEncoding: Uint8Array;
  /** All of them, for what few need. */
  readonly extensions: readonly Extension[];
}

/** Most bytes of a certificate that is looked at; API Gateway's own limit for a header is below it. */
const MAX_BYTES = 64 * 1024;
const KEY_CERT_SIGN = 5;
const CRL_SIGN = 6;

/**
 * Reads one certificate.
 *
 * @param text PEM as API Gateway's `clientCertPem` has it, of which the first certificate counts, or DER
 * @throws Refusal when it cannot be read
 */
export function readCertificate(text: string | Uint8Array): Certificate {
  const [first] = encodedCertificates(text);
  if (first === undefined)
    throw new Refusal('issuer_certificate_unreadable', 'there is no certificate in it; give PEM or DER');
  return certificateOf(first);
}

/** Every certificate of a PEM text, or the one of a DER file. */
export function readCertificates(text: string | Uint8Array): Certificate[] {
  return encodedCertificates(text).map(certificateOf);
}

/** @throws Refusal `issuer_certificate_unreadable` when node:crypto does not know the key */
export function publicKeyOf({ publicKeyInfo }: Certificate): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(publicKeyInfo), format: 'der', type: 'spki' });
  } catch {
    throw new Refusal(
      'issuer_certificate_unreadable',
      'the public key of the issuer is of no supported kind; give an RSA, P-256, P-384, P-521 or Ed25519 certificate',
    );
  }
}

/** DER of every certificate of a PEM text, or of the one that is DER already; none is read. */
export function encodedCertificates(text: string | Uint8Array): Uint8Array[] {
  if (typeof text !== 'string') {
    if (text[0] === SEQUENCE) return [text];
    return encodedCertificates(Buffer.from(text).toString('latin1'));
  }
  const blocks = text.matchAll(
    /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g,
  );
  return Array.from(blocks, ([, base64 = '']) => Buffer.from(base64, 'base64'));
}

/** Certificate ::= SEQUENCE (RFC 5280 section 4.1). */
function certificateOf(der: Uint8Array): Certificate {
  if (der.length > MAX_BYTES)
    throw new Refusal(
      'list_too_large',
      `a certificate of ${der.length} bytes; at most ${MAX_BYTES} are read`,
    );
  const whole = elementAt(der, 0, der.length, 0);
  if (whole.end !== der.length)
    throw new Refusal('der_trailing_bytes', 'bytes after the end of the certificate', whole.end);
  if (whole.tag !== SEQUENCE)
    throw new Refusal('der_tag_unexpected', 'a certificate does not begin like this', 0);
  const outer = new Reader(whole);
  const fields = outer.inside(outer.take(SEQUENCE, 'tbsCertificate'));
  outer.take(SEQUENCE, 'signatureAlgorithm');
  outer.take(BIT_STRING, 'signatureValue');
  outer.end('the certificate');

  const explicitVersion = fields.optional(0xa0);
  const version =
    explicitVersion === undefined
      ? 1
      : smallInteger(fields.inside(explicitVersion).take(INTEGER, 'the version')) + 1;
  const serial = checkInteger(fields.take(INTEGER, 'the serial number'));
  fields.take(SEQUENCE, 'signature');
  const issuerName = fields.take(SEQUENCE, 'the issuer');
  const issuer = nameOf(issuerName);
  const validity = fields.inside(fields.take(SEQUENCE, 'the validity'));
  const notBefore = timeOf(validity.next(), 'notBefore');
  const notAfter = timeOf(validity.next(), 'notAfter');
  validity.end('the validity');
  const subject = nameOrEmpty(fields);
  const publicKeyInfo = encodingOf(fields.take(SEQUENCE, 'the public key'));
  fields.optional(0x81);
  fields.optional(0x82);
  const wrapped = fields.optional(0xa3);
  fields.end('tbsCertificate');
  const extensions =
    wrapped === undefined ? [] : extensionsOf(fields.inside(wrapped).take(SEQUENCE, 'the extensions'));
  return {
    version,
    subject,
    issuer,
    serial: Uint8Array.from(serial),
    notBefore,
    notAfter,
    encoding: der,
    fingerprint: createHash('sha256').update(der).digest('hex'),
    publicKeyInfo: Uint8Array.from(publicKeyInfo),
    issuerEncoding: Uint8Array.from(encodingOf(issuerName)),
    extensions,
    ...extensionFacts(extensions),
  };
}

/** A client may be named by its subject alternative name alone (section 4.1.2.6). */
function nameOrEmpty(fields: Reader): Name {
  const element = fields.take(SEQUENCE, 'the subject');
  return element.content === element.end ? { hash: '', text: '', rfc4514: '' } : nameOf(element);
}

function extensionFacts(
  extensions: readonly Extension[],
): Pick<
  Certificate,
  'authorityKeyId' | 'subjectKeyId' | 'distributionPoints' | 'authority' | 'signsLists' | 'signsCertificates'
> {
  const find = (id: string): Extension | undefined => extensions.find((extension) => extension.id === id);
  const authorityKey = find('2.5.29.35');
  const subjectKey = find('2.5.29.14');
  const points = find('2.5.29.31');
  const constraints = find('2.5.29.19');
  const usage = find('2.5.29.15');
  const uses = usage === undefined ? undefined : namedBits(valueOf(usage, BIT_STRING));
  const ca =
    constraints === undefined ? undefined : new Reader(valueOf(constraints, SEQUENCE)).optional(BOOLEAN);
  return {
    authorityKeyId: authorityKey === undefined ? undefined : authorityKeyIdOf(authorityKey),
    subjectKeyId: subjectKey === undefined ? undefined : hex(contentOf(valueOf(subjectKey, OCTET_STRING))),
    distributionPoints: points === undefined ? [] : distributionPointsOf(valueOf(points, SEQUENCE)),
    authority: constraints === undefined ? undefined : ca !== undefined && booleanOf(ca),
    signsLists: uses?.(CRL_SIGN),
    signsCertificates: uses?.(KEY_CERT_SIGN),
  };
}
