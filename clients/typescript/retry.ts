/** Sends again what was refused for the moment. */

export interface RetryOptions {
  /** Tries in all; 1 turns retries off. Default 3. */
  readonly attempts?: number;
  /** Longest wait between two tries, in seconds; an answer that asks for more is handed to the caller. Default 20. */
  readonly longestWait?: number;
  /** Waits so many milliseconds. */
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Methods whose repetition changes nothing more (RFC 9110 section 9.2.2). */
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'];
const BUSY = [429, 503];

/** Whether and how long to wait before another try: `Retry-After` (RFC 9110 section 10.2.3), else 1, 2, 4 … seconds. */
function waitOf(response: Response, attempt: number, now: number): number {
  const header = response.headers.get('retry-after');
  if (header === null) return 2 ** (attempt - 1);
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isNaN(seconds) ? 2 ** (attempt - 1) : Math.max(0, seconds);
}

/** A `fetch` that tries idempotent requests again after 429 and 503. */
export function withRetries(
  send: (request: Request) => Promise<Response>,
  { attempts = 3, longestWait = 20, sleep = pause, now = Date.now }: RetryOptions = {},
): (request: Request) => Promise<Response> {
  return async (request) => {
    for (let attempt = 1; ; attempt += 1) {
      const response = await send(request.clone());
      const again =
        attempt < attempts && BUSY.includes(response.status) && IDEMPOTENT.includes(request.method);
      const wait = waitOf(response, attempt, now());
      if (!again || wait > longestWait) return response;
      await response.body?.cancel();
      await sleep(wait * 1000);
    }
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
