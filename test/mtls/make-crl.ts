/** Makes certificates and certificate lists with real signatures, so that each can be wrong in exactly one way. */
import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** DER of one element. */
export function der(tag: number, ...contents: readonly (Uint8Array | readonly number[])[]): Buffer {
  const content = Buffer.concat(contents.map((piece) => Buffer.from(piece)));
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const digits = content.length.toString(16);
  const length = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 + length.length]), length, content]);
}

export const sequence = (...contents: readonly Uint8Array[]): Buffer => der(0x30, ...contents);

export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift(0x80 | (left & 0x7f));
    return groups;
  });
  return der(0x06, octets);
}

export function integer(value: bigint | number): Buffer {
  const number = BigInt(value);
  let octets = 1;
  while (number >= 1n << BigInt(8 * octets - 1) || number < -(1n << BigInt(8 * octets - 1))) octets += 1;
  return der(
    0x02,
    Buffer.from(
      BigInt.asUintN(8 * octets, number)
        .toString(16)
        .padStart(2 * octets, '0'),
      'hex',
    ),
  );
}

export const PRINTABLE_STRING = 0x13;
export const BMP_STRING = 0x1e;

/** A common name, as UTF8String where no other type is given. */
export function name(commonName: string, tag = 0x0c): Buffer {
  const text = tag === BMP_STRING ? Buffer.from(commonName, 'utf16le').swap16() : Buffer.from(commonName);
  return sequence(der(0x31, sequence(oid('2.5.4.3'), der(tag, text))));
}

/** UTCTime up to 2049, GeneralizedTime after (RFC 5280 section 4.1.2.5). */
export function time(seconds: number): Buffer {
  const digits = new Date(seconds * 1000).toISOString().replace(/[-T:]|\.\d+/g, '');
  return Number(digits.slice(0, 4)) < 2050
    ? der(0x17, Buffer.from(digits.slice(2)))
    : der(0x18, Buffer.from(digits));
}

export const extension = (id: string, value: Uint8Array, critical = false): Buffer =>
  sequence(oid(id), ...(critical ? [der(0x01, [0xff])] : []), der(0x04, value));

export type Kind =
  'rsa-sha256' | 'rsa-sha1' | 'rsa-pss-sha256' | 'ecdsa-p256' | 'ecdsa-p384' | 'ecdsa-p521' | 'ed25519';

const SHA256 = sequence(oid('2.16.840.1.101.3.4.2.1'), der(0x05));
const ALGORITHMS: Readonly<Record<Kind, { identifier: Buffer; digest: string | null }>> = {
  'rsa-sha256': { identifier: sequence(oid('1.2.840.113549.1.1.11'), der(0x05)), digest: 'sha256' },
  'rsa-sha1': { identifier: sequence(oid('1.2.840.113549.1.1.5'), der(0x05)), digest: 'sha1' },
  'rsa-pss-sha256': {
    identifier: sequence(
      oid('1.2.840.113549.1.1.10'),
      sequence(
        der(0xa0, SHA256),
        der(0xa1, sequence(oid('1.2.840.113549.1.1.8'), SHA256)),
        der(0xa2, integer(32)),
      ),
    ),
    digest: 'sha256',
  },
  'ecdsa-p256': { identifier: sequence(oid('1.2.840.10045.4.3.2')), digest: 'sha256' },
  'ecdsa-p384': { identifier: sequence(oid('1.2.840.10045.4.3.3')), digest: 'sha384' },
  'ecdsa-p521': { identifier: sequence(oid('1.2.840.10045.4.3.4')), digest: 'sha512' },
  ed25519: { identifier: sequence(oid('1.3.101.112')), digest: null },
};

export interface Keys {
  readonly kind: Kind;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function makeKeys(kind: Kind): Keys {
  switch (kind) {
    case 'ed25519':
      return { kind, ...generateKeyPairSync('ed25519') };
    case 'ecdsa-p256':
      return { kind, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
    case 'ecdsa-p384':
      return { kind, ...generateKeyPairSync('ec', { namedCurve: 'P-384' }) };
    case 'ecdsa-p521':
      return { kind, ...generateKeyPairSync('ec', { namedCurve: 'P-521' }) };
    case 'rsa-sha256':
    case 'rsa-sha1':
    case 'rsa-pss-sha256':
      return { kind, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
  }
}

/** `SEQUENCE { signed part, algorithm, signature }`, the outer form of certificates and lists. */
export function signed(
  part: Uint8Array,
  { kind, privateKey }: Keys,
  algorithm = ALGORITHMS[kind].identifier,
): Buffer {
  const pss = kind.startsWith('rsa-pss') ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
  const signature = sign(ALGORITHMS[kind].digest, part, { key: privateKey, ...pss });
  return sequence(part, algorithm, der(0x03, [0], signature));
}

interface CertificateParts {
  readonly subject: string;
  readonly issuer?: string | Buffer;
  readonly serial?: bigint;
  readonly keys: Keys;
  readonly signer?: Keys;
  readonly extensions?: readonly Buffer[];
}

/** keyCertSign and cRLSign. */
export const CA_USAGE = extension('2.5.29.15', der(0x03, [1, 0x06]), true);
export const CA_CONSTRAINTS = extension('2.5.29.19', sequence(der(0x01, [0xff])), true);

export function makeCertificate(parts: CertificateParts): Buffer {
  const { subject, issuer = subject, serial = 1n, keys, signer = keys, extensions = [] } = parts;
  return signed(
    sequence(
      der(0xa0, integer(2)),
      integer(serial),
      ALGORITHMS[signer.kind].identifier,
      typeof issuer === 'string' ? name(issuer) : issuer,
      sequence(time(NOW - 86_400), time(NOW + 365 * 86_400)),
      name(subject),
      keys.publicKey.export({ format: 'der', type: 'spki' }),
      ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
    ),
    signer,
  );
}

/** 2026-11-21T06:00:00Z. */
export const NOW = 1_795_240_800;

export interface Entry {
  readonly serial: bigint;
  readonly date?: number;
  readonly reason?: number;
  readonly extensions?: readonly Buffer[];
}

const reason = (code: number): Buffer => extension('2.5.29.21', der(0x0a, [code]));
export const certificateIssuer = (commonName: string): Buffer =>
  extension('2.5.29.29', sequence(der(0xa4, name(commonName))), true);

export interface ListParts {
  readonly issuer: string;
  readonly keys: Keys;
  readonly entries?: readonly Entry[];
  readonly thisUpdate?: number;
  readonly nextUpdate?: number | null;
  readonly number?: bigint;
  readonly extensions?: readonly Buffer[];
}

export const listNumber = (value: bigint): Buffer => extension('2.5.29.20', integer(value));
/** Subject key identifier (RFC 5280 section 4.2.1.2). */
export const subjectKeyId = (id: string): Buffer => extension('2.5.29.14', der(0x04, Buffer.from(id)));
/** Authority key identifier, by its key alone (section 4.2.1.1). @param id hexadecimal */
export const authorityKeyId = (id: string): Buffer =>
  extension('2.5.29.35', sequence(der(0x80, Buffer.from(id, 'hex'))));
export const deltaOf = (value: bigint): Buffer => extension('2.5.29.27', integer(value), true);
/** Issuing distribution point: flags as `[1]` to `[5]`. */
export function issuingPoint(uri: string | undefined, ...flags: readonly number[]): Buffer {
  const point = uri === undefined ? [] : [der(0xa0, der(0xa0, der(0x86, Buffer.from(uri))))];
  return extension('2.5.29.28', sequence(...point, ...flags.map((flag) => der(0x80 + flag, [0xff]))), true);
}
/** Distribution point of a certificate. */
export function pointOf(uri: string, listIssuer?: string): Buffer {
  const issuer = listIssuer === undefined ? [] : [der(0xa2, der(0xa4, name(listIssuer)))];
  const fields = sequence(der(0xa0, der(0xa0, der(0x86, Buffer.from(uri)))), ...issuer);
  return extension('2.5.29.31', sequence(fields));
}

export function makeEntry({ serial, date = NOW - 3600, reason: code, extensions = [] }: Entry): Buffer {
  const all = [...(code === undefined ? [] : [reason(code)]), ...extensions];
  return sequence(integer(serial), time(date), ...(all.length > 0 ? [sequence(...all)] : []));
}

export function makeList(parts: ListParts): Buffer {
  const { issuer, keys, entries = [], thisUpdate = NOW - 60, nextUpdate = NOW + 86_400, number = 1n } = parts;
  const extensions = [listNumber(number), ...(parts.extensions ?? [])];
  return signed(
    sequence(
      integer(1),
      ALGORITHMS[keys.kind].identifier,
      name(issuer),
      time(thisUpdate),
      ...(nextUpdate === null ? [] : [time(nextUpdate)]),
      ...(entries.length > 0 ? [sequence(...entries.map(makeEntry))] : []),
      der(0xa0, sequence(...extensions)),
    ),
    keys,
  );
}

export function pem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}
