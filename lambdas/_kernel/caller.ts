/** Who calls: the context which the front door hands to the handlers behind it. */

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
  };
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
  return { subject, clientId, scheme, scopes, groups };
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
