/** Who calls: the context which the front door hands to the handlers behind it. */
import { createHash, timingSafeEqual } from 'node:crypto';

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
  /** The sign-in behind the credentials, where step-up is deployed and the credentials tell of one. */
  readonly session?: SignIn;
}

/** One sign-in: what a step-up is bound to. */
export interface SignIn {
  /** `jti` of an access token (RFC 7519 section 4.1.7), or the id of a browser's session. */
  readonly id: string;
  /** Epoch seconds at which the token or the session ends. */
  readonly endsAt: number;
  /** Epoch seconds at which the person proved who they are; a refresh does not move it. */
  readonly authTime?: number;
  /** Level of that proof, as the provider says it (OpenID Connect Core section 2). */
  readonly acr?: string;
}

/** Renders a sign-in as authorizer context; its level has been judged already and is not handed on. */
export function encodeSignIn({ id, endsAt, authTime }: SignIn): Record<string, string> {
  return {
    sessionId: id,
    sessionEndsAt: String(endsAt),
    ...(authTime === undefined ? {} : { sessionAuthTime: String(authTime) }),
  };
}

/**
 * Whether a body is the one that the front door let in: its SHA-256 is the digest of the context, compared in constant
 * time.
 *
 * @param bound whether the operation must not act without one
 * @returns `missing` when it must and the context has none, `different` when the bytes are others
 */
export function bodyOf(
  authorizer: unknown,
  body: Uint8Array,
  bound: boolean,
): 'let_in' | 'missing' | 'different' {
  const { contentDigest } = (authorizer ?? {}) as { readonly contentDigest?: unknown };
  if (typeof contentDigest !== 'string') return bound ? 'missing' : 'let_in';
  const expected = Buffer.from(contentDigest, 'base64');
  const actual = createHash('sha256').update(body).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual) ? 'let_in' : 'different';
}

/** What an operation needs of the front door and a request does not have: it did not come through one. */
export function missingOf(
  secured: boolean | 'certificate',
  caller: Caller | undefined,
  body: ReturnType<typeof bodyOf>,
): 'caller_missing' | 'certificate_missing' | 'digest_missing' | undefined {
  if (secured !== false && caller === undefined) return 'caller_missing';
  if (secured === 'certificate' && caller?.certificate === undefined) return 'certificate_missing';
  return body === 'missing' ? 'digest_missing' : undefined;
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
  const session = signInOf(own('sessionId'), own('sessionEndsAt'), own('sessionAuthTime'));
  return {
    subject,
    clientId,
    scheme,
    scopes,
    groups,
    ...(certificate === undefined ? {} : { certificate }),
    ...(session === undefined ? {} : { session }),
  };
}

/** The certificate as a whole or none; only a subject may be empty. */
function decodeCertificate(own: (key: string) => unknown): ClientCertificate | undefined {
  const entries = CERTIFICATE_ENTRIES.map(([member, key]) => [member, own(key)] as const);
  const whole = entries.every(([member, value]) => isText(value) || (member === 'subject' && value === ''));
  return whole ? (Object.fromEntries(entries) as unknown as ClientCertificate) : undefined;
}

function signInOf(id: unknown, endsAt: unknown, authTime: unknown): SignIn | undefined {
  if (!isText(id) || !isTime(endsAt)) return undefined;
  return { id, endsAt: Number(endsAt), ...(isTime(authTime) ? { authTime: Number(authTime) } : {}) };
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,12}$/.test(value);
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
