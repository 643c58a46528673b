/**
 * The site listener: one origin for the browser, as CloudFront gives on AWS, with the very functions of the
 * distribution. `/api/*` goes to the deployed stage, `/docs/*` is a file of the documentation, anything else one of the
 * web app.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { resolve } from 'node:path';

import {
  edgeFunctions,
  edgeRequest,
  isResponse,
  type EdgeFunctions,
  type EdgeRequest,
  type EdgeResponse,
} from './edge-functions';
import { forward } from './forward';
import { problem } from './http';
import { siteFile, type SiteFile } from './site-files';

export interface EdgeOptions {
  /** URL of the deployed stage, without a slash at the end. */
  readonly apiUrl: string;
  /** Folder of the built web app. */
  readonly webFolder: string;
  /** Folder of the built documentation. @default none, and 404 for it */
  readonly docsFolder?: string;
  /** What `/config.json` says. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Certificate and key of the site. @default plain HTTP, which browsers trust of localhost */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export function edge(options: EdgeOptions): Server {
  const functions = edgeFunctions();
  const target = new URL(options.apiUrl);
  const listener: RequestListener = (incoming, outgoing) => {
    const url = incoming.url ?? '/';
    const request = edgeRequest(incoming.method ?? 'GET', url, incoming.rawHeaders);
    const behavior = behaviorOf(request.uri);
    if (behavior === 'api') toApi(incoming, outgoing, target, functions, request);
    else void serve(outgoing, placeOf(behavior, options, functions), functions, request);
  };
  return options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
}

/**
 * The behaviour that a path belongs to: `/api/*`, `/docs` and `/docs/*`, or the default. CloudFront compares the
 * normalized path: characters that need no encoding are decoded (RFC 3986 section 6.2.2.2). Dot segments need no care:
 * the functions refuse them.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesPathPattern
 */
export function behaviorOf(uri: string): 'api' | 'docs' | 'site' {
  const normalized = uri.replace(/%(?:4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a]|3\d|2d|2e|5f|7e)/gi, (encoded) =>
    String.fromCharCode(Number.parseInt(encoded.slice(1), 16)),
  );
  if (normalized.startsWith('/api/')) return 'api';
  return normalized === '/docs' || normalized.startsWith('/docs/') ? 'docs' : 'site';
}

/** What a behaviour that serves files is made of. */
interface Place {
  readonly request: (request: EdgeRequest) => EdgeRequest | EdgeResponse;
  readonly errorHeaders: Readonly<Record<string, string>>;
  /** The file of a path that the function has answered. */
  readonly file: (uri: string) => Promise<SiteFile | null>;
  readonly cacheControl: (uri: string) => string;
  /** Why nothing is there, where the path would be the first that is asked for. */
  readonly notBuilt: readonly [uri: string, why: string];
}

function placeOf(
  behavior: 'docs' | 'site',
  { webFolder, docsFolder, config }: EdgeOptions,
  { site, docsRequest, siteRequest }: EdgeFunctions,
): Place {
  const { assets, pages } = site.cacheControl;
  if (behavior === 'docs') {
    return {
      request: docsRequest,
      errorHeaders: site.docsErrorHeaders,
      file: async (uri) =>
        docsFolder === undefined ? null : siteFile(resolve(docsFolder), uri.slice('/docs'.length)),
      cacheControl: () => pages,
      notBuilt: ['/docs/index.html', 'the documentation has not been built: npm run docs -- build'],
    };
  }
  return {
    request: siteRequest,
    errorHeaders: site.errorHeaders,
    file: async (uri) =>
      uri === '/config.json'
        ? { type: 'application/json', content: Buffer.from(JSON.stringify(config)) }
        : siteFile(resolve(webFolder), uri),
    cacheControl: (uri) => (uri.startsWith(`/${site.assets}`) ? assets : pages),
    notBuilt: ['/index.html', 'the web app has not been built: npm run build:web'],
  };
}

function toApi(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: URL,
  functions: EdgeFunctions,
  before: EdgeRequest,
): void {
  const after = functions.apiRequest(before);
  if (isResponse(after)) {
    write(outgoing, after);
    return;
  }
  const query = /\?.*$/s.exec(incoming.url ?? '')?.[0] ?? '';
  forward(incoming, outgoing, {
    target,
    path: `${target.pathname}${after.uri}${query}`,
    // the emulator reads some host names as addresses of services
    own: [...added(before, after), 'Host', target.host],
    without: changed(before, after),
    withoutAnswer: NOT_HERE,
  });
}

async function serve(
  outgoing: ServerResponse,
  place: Place,
  functions: EdgeFunctions,
  request: EdgeRequest,
): Promise<void> {
  const refuse = (status: number, title: string, detail: string): void => {
    for (const [name, value] of Object.entries(place.errorHeaders)) {
      if (!NOT_HERE.has(name)) outgoing.setHeader(name, value);
    }
    problem(outgoing, status, title, detail);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(403, 'Forbidden', 'files are only read');
    return;
  }
  const asked = place.request(request);
  if (isResponse(asked)) {
    write(outgoing, asked);
    return;
  }
  const file = await place.file(asked.uri);
  if (file === null) {
    const [first, why] = place.notBuilt;
    refuse(404, 'Not Found', asked.uri === first ? why : 'no such file');
    return;
  }
  const answer = functions.siteResponse(request, {
    statusCode: 200,
    headers: {
      'content-type': { value: file.type },
      'content-length': { value: String(file.content.length) },
      'cache-control': { value: place.cacheControl(asked.uri) },
    },
  });
  write(outgoing, answer, request.method === 'HEAD' ? undefined : file.content);
}

function write(
  outgoing: ServerResponse,
  { statusCode, headers, body }: EdgeResponse,
  content?: Buffer,
): void {
  for (const [name, { value }] of Object.entries(headers)) {
    if (!NOT_HERE.has(name)) outgoing.setHeader(name, value);
  }
  outgoing.writeHead(statusCode).end(content ?? body);
}

/**
 * A browser would keep HSTS for localhost and refuse every other program of this machine that speaks plain HTTP: it
 * holds for all ports of a host (RFC 6797 section 8.2).
 */
const NOT_HERE: ReadonlySet<string> = new Set(['strict-transport-security']);

/** Names of headers that the function took away or replaced. */
function changed(before: EdgeRequest, after: EdgeRequest): Set<string> {
  const names = Object.keys(before.headers);
  return new Set(names.filter((name) => after.headers[name]?.value !== before.headers[name]?.value));
}

function added(before: EdgeRequest, after: EdgeRequest): string[] {
  return Object.entries(after.headers).flatMap(([name, { value }]) =>
    before.headers[name]?.value === value ? [] : [name, value],
  );
}
