/** Who calls: the context which the front door hands to the handlers behind it. */

/** The client certificate of a caller who came over mutual TLS. */
export interface ClientCertificate {
  /** Distinguished names (RFC 4514); empty for a subject that is named by its alternative names alone. */
  readonly subject: string;
  readonly issuer: string;
  /** Upper-case hexadecimal, as `openssl x509 -serial` prints it; unique together with the issuer. */
  readonly serial: string;
  /** SHA-256 of the certificate in hexadecimal. */
  readonly fingerprint: string;
  /** By what it was found not to be revoked, e.g. `fresh` for a list in time; see docs/mtls.md. */
  readonly status: string;
}

/** The caller as the front door has checked it. */
export interface Caller {
  /** Identifies the caller at its issuer, as `sub` of a token does (RFC 7519 section 4.1.2). */
  readonly subject: string;
  /** The application that calls (RFC 8693 section 4.3). */
  readonly clientId: string;
  /** Name of the security scheme of openapi.yaml which let the caller in. */
  readonly scheme: string;
  readonly scopes: readonly string[];
  readonly groups: readonly string[];
  /** Where the operation asks for one. */
  readonly certificate?: ClientCertificate;
}

/**
 * Renders a caller as authorizer context, whose values API Gateway keeps as flat strings.
 *
 * Lists are separated by spaces; a space, a control character or a `%` inside an item is percent-encoded (RFC 3986
 * section 2.1), so that a group named `domain admins` never becomes two groups.
 */
export function encodeCaller(caller: Caller): Record<string, string> {
  return {
    subject: caller.subject,
    clientId: caller.clientId,
    scheme: caller.scheme,
    scopes: encodeList(caller.scopes),
    groups: encodeList(caller.groups),
    ...(caller.certificate === undefined ? {} : encodeCertificate(caller.certificate)),
  };
}

/** Members of the context that hold the certificate. */
const CERTIFICATE_KEYS: Readonly<Record<keyof ClientCertificate, string>> = {
  subject: 'certificateSubject',
  issuer: 'certificateIssuer',
  serial: 'certificateSerial',
  fingerprint: 'certificateFingerprint',
  status: 'certificateStatus',
};
const CERTIFICATE_ENTRIES = Object.entries(CERTIFICATE_KEYS) as [keyof ClientCertificate, string][];

function encodeCertificate(certificate: ClientCertificate): Record<string, string> {
  return Object.fromEntries(CERTIFICATE_ENTRIES.map(([member, key]) => [key, certificate[member]]));
}

/**
 * Reads the caller from an event: `requestContext.authorizer` of a REST API, `requestContext.authorizer.lambda` of an
 * HTTP API.
 *
 * @returns `undefined` unless subject, clientId and scheme are texts that are not empty and both lists, where present,
 *   are well-formed; never throws
 */
export function decodeCaller(authorizer: unknown): Caller | undefined {
  if (typeof authorizer !== 'object' || authorizer === null) return undefined;
  const own = (key: string): unknown =>
    Object.hasOwn(authorizer, key) ? (authorizer as Record<string, unknown>)[key] : undefined;
  const [subject, clientId, scheme] = [own('subject'), own('clientId'), own('scheme')];
  const scopes = decodeList(own('scopes'));
  const groups = decodeList(own('groups'));
  if (!isText(subject) || !isText(clientId) || !isText(scheme)) return undefined;
  if (scopes === undefined || groups === undefined) return undefined;
  const certificate = decodeCertificate(own);
  return {
    subject,
    clientId,
    scheme,
    scopes,
    groups,
    ...(certificate === undefined ? {} : { certificate }),
  };
}

/** The certificate as a whole or none; only a subject may be empty. */
function decodeCertificate(own: (key: string) => unknown): ClientCertificate | undefined {
  const entries = CERTIFICATE_ENTRIES.map(([member, key]) => [member, own(key)] as const);
  const whole = entries.every(([member, value]) => isText(value) || (member === 'subject' && value === ''));
  return whole ? (Object.fromEntries(entries) as unknown as ClientCertificate) : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function encodeList(items: readonly string[]): string {
  return items
    .filter((item) => item !== '')
    .map((item) => item.replace(/[%\s\p{Cc}]/gu, encodeURIComponent))
    .join(' ');
}

function decodeList(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'string') return undefined;
  try {
    return value
      .split(' ')
      .filter((item) => item !== '')
      .map(decodeURIComponent);
  } catch {
    // a stray `%`: not what encodeCaller writes
    return undefined;
  }
}
