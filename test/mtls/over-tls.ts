/** Requests over real mutual TLS, with a connection and a handshake of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { authority } from '../../local/ca';
import { close, listen } from '../../local/http';
import { partnerListener } from '../../local/partner';
import { freePort } from '../../local/ports';
import { localStack } from '../local-stack';
import type { Authority } from './authority';
import { makeCertificate, makeKeys, pem } from './make-crl';

/** Certificate and key of a client, PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export interface Call {
  readonly method?: string;
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @param ca PEM of the CA of the server */
export async function overTls(
  url: string,
  ca: string,
  pair: Partial<Pair>,
  { method = 'GET', path, body, headers = {} }: Call,
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const content =
    text === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) };
  const options = { hostname, port, path, method, ca, agent: false, headers: { ...headers, ...content } };
  return send(httpsRequest, { ...options, ...pair }, text);
}

/** Straight to the emulator, past the listener that ends TLS. */
export async function withoutTls(path: string, headers: Record<string, string>): Promise<Answer> {
  const { hostname, port } = new URL(localStack().emulatorUrl);
  return send(httpRequest, { hostname, port, path, headers });
}

function send(make: typeof httpRequest, options: RequestOptions, text?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = make(options, (response) => {
      let received = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          body: JSON.parse(received || '{}') as Record<string, unknown>,
        });
      });
    });
    request.on('error', reject);
    request.end(text);
  });
}

/** Repeats a request until it is answered so, or half a minute has passed. @returns the last status */
export async function until(status: number, ask: () => Promise<Answer>): Promise<number> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer.status === status || Date.now() > deadline) return answer.status;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

export interface Listener {
  call(pair: Partial<Pair>, call: Call): Promise<Answer>;
  stop(): Promise<void>;
}

/**
 * The partner listener of `npm start` in front of another domain of the local stack.
 *
 * @param trustStore PEM of the CAs whose certificates it takes
 */
export async function listenFor(domain: string, trustStore: string): Promise<Listener> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-listener-'));
  const own = authority(folder);
  const server = partnerListener({
    emulatorUrl: localStack().emulatorUrl,
    domain,
    secret: process.env['SALLYPORT_PARTNER_SECRET'] ?? '',
    server: own.issue({ subject: 'localhost', kind: 'server', names: ['localhost'] }),
    trustStore,
  });
  const port = await freePort();
  await listen(server, port);
  return {
    call: (pair, call) => overTls(`https://localhost:${port}`, own.certPem, pair, call),
    stop: async () => {
      await close(server);
      rmSync(folder, { recursive: true });
    },
  };
}

/** A client certificate of a CA of the tests, with the serial it is to have. */
export function clientOf(
  ca: Pick<Authority, 'commonName' | 'keys'>,
  serial: bigint,
  ...extensions: readonly Buffer[]
): Pair {
  const keys = makeKeys('ecdsa-p256');
  const parts = {
    subject: `client ${serial}`,
    issuer: ca.commonName,
    serial,
    keys,
    signer: ca.keys,
    extensions,
  };
  return {
    cert: pem('CERTIFICATE', makeCertificate(parts)),
    key: keys.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
  };
}
