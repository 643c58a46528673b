/** The client certificate of a request, as API Gateway hands it over, read by our own parser. */
import { readCertificate, type Certificate } from './certificate';
import { MAX_SERIAL } from './entries';
import { CLOCK_SKEW } from './freshness';
import { Refusal } from './refusal';
import { serialOf } from './serial';
import { secondsOfText } from './time';

/** Why a request has no certificate that could be looked up; stable, in logs. */
export type CertificateFault =
  'certificate_missing' | 'certificate_malformed' | 'certificate_contradictory' | 'certificate_out_of_date';

type ReadCertificate =
  | { readonly ok: true; readonly certificate: Certificate }
  | { readonly ok: false; readonly fault: CertificateFault };

/** Most characters of PEM; API Gateway takes less in a handshake. */
const MAX_PEM = 64 * 1024;
/** One block and nothing else: a chain, or text in front of it, is not what the event is said to hold. */
const PEM = /^\s*-----BEGIN CERTIFICATE-----\r?\n([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/;
/** The one base64 spelling of some octets. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Reads `clientCert` of an event. Whatever the event says beside the PEM must fit it, as far as AWS documents how it is
 * written: the serial in decimal or hexadecimal, the validity as OpenSSL writes times. Names are taken from the PEM
 * alone, since the order and escaping of those in the event is not documented.
 *
 * @param clientCert `requestContext.identity.clientCert` of a REST API, `requestContext.authentication.clientCert` of an
 *   HTTP API (https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html)
 * @param now seconds since 1970; API Gateway has checked the dates in the handshake, which may be long ago
 */
export function readClientCertificate(clientCert: unknown, now: number): ReadCertificate {
  if (clientCert === undefined || clientCert === null) return fault('certificate_missing');
  const fields = recordOf(clientCert);
  const pem = fields?.['clientCertPem'];
  if (fields === undefined || typeof pem !== 'string') return fault('certificate_malformed');
  const certificate = certificateOf(pem);
  // no list could revoke it
  if (certificate === undefined || certificate.serial.length > MAX_SERIAL)
    return fault('certificate_malformed');
  if (!agrees(fields, certificate)) return fault('certificate_contradictory');
  if (now < certificate.notBefore - CLOCK_SKEW || now > certificate.notAfter)
    return fault('certificate_out_of_date');
  return { ok: true, certificate };
}

function certificateOf(pem: string): Certificate | undefined {
  if (pem.length > MAX_PEM) return undefined;
  const base64 = PEM.exec(pem)?.[1]?.replace(/\s+/g, '');
  if (base64 === undefined || !BASE64.test(base64)) return undefined;
  try {
    return readCertificate(Buffer.from(base64, 'base64'));
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function agrees(fields: Readonly<Record<string, unknown>>, certificate: Certificate): boolean {
  const { serialNumber } = fields;
  if (typeof serialNumber === 'string' && !isSerial(serialNumber, certificate.serial)) return false;
  const validity = recordOf(fields['validity']);
  return (
    isTime(validity?.['notBefore'], certificate.notBefore) &&
    isTime(validity?.['notAfter'], certificate.notAfter)
  );
}

/** `1`, `a1:b2` or `A1B2`; digits alone may be either, as AWS's samples have both. */
function isSerial(text: string, serial: Uint8Array): boolean {
  const decimal = /^-?\d{1,200}$/.test(text) ? BigInt(text) : undefined;
  const written = [
    serialOf(text),
    decimal === undefined
      ? undefined
      : serialOf(`${decimal < 0n ? '-' : ''}${magnitude(decimal).toString(16)}`),
  ];
  return written.some((octets) => octets !== undefined && Buffer.compare(octets, serial) === 0);
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** `May 28 12:30:02 2019 GMT`; what is written otherwise says nothing. */
function isTime(text: unknown, seconds: number): boolean {
  if (typeof text !== 'string') return true;
  const match = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4}) GMT$/.exec(text);
  if (match === null) return true;
  const [, name = '', day = '', hour, minute, second, year] = match;
  const month = 'JanFebMarAprMayJunJulAugSepOctNovDec'.indexOf(name) / 3 + 1;
  const [mm, dd] = [String(month).padStart(2, '0'), day.padStart(2, '0')];
  return (
    secondsOfText(`${year ?? ''}-${mm}-${dd}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}Z`) === seconds
  );
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function fault(reason: CertificateFault): ReadCertificate {
  return { ok: false, fault: reason };
}
