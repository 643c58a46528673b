/** A key set server on loopback whose behaviour a test can change while it runs. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { SigningKey } from './tokens';

export class JwksServer {
  /** Paths that were asked for, in order. */
  readonly fetches: string[] = [];
  private readonly server: Server;
  private listener: RequestListener = () => undefined;
  private port = 0;

  private constructor() {
    this.server = createServer((request, response) => {
      this.fetches.push(request.url ?? '');
      this.listener(request, response);
    });
  }

  static async start(...keys: readonly SigningKey[]): Promise<JwksServer> {
    const started = new JwksServer();
    started.serve(...keys);
    await started.listen();
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Answers the set of these keys. */
  serve(...keys: readonly SigningKey[]): void {
    this.answer(200, JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
  }

  answer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
    this.behave((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
    });
  }

  behave(listener: RequestListener): void {
    this.listener = listener;
  }

  /** Connections are refused from now on. */
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Listens again on the port it had. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }
}
