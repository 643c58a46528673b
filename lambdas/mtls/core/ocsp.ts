/** The check of an OCSP responder's answers (RFC 6960). */
import type { KeyObject } from 'node:crypto';

import { publicKeyOf, readCertificate, type Certificate } from './certificate';
import {
  BIT_STRING,
  checkInteger,
  contentOf,
  elementAt,
  encodingOf,
  ENUMERATED,
  GENERALIZED_TIME,
  identifierOf,
  INTEGER,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  Reader,
  SEQUENCE,
  smallInteger,
  wholeOctets,
  type Element,
} from './der';
import { extensionsOf, valueOf, type Extension } from './extensions';
import { CLOCK_SKEW } from './freshness';
import { issuanceOf } from './issuance';
import { nameOf } from './names';
import { digest, keyBitsOf, type OcspQuestion } from './ocsp-request';
import { Refusal } from './refusal';
import { algorithmOf, keyFits, SignatureCheck } from './signature';
import { timeOf } from './time';

/** Why an answer does not count; stable, in logs. */
export type OcspFault =
  | 'ocsp_malformed'
  /** The responder says that it cannot or will not answer. */
  | 'ocsp_refused'
  | 'ocsp_signature_invalid'
  /** Neither the CA of the certificate nor somebody whom that CA let answer. */
  | 'ocsp_signer_not_allowed'
  | 'ocsp_certificate_differs'
  | 'ocsp_nonce_differs'
  /** Not in force yet, or no longer. */
  | 'ocsp_out_of_date'
  /** The responder does not know the certificate. */
  | 'ocsp_unknown';

export type OcspAnswer =
  /** Seconds since 1970 up to which the answer counts. */
  | { readonly status: 'good' | 'revoked'; readonly until: number }
  | { readonly status: 'fault'; readonly reason: OcspFault };

const BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1';
const NONCE = '1.3.6.1.5.5.7.48.1.2';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
/** Hash functions of a CertID; what they identify is signed by another one. */
const CERT_ID_DIGESTS: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
};
/** Most certificates of an answer that are looked at. */
const MAX_CERTIFICATES = 4;

/** What an answer says of the certificate that was asked about, if it counts (section 3.2). */
export function readOcspResponse(der: Uint8Array, question: OcspQuestion): OcspAnswer {
  try {
    const basic = basicOf(der);
    return basic === undefined ? fault('ocsp_refused') : judged(basic, question);
  } catch (error) {
    if (error instanceof Refusal) return fault('ocsp_malformed');
    throw error;
  }
}

/** BasicOCSPResponse; `undefined` when the responder did not answer the question (section 4.2.1). */
function basicOf(der: Uint8Array): Reader | undefined {
  const whole = elementAt(der, 0, der.length, 0);
  if (whole.end !== der.length) throw new Refusal('der_trailing_bytes', 'bytes after the answer', whole.end);
  const all = sole(whole, SEQUENCE);
  const status = smallInteger(all.take(ENUMERATED, 'responseStatus'));
  if (status !== 0) return undefined;
  const wrapped = all.take(0xa0, 'responseBytes');
  all.end('the answer');
  const bytes = sequenceInside(all.inside(wrapped), 'responseBytes');
  const type = bytes.take(OBJECT_IDENTIFIER, 'responseType');
  if (identifierOf(type) !== BASIC_RESPONSE) throw malformed(type, 'an answer of an unknown type');
  const content = bytes.take(OCTET_STRING, 'response');
  bytes.end('responseBytes');
  return sequenceInside(bytes.inside(content), 'the response');
}

interface Response {
  readonly responder: Element;
  readonly singles: Reader;
  readonly nonce: Uint8Array | undefined;
}

function judged(basic: Reader, question: OcspQuestion): OcspAnswer {
  const part = basic.take(SEQUENCE, 'tbsResponseData');
  const algorithmElement = basic.take(SEQUENCE, 'signatureAlgorithm');
  const signature = wholeOctets(basic.take(BIT_STRING, 'signature'));
  const certificates = basic.optional(0xa0);
  basic.end('the response');
  const response = responseOf(basic.inside(part));
  const key = signerKey(response.responder, certificatesIn(basic, certificates), question);
  if (key === undefined) return fault('ocsp_signer_not_allowed');
  if (!verifies(algorithmElement, key, encodingOf(part), signature)) return fault('ocsp_signature_invalid');
  if (response.nonce !== undefined && Buffer.compare(response.nonce, question.nonce) !== 0)
    return fault('ocsp_nonce_differs');
  while (!response.singles.done) {
    const single = response.singles.inside(response.singles.take(SEQUENCE, 'a single response'));
    if (isAbout(single.inside(single.take(SEQUENCE, 'certID')), question)) return statusIn(single, question);
  }
  return fault('ocsp_certificate_differs');
}

/** ResponseData (section 4.2.1). */
function responseOf(fields: Reader): Response {
  const version = fields.optional(0xa0);
  if (version !== undefined && smallInteger(fields.inside(version).take(INTEGER, 'the version')) !== 0)
    throw malformed(version, 'an answer of an unknown version');
  const responder = fields.next();
  timeOf(fields.take(GENERALIZED_TIME, 'producedAt'), 'producedAt');
  const singles = fields.inside(fields.take(SEQUENCE, 'responses'));
  const extensions = optionalExtensions(fields);
  fields.end('tbsResponseData');
  const nonce = extensions.find(({ id }) => id === NONCE);
  return {
    responder,
    singles,
    nonce: nonce === undefined ? undefined : contentOf(valueOf(nonce, OCTET_STRING)),
  };
}

/**
 * The key of who answered, where that is the CA itself or somebody whom it let answer: by a certificate that it issued,
 * that holds now and is for that use alone (section 4.2.2.2).
 */
function signerKey(
  responder: Element,
  certificates: readonly Uint8Array[],
  { issuer, now }: OcspQuestion,
): KeyObject | undefined {
  if (isNamed(responder, issuer)) return publicKeyOf(issuer);
  for (const der of certificates) {
    const delegate = readCertificate(der);
    if (!isNamed(responder, delegate) || delegate.issuer.hash !== issuer.subject.hash) continue;
    const { notBefore, notAfter, madeBy } = issuanceOf(delegate);
    if (now >= notBefore && now <= notAfter && maySignAnswers(delegate) && madeBy(issuer))
      return publicKeyOf(delegate);
  }
  return undefined;
}

/** id-kp-OCSPSigning by its own name: any use at all is not enough (section 4.2.2.2). */
function maySignAnswers({ extensions }: Certificate): boolean {
  const usage = extensions.find(({ id }) => id === EXTENDED_KEY_USAGE);
  if (usage === undefined) return false;
  const uses = new Reader(valueOf(usage, SEQUENCE));
  while (!uses.done) if (identifierOf(uses.take(OBJECT_IDENTIFIER, 'a use')) === OCSP_SIGNING) return true;
  return false;
}

/** ResponderID (section 4.2.1): by name, or by SHA-1 of the key. */
function isNamed(responder: Element, certificate: Certificate): boolean {
  const inside = new Reader(responder);
  if (responder.tag === 0xa1)
    return nameOf(inside.take(SEQUENCE, 'a name')).hash === certificate.subject.hash;
  if (responder.tag !== 0xa2) throw malformed(responder, 'the responder is named in no known way');
  const hash = contentOf(inside.take(OCTET_STRING, 'the hash of a key'));
  return Buffer.compare(hash, digest('sha1', keyBitsOf(certificate))) === 0;
}

function verifies(
  algorithmElement: Element,
  key: KeyObject,
  part: Uint8Array,
  signature: Uint8Array,
): boolean {
  const algorithm = algorithmOf(algorithmElement);
  if (!keyFits(key, algorithm)) return false;
  const check = new SignatureCheck(algorithm, [key]);
  check.update(part);
  return check.verify(signature)[0] === true;
}

function isAbout(certId: Reader, { certificate, issuer }: OcspQuestion): boolean {
  const algorithm = certId.inside(certId.take(SEQUENCE, 'hashAlgorithm'));
  const hash = CERT_ID_DIGESTS[identifierOf(algorithm.take(OBJECT_IDENTIFIER, 'a hash function'))];
  const nameHash = contentOf(certId.take(OCTET_STRING, 'issuerNameHash'));
  const keyHash = contentOf(certId.take(OCTET_STRING, 'issuerKeyHash'));
  const serial = checkInteger(certId.take(INTEGER, 'serialNumber'));
  certId.end('certID');
  return (
    hash !== undefined &&
    Buffer.compare(nameHash, digest(hash, certificate.issuerEncoding)) === 0 &&
    Buffer.compare(keyHash, digest(hash, keyBitsOf(issuer))) === 0 &&
    Buffer.compare(serial, certificate.serial) === 0
  );
}

/** The rest of a SingleResponse: status and times (section 4.2.1). */
function statusIn(single: Reader, { now, maximumAge }: OcspQuestion): OcspAnswer {
  const status = single.next();
  const thisUpdate = timeOf(single.take(GENERALIZED_TIME, 'thisUpdate'), 'thisUpdate');
  const wrapped = single.optional(0xa0);
  const nextUpdate =
    wrapped === undefined
      ? Infinity
      : timeOf(single.inside(wrapped).take(GENERALIZED_TIME, 'nextUpdate'), 'nextUpdate');
  optionalExtensions(single);
  single.end('a single response');
  // section 3.2 (5) and (6); an answer without nextUpdate is as old as it may get after the maximum age
  const until = nextUpdate === Infinity ? thisUpdate + maximumAge : Math.min(nextUpdate, now + maximumAge);
  if (thisUpdate > now + CLOCK_SKEW || until < now) return fault('ocsp_out_of_date');
  switch (status.tag) {
    case 0x80:
      return { status: 'good', until };
    case 0xa1:
      return { status: 'revoked', until };
    case 0x82:
      return fault('ocsp_unknown');
    default:
      throw malformed(status, 'a status of no known kind');
  }
}

/** `[1] EXPLICIT Extensions`; a critical one that is not known must not be passed over (section 4.4). */
function optionalExtensions(fields: Reader): Extension[] {
  const wrapped = fields.optional(0xa1);
  if (wrapped === undefined) return [];
  const inside = fields.inside(wrapped);
  const extensions = extensionsOf(inside.take(SEQUENCE, 'extensions'));
  inside.end('extensions');
  const unknown = extensions.find(({ id, critical }) => critical && id !== NONCE);
  if (unknown !== undefined)
    throw new Refusal(
      'extension_critical_unknown',
      `critical extension ${unknown.id} is not known`,
      unknown.offset,
    );
  return extensions;
}

function certificatesIn(basic: Reader, wrapped: Element | undefined): Uint8Array[] {
  if (wrapped === undefined) return [];
  const list = sequenceInside(basic.inside(wrapped), 'certificates');
  const found: Uint8Array[] = [];
  while (!list.done && found.length < MAX_CERTIFICATES)
    found.push(Uint8Array.from(encodingOf(list.take(SEQUENCE, 'a certificate'))));
  return found;
}

function sole(element: Element, tag: number): Reader {
  if (element.tag !== tag) throw malformed(element, 'an answer does not begin like this');
  return new Reader(element);
}

/** Fields of the one SEQUENCE that stands in something. */
function sequenceInside(outer: Reader, what: string): Reader {
  const inner = outer.inside(outer.take(SEQUENCE, what));
  outer.end(what);
  return inner;
}

function malformed({ base, start }: Element, message: string): Refusal {
  return new Refusal('der_tag_unexpected', message, base + start);
}

function fault(reason: OcspFault): OcspAnswer {
  return { status: 'fault', reason };
}
