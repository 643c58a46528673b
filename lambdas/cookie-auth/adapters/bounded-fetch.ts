/** HTTP to the identity provider, bounded in time and size. */

/** Bytes; discovery documents and token answers are a few thousand. */
const MAX_BYTES = 262_144;

export type Fetched =
  | { readonly ok: true; readonly status: number; readonly body: unknown; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly failure: 'slow' | 'unavailable' };

/**
 * Sends a request and reads the whole answer. Redirects are not followed: a token endpoint has none (RFC 9700 section
 * 4.12), and the client's secret must not go where a redirect points.
 *
 * @param milliseconds within which the last byte must have arrived
 * @returns the body parsed as JSON, `undefined` where it is not
 */
export async function boundedFetch(url: string, init: RequestInit, milliseconds: number): Promise<Fetched> {
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.timeout(milliseconds),
      headers: { accept: 'application/json', ...(init.headers as Record<string, string> | undefined) },
    });
    const bytes = await read(response);
    if (bytes === undefined) return { ok: false, failure: 'unavailable' };
    return { ok: true, status: response.status, body: parsed(bytes), bytes };
  } catch (error) {
    const slow = (error as { name?: unknown } | null)?.name === 'TimeoutError';
    return { ok: false, failure: slow ? 'slow' : 'unavailable' };
  }
}

async function read(response: Response): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body === null) return new Uint8Array();
  // leaving the loop early cancels what has not arrived yet
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
