/** The client of one API: openapi-fetch with credentials, retries, and answers that are errors thrown as such. */
import createFetchClient, { type Client } from 'openapi-fetch';

import type { Credentials } from './credentials';
import { problemOf, type StepUpChallenge, stepUpOf } from './problem';
import { type RetryOptions, withRetries } from './retry';

export interface ClientOptions {
  /** Address of the API, e.g. `https://api.example.com` or `/api`. */
  readonly baseUrl: string;
  /** Who calls; absent for operations that are public. */
  readonly credentials?: Credentials;
  /**
   * Brings the caller up when an operation asks for more, e.g. by a redirect or a prompt.
   *
   * @returns whether to send the request once more
   */
  readonly onStepUp?: (challenge: StepUpChallenge) => boolean | Promise<boolean>;
  readonly retry?: RetryOptions;
  /** How requests are sent; in Node.js with a client certificate that of `./node`. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/**
 * Makes the client.
 *
 * Every call resolves with `data` for a success, and rejects for everything else: `StepUpRequiredError`,
 * `ProblemError`, or what `fetch` rejects with.
 */
export function createApiClient<Paths extends object>({
  baseUrl,
  credentials = (request) => request,
  onStepUp,
  retry,
  fetch: send = (request) => fetch(request),
}: ClientOptions): Client<Paths> {
  const authenticated = async (request: Request): Promise<Response> => send(await credentials(request));
  const retried = withRetries(authenticated, retry);
  return createFetchClient<Paths>({
    baseUrl,
    fetch: async (request) => {
      const response = await steppedUp(await retried(request.clone()), request);
      if (response.status >= 400) throw await problemOf(response);
      return response;
    },
  });

  async function steppedUp(response: Response, request: Request): Promise<Response> {
    const challenge = stepUpOf(response);
    if (challenge === undefined || onStepUp === undefined) return response;
    return (await onStepUp(challenge)) ? retried(request) : response;
  }
}
