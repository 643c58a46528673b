/** The client of one API: openapi-fetch with credentials, retries, and answers that are errors thrown as such. */
import createFetchClient from 'openapi-fetch';
import { problemOf, stepUpOf } from './problem.js';
import { withRetries } from './retry.js';
/**
 * Makes the client.
 *
 * Every call resolves with `data` for a success, and rejects for everything else: `StepUpRequiredError`,
 * `ProblemError`, or what `fetch` rejects with.
 */
export function createApiClient({ baseUrl, credentials = (request) => request, onStepUp, retry, fetch: send = (request) => fetch(request), }) {
    const authenticated = async (request) => send(await credentials(request));
    const retried = withRetries(authenticated, retry);
    return createFetchClient({
        baseUrl,
        fetch: async (request) => {
            const response = await steppedUp(await retried(request.clone()), request);
            if (response.status >= 400)
                throw await problemOf(response);
            return response;
        },
    });
    async function steppedUp(response, request) {
        const challenge = stepUpOf(response);
        if (challenge === undefined || onStepUp === undefined)
            return response;
        return (await onStepUp(challenge)) ? retried(request) : response;
    }
}
