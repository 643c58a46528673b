/** Fetches one list from where a CA publishes it, bounded in time and size. */
import { createHash } from 'node:crypto';

import { conditionsOf, type Fetched, type FetchSource } from '../core/fetch-sources';

type FetchOutcome =
  | { readonly outcome: 'changed'; readonly bytes: Buffer; readonly fetched: Fetched }
  | { readonly outcome: 'unchanged' }
  | {
      readonly outcome: 'failed';
      readonly reason: 'unreachable' | 'status' | 'too_large';
      readonly status?: number;
    };

/**
 * Redirects are not followed: where one points is not in the settings.
 *
 * @param options.milliseconds within which the last byte must have arrived
 * @param options.maximumBytes of the list
 */
export async function fetchList(
  { url }: FetchSource,
  last: Fetched,
  options: { readonly milliseconds: number; readonly maximumBytes: number },
): Promise<FetchOutcome> {
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: conditionsOf(last),
      signal: AbortSignal.timeout(options.milliseconds),
    });
    const { status, headers } = response;
    if (status !== 200) {
      await response.body?.cancel();
      return status === 304 ? { outcome: 'unchanged' } : { outcome: 'failed', reason: 'status', status };
    }
    const bytes = await read(response, options.maximumBytes);
    if (bytes === undefined) return { outcome: 'failed', reason: 'too_large' };
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (digest === last.digest) return { outcome: 'unchanged' };
    const [etag, modified] = ['etag', 'last-modified'].map((name) => headers.get(name) ?? undefined);
    return { outcome: 'changed', bytes, fetched: { etag, modified, digest } };
  } catch {
    return { outcome: 'failed', reason: 'unreachable' };
  }
}

async function read(response: Response, maximumBytes: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body === null) return Buffer.alloc(0);
  // leaving the loop early cancels what has not arrived yet
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maximumBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
