/** Lists of any size for the benchmark, with real signatures. */
import { createSign, randomFillSync } from 'node:crypto';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';

import {
  CA_CONSTRAINTS,
  CA_USAGE,
  der,
  listNumber,
  makeCertificate,
  makeKeys,
  name,
  oid,
  pem,
  sequence,
  integer,
  time,
} from '../test/mtls/make-crl';

export type Serials = 'random' | 'sequential';

const keys = makeKeys('rsa-sha256');
const algorithm = sequence(oid('1.2.840.113549.1.1.11'), der(0x05));
const REASON = Buffer.from('300c300a0603551d1504030a0101', 'hex');

/** Header of a SEQUENCE of so many bytes, always with four length octets or fewer as DER wants it. */
function header(tag: number, length: number): Buffer {
  return der(tag, Buffer.alloc(0)).length === 2 && length < 0x80
    ? Buffer.from([tag, length])
    : longHeader(tag, length);
}

function longHeader(tag: number, length: number): Buffer {
  const digits = length.toString(16);
  const octets = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 + octets.length]), octets]);
}

/** Writes the certificate of the issuer of all lists. */
export function writeIssuer(file: string): void {
  writeFileSync(
    file,
    pem(
      'CERTIFICATE',
      makeCertificate({ subject: 'Bench CA', keys, extensions: [CA_USAGE, CA_CONSTRAINTS] }),
    ),
  );
}

/** DER of the one block of a PEM file. */
export function derOf(text: string): Buffer {
  return Buffer.from(text.replace(/-----[^-]*-----|\s/g, ''), 'base64');
}

/** A certificate that no list has. */
export function clientPem(): string {
  const parts = { subject: 'client', issuer: 'Bench CA', serial: (1n << 156n) + 8n, keys };
  return pem('CERTIFICATE', makeCertificate(parts));
}

/** Writes a list of DER; serials of 16 to 20 octets, half of the entries with a reason. */
export function writeList(file: string, entries: number, serials: Serials): void {
  const now = Math.floor(Date.now() / 1000);
  // of the last two years, so that no date is the one before
  const dates = Array.from({ length: 4096 }, (_, i) => time(now - 86_400 - ((i * 7_919) % 4096) * 15_401));
  const body = Buffer.alloc(entries * 56);
  let end = 0;
  const noise = randomFillSync(Buffer.alloc(entries * 20));
  for (let i = 0; i < entries; i += 1) {
    const width = serials === 'random' ? 16 + (i % 5) : 16;
    const date = dates[i % dates.length] ?? Buffer.alloc(0);
    const withReason = i % 2 === 0;
    body[end++] = 0x30;
    body[end++] = 2 + width + date.length + (withReason ? REASON.length : 0);
    body[end++] = 0x02;
    body[end++] = width;
    if (serials === 'random') {
      noise.copy(body, end, i * 20, i * 20 + width);
      body[end] = 0x40 | ((body[end] ?? 0) & 0x3f);
    } else {
      body.fill(0x5a, end, end + width - 4);
      body.writeUInt32BE(i, end + width - 4);
    }
    end += width;
    end += date.copy(body, end);
    if (withReason) end += REASON.copy(body, end);
  }
  const revoked = Buffer.concat([header(0x30, end), body.subarray(0, end)]);
  const content = Buffer.concat([
    integer(1),
    algorithm,
    name('Bench CA'),
    time(now - 60),
    time(now + 7 * 86_400),
    revoked,
    der(0xa0, sequence(listNumber(1n))),
  ]);
  const part = Buffer.concat([header(0x30, content.length), content]);
  const signature = der(0x03, [0], createSign('sha256').update(part).sign(keys.privateKey));
  const descriptor = openSync(file, 'w');
  for (const piece of [
    header(0x30, part.length + algorithm.length + signature.length),
    part,
    algorithm,
    signature,
  ])
    writeSync(descriptor, piece);
  closeSync(descriptor);
}
