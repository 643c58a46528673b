/** Asks an OCSP responder over HTTP (RFC 6960 appendix A), bounded in time and size. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

import type { Sent } from '../core/online-status';

interface OcspCallOptions {
  /** Within which the last octet must have arrived. */
  readonly milliseconds: number;
  readonly maximumBytes: number;
}

/** By POST, so that nothing on the way answers from a cache. Redirects are not followed: node:http never does. */
export async function callResponder(
  responder: string,
  question: Uint8Array,
  { milliseconds, maximumBytes }: OcspCallOptions,
): Promise<Sent> {
  const send = responder.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const unreachable = (): void => {
      resolve({ outcome: 'unreachable' });
    };
    const call = send(
      responder,
      {
        method: 'POST',
        headers: { 'content-type': 'application/ocsp-request', 'content-length': question.length },
        signal: AbortSignal.timeout(milliseconds),
      },
      (answer) => {
        if (answer.statusCode !== 200) {
          answer.destroy();
          unreachable();
          return;
        }
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          chunks.push(chunk);
          if (size <= maximumBytes) return;
          resolve({ outcome: 'too_large' });
          answer.destroy();
        });
        answer.on('end', () => {
          resolve({ outcome: 'answered', bytes: Buffer.concat(chunks) });
        });
        // a body that is cut short ends with an error, not with an end
        answer.on('error', unreachable);
      },
    );
    call.on('error', unreachable);
    call.end(question);
  });
}
