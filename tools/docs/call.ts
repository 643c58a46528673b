/** A call of an operation, as samples write it: with an example of everything that is required. */
import { type OpenApiDocument, type Operation, resolve } from '../../lib/api/document';
import { exampleOf } from './examples';
import { textOf } from './html';
import { CSRF_HEADER, needsCsrf, stepUpOf, type Alternative } from './protection';

/** Where the site may be; the script of the page puts its own origin there. */
export const SITE = 'https://app.example.com';
/** Where an API behind mutual TLS may be: it has an address of its own. */
const PARTNERS = 'https://partners.example.com';

/** A value that a sample takes from the environment, with what stands around it. */
interface Secret {
  readonly before: string;
  readonly variable: string;
}

export interface Call {
  readonly method: string;
  /** Without credentials in the query. */
  readonly url: string;
  /** Name of a key in the query. */
  readonly queryKey: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string | Secret])[];
  /** Indented JSON. */
  readonly body: string | undefined;
  /** Whether `Content-Digest` goes along. */
  readonly digest: boolean;
  /** Whether the connection brings a client certificate. */
  readonly certificate: boolean;
  /** Whether a page of the site can make it: its session is all that is needed. */
  readonly inBrowser: boolean;
}

/** Environment variables that samples read. */
const VARIABLES = {
  bearer: 'ACCESS_TOKEN',
  key: 'API_KEY',
  session: 'SESSION',
} as const;

export function callOf(document: OpenApiDocument, operation: Operation, alternative: Alternative): Call {
  const { method, parameters, requestBody } = operation;
  const certificate = alternative.some(({ kind }) => kind === 'certificate');
  const inBrowser = alternative.length > 0 && alternative.every(({ kind }) => kind === 'session');
  const headers = alternative.flatMap(({ kind, name, in: place }): [string, string | Secret][] => {
    if (kind === 'bearer') return [['Authorization', { before: 'Bearer ', variable: VARIABLES.bearer }]];
    if (kind === 'session') return [['Cookie', { before: `${name}=`, variable: VARIABLES.session }]];
    return kind === 'key' && place === 'header' ? [[name, { before: '', variable: VARIABLES.key }]] : [];
  });
  if (needsCsrf(method, alternative)) headers.push(['Origin', SITE], [CSRF_HEADER, '1']);
  const required = parameters.filter((parameter) => parameter.required);
  for (const { name, in: place, schema } of required) {
    if (place === 'header') headers.push([name, textOf(exampleOf(document, schema))]);
  }
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  if (type !== undefined) headers.push(['Content-Type', type]);
  const query = required
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema }) => `${encoded(name)}=${encoded(textOf(exampleOf(document, schema)))}`);
  const path = operation.path.replace(/\{([^}]+)\}/g, (_, name) => {
    const parameter = parameters.find((each) => each.in === 'path' && each.name === name);
    return encoded(textOf(exampleOf(document, parameter?.schema)));
  });
  return {
    method,
    url: `${certificate ? PARTNERS : baseOf(document)}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`,
    queryKey: alternative.find(({ kind, in: place }) => kind === 'key' && place === 'query')?.name,
    headers,
    body: media === undefined ? undefined : JSON.stringify(exampleOf(document, media.schema), null, 2),
    digest: stepUpOf(operation)?.singleUse === true && media !== undefined,
    certificate,
    inBrowser,
  };
}

/** First server of the document; a path is taken below the site. */
function baseOf(document: OpenApiDocument): string {
  return new URL(serverOf(document), SITE).href.replace(/\/$/, '');
}

/** URL or path of the first server, without a slash at the end. */
export function serverOf(document: OpenApiDocument): string {
  const [server] = Array.isArray(document['servers']) ? document['servers'] : [];
  const { url } = resolve(document, server ?? {}, '/servers/0').value;
  return typeof url === 'string' ? url.replace(/\/$/, '') : '';
}

function encoded(text: string): string {
  return encodeURIComponent(text);
}
