/** Makes answers of OCSP responders with real signatures, so that each can be wrong in exactly one way (RFC 6960). */
import { createHash } from 'node:crypto';

import { readCertificate, type Certificate } from '../../lambdas/mtls/core/certificate';
import type { Authority } from './authority';
import {
  der,
  extension,
  integer,
  makeCertificate,
  makeKeys,
  name,
  NOW,
  oid,
  sequence,
  signed,
  type Keys,
} from './make-crl';

export const NONCE = Buffer.alloc(32, 7);
const DIGESTS = { sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1' } as const;
/** id-kp-OCSPSigning, and any use at all. */
const OCSP_SIGNING = extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.9')));
export const ANY_USE = extension('2.5.29.37', sequence(oid('2.5.29.37.0')));

/** GeneralizedTime. */
const moment = (seconds: number): Buffer =>
  der(0x18, Buffer.from(new Date(seconds * 1000).toISOString().replace(/[-T:]|\.\d+/g, '')));

const hashOf = (algorithm: string, bytes: Uint8Array): Buffer => createHash(algorithm).update(bytes).digest();

/** The bits of a key, as the hash of a responder takes them. */
function keyBits(keys: Keys): Buffer {
  const info = keys.publicKey.export({ format: 'der', type: 'spki' });
  // SEQUENCE { SEQUENCE algorithm, BIT STRING }: the BIT STRING ends the whole
  const algorithm = 2 + (info[1]! >= 0x80 ? info[1]! & 0x7f : 0);
  const at = algorithm + 2 + info[algorithm + 1]!;
  const header = 2 + (info[at + 1]! >= 0x80 ? info[at + 1]! & 0x7f : 0);
  return info.subarray(at + header + 1);
}

export interface AnswerParts {
  readonly status?: 'good' | 'revoked' | 'unknown';
  readonly serial?: bigint;
  readonly thisUpdate?: number;
  readonly nextUpdate?: number | null;
  readonly nonce?: Uint8Array | null;
  readonly digest?: keyof typeof DIGESTS;
  /** Who is named as the responder, by key where `byKey`. @default who signs */
  readonly byKey?: boolean;
  readonly signer?: Signer;
  readonly responseStatus?: number;
  readonly extensions?: readonly Buffer[];
  /** Name of the CA in the CertID. */
  readonly issuerName?: string;
}

/** Who signs an answer; `certificates` go with it. */
interface Signer {
  readonly commonName: string;
  readonly keys: Keys;
  readonly certificates?: readonly Buffer[];
}

const STATUSES = {
  good: der(0x80),
  revoked: der(0xa1, moment(NOW - 3600)),
  unknown: der(0x82),
} as const;

/** An OCSPResponse that a CA gives about a serial. */
export function makeAnswer(ca: Authority, parts: AnswerParts = {}): Buffer {
  const {
    status = 'good',
    serial = 8n,
    thisUpdate = NOW - 60,
    nextUpdate = NOW + 3600,
    nonce = NONCE,
    digest = 'sha1',
    signer = { commonName: ca.commonName, keys: ca.keys },
    issuerName = ca.commonName,
  } = parts;
  if (parts.responseStatus !== undefined) return sequence(der(0x0a, [parts.responseStatus]));
  const certId = sequence(
    sequence(oid(DIGESTS[digest]), der(0x05)),
    der(0x04, hashOf(digest, name(issuerName))),
    der(0x04, hashOf(digest, keyBits(ca.keys))),
    integer(serial),
  );
  const single = sequence(
    certId,
    STATUSES[status],
    moment(thisUpdate),
    ...(nextUpdate === null ? [] : [der(0xa0, moment(nextUpdate))]),
  );
  const extensions = [
    ...(nonce === null ? [] : [extension('1.3.6.1.5.5.7.48.1.2', der(0x04, nonce))]),
    ...(parts.extensions ?? []),
  ];
  const data = sequence(
    parts.byKey === true
      ? der(0xa2, der(0x04, hashOf('sha1', keyBits(signer.keys))))
      : der(0xa1, name(signer.commonName)),
    moment(thisUpdate),
    sequence(single),
    ...(extensions.length === 0 ? [] : [der(0xa1, sequence(...extensions))]),
  );
  // SEQUENCE { data, algorithm, signature } with the certificates put in after them
  const whole = signed(data, signer.keys);
  const header = 2 + (whole[1]! >= 0x80 ? whole[1]! & 0x7f : 0);
  const certificates = signer.certificates ?? [];
  const basic = sequence(
    whole.subarray(header),
    ...(certificates.length === 0 ? [] : [der(0xa0, sequence(...certificates))]),
  );
  return sequence(der(0x0a, [0]), der(0xa0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), der(0x04, basic))));
}

/** Somebody with a certificate for answers. @param issuer who signs it, by whatever name it says */
export function makeDelegate(
  issuer: Authority,
  { extensions = [OCSP_SIGNING], issuerName = issuer.commonName } = {},
): Signer & { readonly certificate: Certificate } {
  const keys = makeKeys('ecdsa-p256');
  const certificate = makeCertificate({
    subject: 'Responder',
    issuer: issuerName,
    serial: 99n,
    keys,
    signer: issuer.keys,
    extensions,
  });
  return {
    commonName: 'Responder',
    keys,
    certificates: [certificate],
    certificate: readCertificate(certificate),
  };
}

/** Authority information access of a certificate: addresses of responders. */
export const responderAt = (...addresses: readonly string[]): Buffer =>
  extension(
    '1.3.6.1.5.5.7.1.1',
    sequence(
      ...addresses.map((address) => sequence(oid('1.3.6.1.5.5.7.48.1'), der(0x86, Buffer.from(address)))),
    ),
  );
