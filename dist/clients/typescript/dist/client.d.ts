/** The client of one API: openapi-fetch with credentials, retries, and answers that are errors thrown as such. */
import { type Client } from 'openapi-fetch';
import type { Credentials } from './credentials.js';
import { type StepUpChallenge } from './problem.js';
import { type RetryOptions } from './retry.js';
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
export declare function createApiClient<Paths extends object>({ baseUrl, credentials, onStepUp, retry, fetch: send, }: ClientOptions): Client<Paths>;
