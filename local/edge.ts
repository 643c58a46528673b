/**
 * The site listener: one origin for the browser, as CloudFront gives on AWS. `/api/*` goes to the deployed stage with
 * the prefix taken off; the rest of the request and all of the answer pass unchanged.
 */
import {
  createServer,
  request as send,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';

import { problem } from './http';

/** Headers that belong to one connection (RFC 9110 section 7.6.1) and are not passed on. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const PREFIX = '/api';

/** @param apiUrl URL of the deployed stage, without a slash at the end */
export function edge(apiUrl: string): Server {
  const target = new URL(apiUrl);
  return createServer((incoming, outgoing) => {
    const path = pathBehindPrefix(incoming.url ?? '/');
    if (path === null) problem(outgoing, 404, 'Not Found', `only ${PREFIX}/* is served here`);
    else forward(incoming, outgoing, target, target.pathname + path);
  });
}

/** The path as API Gateway gets it, or null where the site has nothing. Nothing is decoded or normalized. */
export function pathBehindPrefix(url: string): string | null {
  const match = /^\/api(?:(\/[^?]*))?(\?.*)?$/s.exec(url);
  return match === null ? null : `${match[1] ?? '/'}${match[2] ?? ''}`;
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, target: URL, path: string): void {
  const request = send({
    hostname: target.hostname,
    port: target.port,
    path,
    method: incoming.method,
    // the emulator reads some host names as addresses of services
    headers: [...endToEnd(incoming), 'Host', target.host],
  });
  request.once('response', (response) => {
    outgoing.writeHead(response.statusCode ?? 502, endToEnd(response));
    response.pipe(outgoing);
  });
  request.once('error', () => {
    if (outgoing.headersSent) outgoing.destroy();
    else problem(outgoing, 502, 'Bad Gateway', 'the emulator does not answer; is it running? (npm start)');
  });
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) request.destroy();
  });
  incoming.pipe(request);
}

/** Header lines as they came, repeated ones too. */
function endToEnd({ rawHeaders }: IncomingMessage): string[] {
  const kept: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const lower = name.toLowerCase();
    if (!HOP_BY_HOP.has(lower) && lower !== 'host') kept.push(name, rawHeaders[at + 1] ?? '');
  }
  return kept;
}
