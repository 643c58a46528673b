/** Reads a JSON Web Key Set over HTTP, bounded in time and size. */
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';

/** Milliseconds within which the whole set must have arrived. */
const DEADLINE_MS = 2_000;
/** Bytes; Cognito's sets hold two keys in under 1 KiB. */
const MAX_BYTES = 65_536;

/**
 * A fetcher for aws-jwt-verify, whose own refuses plain HTTP and so cannot read from an emulator.
 *
 * @param endpoint origin that replaces the host of every URI, or undefined to fetch from the issuer itself
 * @returns a function that resolves to the body and rejects on any status but 200, a body over 64 KiB, or after 2 s
 */
export function jwksFetcher(endpoint: string | undefined): { fetch(uri: string): Promise<ArrayBuffer> } {
  return {
    fetch: (uri) => {
      const { pathname } = new URL(uri);
      return download(endpoint === undefined ? new URL(uri) : new URL(pathname, endpoint));
    },
  };
}

function download(url: URL): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    const get = url.protocol === 'http:' ? httpGet : httpsGet;
    const request = get(
      url,
      { signal: AbortSignal.timeout(DEADLINE_MS), headers: { accept: 'application/json' } },
      (response) => {
        if (response.statusCode !== 200) {
          request.destroy(new Error(`key set answered with status ${response.statusCode ?? 0}`));
          return;
        }
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_BYTES) request.destroy(new Error(`key set is larger than ${MAX_BYTES} bytes`));
          else chunks.push(chunk);
        });
        response.on('end', () => {
          const body = Buffer.concat(chunks);
          resolve(body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength));
        });
        response.on('error', reject);
      },
    );
    request.on('error', reject);
  });
}
