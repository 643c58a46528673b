/** Fetches one list from where a CA publishes it, bounded in time and size. */
import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';

import { conditionsOf, type Fetched, type FetchSource } from '../core/fetch-sources';
import { checkHost, judgedLookup, NotReachable } from './reachable';

type FetchOutcome =
  | { readonly outcome: 'changed'; readonly bytes: Buffer; readonly fetched: Fetched }
  | { readonly outcome: 'unchanged' }
  | {
      readonly outcome: 'failed';
      readonly reason: 'unreachable' | 'address_not_allowed' | 'status' | 'too_large';
      readonly status?: number;
    };

/**
 * Redirects are not followed: where one points is not in the settings.
 *
 * @param options.milliseconds within which the last byte must have arrived
 * @param options.maximumBytes of the list
 */
export async function fetchList(
  { url, allowPrivateAddresses = false }: FetchSource,
  last: Fetched,
  options: { readonly milliseconds: number; readonly maximumBytes: number },
): Promise<FetchOutcome> {
  try {
    const answer = await get(new URL(url), {
      headers: conditionsOf(last),
      lookup: judgedLookup(allowPrivateAddresses),
      signal: AbortSignal.timeout(options.milliseconds),
      allowPrivateAddresses,
    });
    const { statusCode: status = 0, headers } = answer;
    if (status !== 200) {
      answer.destroy();
      return status === 304 ? { outcome: 'unchanged' } : { outcome: 'failed', reason: 'status', status };
    }
    const bytes = await read(answer, options.maximumBytes);
    if (bytes === undefined) return { outcome: 'failed', reason: 'too_large' };
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (digest === last.digest) return { outcome: 'unchanged' };
    return {
      outcome: 'changed',
      bytes,
      fetched: { etag: headers.etag, modified: headers['last-modified'], digest },
    };
  } catch (error) {
    return {
      outcome: 'failed',
      reason: error instanceof NotReachable ? 'address_not_allowed' : 'unreachable',
    };
  }
}

async function get(
  url: URL,
  { allowPrivateAddresses, ...options }: RequestOptions & { readonly allowPrivateAddresses: boolean },
): Promise<IncomingMessage> {
  checkHost(url, allowPrivateAddresses);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    // a connection of its own: one that is reused was judged by what another source may do
    send(url, { ...options, agent: false }, resolve)
      .on('error', reject)
      .end();
  });
}

async function read(answer: IncomingMessage, maximumBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  // leaving the loop early closes the connection; a body that is cut short throws
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
