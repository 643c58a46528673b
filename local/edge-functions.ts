/**
 * Runs the CloudFront Functions of the site as CloudFront does: the generated files, the event in its shape. What the
 * browser sees here is what it sees behind the distribution.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

interface EdgeValue {
  value: string;
  multiValue?: { value: string }[];
}
type EdgeValues = Record<string, EdgeValue>;

export interface EdgeRequest {
  method: string;
  /** Path as it was sent, without the query. */
  uri: string;
  querystring: EdgeValues;
  /** By lower-case name; cookies are apart. */
  headers: EdgeValues;
  cookies: EdgeValues;
}

export interface EdgeResponse {
  statusCode: number;
  headers: EdgeValues;
  body?: string;
}

/** What the edge must know beside its functions. */
interface SiteFacts {
  /** Headers that stand where no viewer-response function runs. */
  readonly errorHeaders: Readonly<Record<string, string>>;
  /** The same of the documentation. */
  readonly docsErrorHeaders: Readonly<Record<string, string>>;
  /** Folder of the files that never change. */
  readonly assets: string;
  readonly cacheControl: { readonly assets: string; readonly pages: string };
}

export interface EdgeFunctions {
  readonly site: SiteFacts;
  /** The request to pass on, or the answer of the edge itself. */
  readonly apiRequest: (request: EdgeRequest) => EdgeRequest | EdgeResponse;
  readonly docsRequest: (request: EdgeRequest) => EdgeRequest | EdgeResponse;
  readonly siteRequest: (request: EdgeRequest) => EdgeRequest | EdgeResponse;
  readonly siteResponse: (request: EdgeRequest, response: EdgeResponse) => EdgeResponse;
}

/** @param folder where `npm run generate` writes them */
export function edgeFunctions(folder = join(__dirname, '../generated/edge')): EdgeFunctions {
  const load = (name: string): ((event: object) => unknown) => {
    const code = readFileSync(join(folder, name), 'utf8');
    const handler = new Script(`${code};handler`, { filename: name }).runInNewContext() as (
      event: object,
    ) => unknown;
    // a function gets objects of its own, and what it answers is data
    return (event) => structuredClone(handler(structuredClone({ version: '1.0', ...event })));
  };
  const [apiRequest, docsRequest, siteRequest, siteResponse] = [
    load('api-request.js'),
    load('docs-request.js'),
    load('site-request.js'),
    load('site-response.js'),
  ];
  return {
    site: JSON.parse(readFileSync(join(folder, 'site.json'), 'utf8')) as SiteFacts,
    apiRequest: (request) => apiRequest({ request }) as EdgeRequest | EdgeResponse,
    docsRequest: (request) => docsRequest({ request }) as EdgeRequest | EdgeResponse,
    siteRequest: (request) => siteRequest({ request }) as EdgeRequest | EdgeResponse,
    siteResponse: (request, response) => siteResponse({ request, response }) as EdgeResponse,
  };
}

export function isResponse(answer: EdgeRequest | EdgeResponse): answer is EdgeResponse {
  return 'statusCode' in answer;
}

/** @param rawHeaders names and values in turn, as node:http has them */
export function edgeRequest(method: string, url: string, rawHeaders: readonly string[]): EdgeRequest {
  const question = url.indexOf('?');
  const uri = question < 0 ? url : url.slice(0, question);
  const query = question < 0 ? '' : url.slice(question + 1);
  const headers = noValues();
  const cookies = noValues();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    const value = rawHeaders[at + 1] ?? '';
    if (name === 'cookie') for (const pair of value.split(/; */)) addPair(cookies, pair);
    else add(headers, name, value);
  }
  const querystring = noValues();
  for (const pair of query.split('&')) addPair(querystring, pair);
  return { method, uri, querystring, headers, cookies };
}

/** A header may be called `__proto__`. */
const noValues = (): EdgeValues => Object.create(null) as EdgeValues;

function addPair(values: EdgeValues, pair: string): void {
  if (pair === '') return;
  const equals = pair.indexOf('=');
  add(values, equals < 0 ? pair : pair.slice(0, equals), equals < 0 ? '' : pair.slice(equals + 1));
}

function add(values: EdgeValues, name: string, value: string): void {
  const known = Object.hasOwn(values, name) ? values[name] : undefined;
  if (known === undefined) values[name] = { value };
  else (known.multiValue ??= [{ value: known.value }]).push({ value });
}
