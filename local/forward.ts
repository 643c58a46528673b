/** Passes a request on to the emulator: what both listeners have in common. */
import { request as send, type IncomingMessage, type ServerResponse } from 'node:http';

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

interface Forwarded {
  readonly target: URL;
  /** Path and query as they are sent. */
  readonly path: string;
  /** Header lines, names and values by turns, that replace those of the client; one of them is `Host`. */
  readonly own: readonly string[];
  /** Names of headers of the client that are left out as well. @default none */
  readonly without?: ReadonlySet<string>;
  /** The same of the answer. @default none */
  readonly withoutAnswer?: ReadonlySet<string>;
}

export function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { target, path, own, without = new Set(), withoutAnswer = new Set() }: Forwarded,
): void {
  const replaced = own.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  const request = send({
    hostname: target.hostname,
    port: target.port,
    path,
    method: incoming.method,
    headers: [...endToEnd(incoming, new Set([...without, ...replaced])), ...own],
  });
  request.once('response', (response) => {
    outgoing.writeHead(response.statusCode ?? 502, endToEnd(response, withoutAnswer));
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
function endToEnd({ rawHeaders }: IncomingMessage, without: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const lower = name.toLowerCase();
    if (!HOP_BY_HOP.has(lower) && !without.has(lower)) kept.push(name, rawHeaders[at + 1] ?? '');
  }
  return kept;
}
