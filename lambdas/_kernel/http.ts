/** Reads the events of a REST API (payload 1.0) and an HTTP API (payload 2.0) as one request, and renders answers. */
import { createHash } from 'node:crypto';
import { STATUS_CODES } from 'node:http';

import { type Cookie, parseCookies } from './cookies';

/** One request, whatever API it came through. */
export interface HttpRequest {
  /** Upper case. */
  readonly method: string;
  /** Percent-decoded values of the path template. */
  readonly pathParameters: ReadonlyMap<string, string>;
  /** Percent-decoded values in the order they were sent. */
  readonly query: ReadonlyMap<string, readonly string[]>;
  /** By lower-case name; repeated fields are joined by `, ` (RFC 9110 section 5.3). */
  readonly headers: ReadonlyMap<string, string>;
  /** In the order they were sent. */
  readonly cookies: readonly Cookie[];
  /** The bytes of the body, empty when there is none. */
  readonly body: Uint8Array;
  /** Id which API Gateway gave the request; `undefined` when it does not look like one. */
  readonly requestId: string | undefined;
  /** Context of the authorizer, to be read with `decodeCaller`. */
  readonly authorizer: unknown;
  /** How the answer must be written: REST APIs know 1.0 only, HTTP APIs send what they want back. */
  readonly payload: Payload;
}

/** Payload format of a Lambda proxy integration. */
type Payload = '1.0' | '2.0';

/** One offending field of a request. */
export interface FieldError {
  readonly in: 'body' | 'query' | 'path' | 'header';
  /** Parameter or header name, or the JSON pointer in the body (RFC 6901); empty for the body as a whole. */
  readonly field: string;
  /** What is expected; never the value that was sent. */
  readonly message: string;
}

/** Problem details (RFC 9457 section 3.1) with the fields that are wrong. */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: FieldError[];
  /** Stable code, where there is one. */
  reason?: string;
  /** The challenge of a 401, as `WWW-Authenticate` has it: API Gateway renames that header when a function sets it. */
  challenge?: string;
}

/** An answer before it is rendered. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Values of Set-Cookie, one line each (RFC 6265 section 3). */
  readonly cookies?: readonly string[];
  /** Which of several documented media types the body has; default the first. */
  readonly mediaType?: string;
  /** Content of the `style` element of a page; the only style that its policy lets a browser apply. */
  readonly style?: string;
}

/**
 * What API Gateway expects of a proxy integration. Cookies stand in `multiValueHeaders` in payload 1.0 and in `cookies`
 * in 2.0; a REST API refuses an answer with members it does not know.
 */
export interface HttpResponse {
  statusCode: number;
  headers: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  cookies?: string[];
  body: string;
  isBase64Encoded: false;
}

type Json = Readonly<Record<string, unknown>>;

const NOTHING: Json = {};

/**
 * Reads an event; never throws.
 *
 * @returns `undefined` for anything that is not a request of a REST or HTTP API, e.g. a load balancer's
 */
export function readRequest(event: unknown): HttpRequest | undefined {
  const root = object(event);
  const context = object(root['requestContext']);
  if (root['version'] === '2.0') {
    const method = object(context['http'])['method'];
    if (typeof method !== 'string') return undefined;
    return {
      ...common(root, context, method),
      pathParameters: new Map(texts(root['pathParameters'])),
      // queryStringParameters joins repeated values by commas and cannot be taken apart again
      query: group([...new URLSearchParams(text(root['rawQueryString']))]),
      headers: joined(texts(root['headers'])),
      cookies: parseCookies(cookiesOfHttpApi(root)),
      authorizer: object(context['authorizer'])['lambda'],
      payload: '2.0',
    };
  }
  const method = root['httpMethod'];
  // a load balancer's event has the same outer shape, but nobody has checked its caller
  if (typeof method !== 'string' || context['elb'] !== undefined) return undefined;
  // a REST API hands path parameters over as they were sent, an HTTP API with payload 1.0 decodes them
  const decode = root['version'] === undefined ? decodePercent : (value: string): string => value;
  const headers = lists(root['multiValueHeaders'], root['headers']);
  return {
    ...common(root, context, method),
    pathParameters: new Map(
      texts(root['pathParameters']).map(([name, value]) => [name, decode(value)] as const),
    ),
    query: group(lists(root['multiValueQueryStringParameters'], root['queryStringParameters'])),
    headers: joined(headers),
    cookies: parseCookies(cookieHeaders(headers)),
    authorizer: context['authorizer'],
    payload: '1.0',
  };
}

/**
 * A problem answer; `type` is `about:blank`, so `title` is the phrase of the status (RFC 9457 section 4.2.1).
 *
 * @param status 400 to 599
 * @param options.detail for people, must not depend on a value that was sent
 * @param options.errors the fields that are wrong
 */
export function problem<const Status extends number>(
  status: Status,
  { detail, errors }: { detail?: string; errors?: readonly FieldError[] } = {},
): { readonly status: Status; readonly body: ProblemDetails } {
  return {
    status,
    body: {
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      ...(detail === undefined ? {} : { detail }),
      ...(errors === undefined ? {} : { errors: [...errors] }),
    },
  };
}

/** Payload 2.0 takes the cookies out of the headers, each into an entry of its own; some test events do not. */
function cookiesOfHttpApi(root: Json): string[] {
  const { cookies } = root;
  if (!Array.isArray(cookies)) return cookieHeaders(texts(root['headers']));
  return cookies.filter((cookie) => typeof cookie === 'string');
}

function cookieHeaders(headers: readonly (readonly [string, string])[]): string[] {
  return headers.filter(([name]) => name.toLowerCase() === 'cookie').map(([, value]) => value);
}

/** Set on every answer; a handler cannot change them. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  // a page of a sibling domain is same-site: the Strict cookie goes along when it loads an answer as an image or script
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains', // two years
  'x-content-type-options': 'nosniff',
};

/** Nothing is loaded or run; a style is named by its hash (Content Security Policy Level 3 section 2.3.1). */
function securityPolicy(style: string | undefined): string {
  const hash = style === undefined ? '' : createHash('sha256').update(style).digest('base64');
  return `default-src 'none'; ${hash === '' ? '' : `style-src 'sha256-${hash}'; `}frame-ancestors 'none'`;
}

/**
 * Renders an answer with the headers every answer has; `Cache-Control` is `no-store` unless the answer sets it.
 *
 * @param options.mediaType of the body; default JSON, or problem JSON from status 400 on
 * @param options.payload format of the event that is answered; default 1.0
 * @throws TypeError for a header value with a line break or another control character (RFC 9110 section 5.5)
 */
export function render(
  { status, body, headers = {}, cookies = [], style }: Answer,
  {
    mediaType = status < 400 ? 'application/json' : 'application/problem+json',
    payload = '1.0',
  }: { mediaType?: string | undefined; payload?: Payload } = {},
): HttpResponse {
  const rendered: Record<string, string> = { 'cache-control': 'no-store' };
  for (const [name, value] of Object.entries(headers)) rendered[name.toLowerCase()] = fieldValue(name, value);
  if (body !== undefined)
    rendered['content-type'] = mediaType.startsWith('text/') ? `${mediaType}; charset=utf-8` : mediaType;
  const lines = cookies.map((cookie) => fieldValue('set-cookie', cookie));
  return {
    statusCode: status,
    headers: { ...rendered, ...SECURITY_HEADERS, 'content-security-policy': securityPolicy(style) },
    ...(lines.length === 0
      ? {}
      : payload === '2.0'
        ? { cookies: lines }
        : { multiValueHeaders: { 'set-cookie': lines } }),
    body:
      body === undefined ? '' : typeof body === 'string' && !isJson(mediaType) ? body : JSON.stringify(body),
    isBase64Encoded: false,
  };
}

function fieldValue(name: string, value: string): string {
  if (!/^[\t\x20-\x7e]*$/.test(value)) throw new TypeError(`header ${name} has a character it must not have`);
  return value;
}

/** The media type in lower case without parameters; empty when a charset other than UTF-8 is given. */
export function mediaTypeOf(contentType: string): string {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const foreign = parameters.some(
    (parameter) => parameter.startsWith('charset=') && !/^charset="?utf-8"?$/.test(parameter),
  );
  return foreign ? '' : type;
}

/** Whether a media type without parameters is JSON (RFC 6839 section 3.1). */
export function isJson(mediaType: string): boolean {
  return mediaType === 'application/json' || mediaType.endsWith('+json');
}

function common(
  root: Json,
  context: Json,
  method: string,
): Pick<HttpRequest, 'method' | 'body' | 'requestId'> {
  const id = context['requestId'];
  return {
    method: method.toUpperCase(),
    body: Buffer.from(text(root['body']), root['isBase64Encoded'] === true ? 'base64' : 'utf8'),
    // a UUID from a REST API, 15 characters and `=` from an HTTP API: anything else is not API Gateway's
    requestId:
      typeof id === 'string' && /^(?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\w-]{15}=)$/.test(id)
        ? id
        : undefined,
  };
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : NOTHING;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(value: unknown): (readonly [string, string])[] {
  return Object.entries(object(value)).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
}

/** Pairs of a multi-value map; of the single-value map where there is no such map, as in some test events. */
function lists(multiple: unknown, single: unknown): (readonly [string, string])[] {
  const entries = Object.entries(object(multiple)).filter(([, values]) => Array.isArray(values));
  if (entries.length === 0) return texts(single);
  return entries.flatMap(([name, values]) =>
    (values as unknown[]).filter((value) => typeof value === 'string').map((value) => [name, value] as const),
  );
}

function group(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const grouped = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const values = grouped.get(name);
    if (values === undefined) grouped.set(name, [value]);
    else values.push(value);
  }
  return grouped;
}

function joined(pairs: readonly (readonly [string, string])[]): Map<string, string> {
  const named = group(pairs.map(([name, value]) => [name.toLowerCase(), value] as const));
  return new Map([...named].map(([name, values]) => [name, values.join(', ')]));
}

function decodePercent(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // left as it is, so that the schema of the parameter refuses it
    return value;
  }
}
