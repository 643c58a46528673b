/**
 * The site listener: one origin for the browser, as CloudFront gives on AWS, with the very functions of the
 * distribution. `/api/*` goes to the deployed stage; anything else is a file of the web app.
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
import { siteFile } from './site-files';

export interface EdgeOptions {
  /** URL of the deployed stage, without a slash at the end. */
  readonly apiUrl: string;
  /** Folder of the built web app. */
  readonly webFolder: string;
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
    if (isOfApi(request.uri)) toApi(incoming, outgoing, target, functions, request);
    else void serve(outgoing, { ...options, webFolder: resolve(options.webFolder) }, functions, request);
  };
  return options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
}

/**
 * Whether a path belongs to the behaviour `/api/*`. CloudFront compares the normalized path: characters that need no
 * encoding are decoded (RFC 3986 section 6.2.2.2). Dot segments need no care: the functions refuse them.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesPathPattern
 */
export function isOfApi(uri: string): boolean {
  const normalized = uri.replace(/%(?:4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a]|3\d|2d|2e|5f|7e)/gi, (encoded) =>
    String.fromCharCode(Number.parseInt(encoded.slice(1), 16)),
  );
  return normalized.startsWith('/api/');
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
  { webFolder, config }: EdgeOptions,
  functions: EdgeFunctions,
  request: EdgeRequest,
): Promise<void> {
  const { site } = functions;
  const refuse = (status: number, title: string, detail: string): void => {
    for (const [name, value] of Object.entries(site.errorHeaders)) {
      if (!NOT_HERE.has(name)) outgoing.setHeader(name, value);
    }
    problem(outgoing, status, title, detail);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(403, 'Forbidden', 'the web app is only read');
    return;
  }
  const asked = functions.siteRequest(request);
  if (isResponse(asked)) {
    write(outgoing, asked);
    return;
  }
  const file =
    asked.uri === '/config.json'
      ? { type: 'application/json', content: Buffer.from(JSON.stringify(config)) }
      : await siteFile(webFolder, asked.uri);
  if (file === null) {
    const detail =
      asked.uri === '/index.html' ? 'the web app has not been built: npm run build:web' : 'no such file';
    refuse(404, 'Not Found', detail);
    return;
  }
  const isAsset = asked.uri.startsWith(`/${site.assets}`);
  const answer = functions.siteResponse(request, {
    statusCode: 200,
    headers: {
      'content-type': { value: file.type },
      'content-length': { value: String(file.content.length) },
      'cache-control': { value: isAsset ? site.cacheControl.assets : site.cacheControl.pages },
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
