/**
 * The certificate authority of one local instance, kept in `ca/` of its home: for the site over TLS, and for the
 * partners' client certificates. Written with node:crypto alone, since `npm start` may count on Node and Python only.
 *
 * The root can vouch for no server but this machine (name constraints, RFC 5280 section 4.2.1.10): who tells a browser
 * to trust it gives nothing away should its key leak.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';

import { bitString, commonName, element, integer, octetString, oid, pem, sequence, time, TRUE } from './der';

export interface CertificateRequest {
  /** Common name of the subject. */
  readonly subject: string;
  readonly kind: 'server' | 'client';
  /** Subject alternative names: `localhost`, names below it, or `127.0.0.1`; a client may have none. */
  readonly names: readonly string[];
  /** @default an hour ago, for clocks that differ */
  readonly notBefore?: Date;
  /** @default 397 days from now, the most that browsers take of a server */
  readonly notAfter?: Date;
}

export interface Issued {
  readonly certPem: string;
  /** PKCS #8. */
  readonly keyPem: string;
  /** Upper-case hexadecimal, as node:crypto and OpenSSL print it. */
  readonly serialNumber: string;
}

interface RevocationListRequest {
  /** Serial numbers as `Issued` has them. */
  readonly revoked: readonly string[];
  /** CRL number (RFC 5280 section 5.2.3); larger than that of the list before. */
  readonly number: bigint;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
}

export interface Authority {
  readonly certPem: string;
  /** Path of the certificate, for `curl --cacert` and for browsers. */
  readonly certFile: string;
  issue(request: CertificateRequest): Issued;
  /** A signed list of revoked certificates, in DER. */
  revocationList(request: RevocationListRequest): Buffer;
}

const DAY = 86_400_000;
const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const KEY_PURPOSES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

/**
 * Opens the authority of a folder; makes it when there is none yet, or when it ends before what it would sign.
 *
 * @param directory readable by its owner alone afterwards, like the key in it
 */
export function authority(directory: string): Authority {
  const certFile = join(directory, 'ca.pem');
  const keyFile = join(directory, 'ca.key');
  if (!usable(certFile, keyFile)) make(directory, certFile, keyFile);
  const certPem = readFileSync(certFile, 'utf8');
  const key = createPrivateKey(readFileSync(keyFile));
  const issuer = commonName(new X509Certificate(certPem).subject.replace(/^CN=/, ''));
  const keyId = keyIdOf(createPublicKey(key));
  return {
    certPem,
    certFile,
    issue: ({ subject, kind, names, notBefore = fromNow(-DAY / 24), notAfter = fromNow(397 * DAY) }) => {
      const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const serial = newSerial();
      const der = certificate(key, {
        serial,
        issuer,
        subject: commonName(subject),
        publicKey: keys.publicKey,
        notBefore,
        notAfter,
        extensions: [
          extension('2.5.29.19', sequence(), 'critical'),
          // digitalSignature
          extension('2.5.29.15', bitString(Buffer.of(0x80), 7), 'critical'),
          extension('2.5.29.37', sequence(oid(KEY_PURPOSES[kind]))),
          extension('2.5.29.35', authorityKeyId(keyId)),
          ...(names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names.map(generalName)))]),
        ],
      });
      return {
        certPem: pem('CERTIFICATE', der),
        keyPem: keyPemOf(keys.privateKey),
        serialNumber: new X509Certificate(der).serialNumber,
      };
    },
    revocationList: ({ revoked, number, thisUpdate, nextUpdate }) =>
      signed(
        key,
        integer(1n),
        ECDSA_WITH_SHA256,
        issuer,
        time(thisUpdate),
        time(nextUpdate),
        ...(revoked.length === 0
          ? []
          : [
              sequence(
                ...revoked.map((serial) => sequence(integer(BigInt(`0x${serial}`)), time(thisUpdate))),
              ),
            ]),
        element(
          0xa0,
          sequence(extension('2.5.29.35', authorityKeyId(keyId)), extension('2.5.29.20', integer(number))),
        ),
      ),
  };
}

function usable(certFile: string, keyFile: string): boolean {
  if (!existsSync(certFile) || !existsSync(keyFile)) return false;
  const certificateInUse = new X509Certificate(readFileSync(certFile));
  return (
    Date.parse(certificateInUse.validTo) > Date.now() + 400 * DAY &&
    certificateInUse.checkPrivateKey(createPrivateKey(readFileSync(keyFile)))
  );
}

function make(directory: string, certFile: string, keyFile: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serial = newSerial();
  // two instances must not have roots of one name: browsers would take the one for the other
  const name = commonName(`Sallyport local CA ${serial.toString(16).slice(0, 8)}`);
  const der = certificate(privateKey, {
    serial,
    issuer: name,
    subject: name,
    publicKey,
    notBefore: fromNow(-DAY / 24),
    notAfter: fromNow(3650 * DAY),
    extensions: [
      extension('2.5.29.19', sequence(TRUE), 'critical'),
      // keyCertSign and cRLSign
      extension('2.5.29.15', bitString(Buffer.of(0x06), 1), 'critical'),
      extension('2.5.29.14', octetString(keyIdOf(publicKey))),
      extension('2.5.29.30', sequence(element(0xa0, ...PERMITTED)), 'critical'),
    ],
  });
  for (const [file, text] of [
    [keyFile, keyPemOf(privateKey)],
    [certFile, pem('CERTIFICATE', der)],
  ] as const) {
    // a file that exists would keep its mode
    rmSync(file, { force: true });
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  }
}

/** `localhost` with the names below it, and 127.0.0.1 as address and mask. */
const PERMITTED = [
  sequence(element(0x82, Buffer.from('localhost'))),
  sequence(element(0x87, Buffer.of(127, 0, 0, 1, 255, 255, 255, 255))),
];

interface CertificateParts {
  readonly serial: bigint;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Buffer[];
}

/** A certificate of version 3 (RFC 5280 section 4.1). */
function certificate(key: KeyObject, parts: CertificateParts): Buffer {
  return signed(
    key,
    element(0xa0, integer(2n)),
    integer(parts.serial),
    ECDSA_WITH_SHA256,
    parts.issuer,
    sequence(time(parts.notBefore), time(parts.notAfter)),
    parts.subject,
    parts.publicKey.export({ format: 'der', type: 'spki' }),
    element(0xa3, sequence(...parts.extensions)),
  );
}

/** Outer form of certificates and lists: what is signed, algorithm, signature. */
function signed(key: KeyObject, ...fields: readonly Uint8Array[]): Buffer {
  const part = sequence(...fields);
  return sequence(part, ECDSA_WITH_SHA256, bitString(sign('sha256', part, key)));
}

const extension = (id: string, value: Uint8Array, critical?: 'critical'): Buffer =>
  sequence(oid(id), ...(critical === undefined ? [] : [TRUE]), octetString(value));

const authorityKeyId = (keyId: Uint8Array): Buffer => sequence(element(0x80, keyId));

const generalName = (name: string): Buffer =>
  isIPv4(name)
    ? element(0x87, Buffer.from(name.split('.').map(Number)))
    : element(0x82, Buffer.from(name, 'latin1'));

const keyPemOf = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();

/** The leftmost 160 bits of the SHA-256 of the public key (RFC 7093 section 2, method 1). */
function keyIdOf(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return createHash('sha256').update(point).digest().subarray(0, 20);
}

/** 127 random bits below a leading one: positive and of equal length (RFC 5280 section 4.1.2.2). */
function newSerial(): bigint {
  return (BigInt(`0x${randomBytes(16).toString('hex')}`) >> 1n) | (1n << 126n);
}

function fromNow(milliseconds: number): Date {
  return new Date(Date.now() + milliseconds);
}
