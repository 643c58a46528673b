/** What the listeners of this folder have in common. */
import type { Server, ServerResponse } from 'node:http';
import type { Server as SecureServer } from 'node:https';

import { LOOPBACK } from './ports';

/** Answers by a problem document (RFC 9457). */
export function problem(response: ServerResponse, status: number, title: string, detail: string): void {
  response.writeHead(status, { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify({ type: 'about:blank', title, status, detail }));
}

/** Listens on this machine only. */
export async function listen(server: Server | SecureServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Ends a listener, and with it the connections that are still open. */
export async function close(server: Server | SecureServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

/**
 * Whether a Host header names this machine. A page of another site whose name was made to resolve to 127.0.0.1 would
 * send its own name (DNS rebinding).
 */
export function isLocalHost(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/i.test(host ?? '');
}
