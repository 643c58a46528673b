/** What every client package exports beside its `createClient`. */
export { createApiClient } from './client.js';
export { all, apiKey, bearer, session } from './credentials.js';
export { ProblemError, StepUpRequiredError } from './problem.js';
import { createApiClient } from './client.js';
/** Makes a client of Widget API. */
export function createClient(options) {
    return createApiClient(options);
}
