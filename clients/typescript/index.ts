/** What every client package exports beside its `createClient`. */
export { type ClientOptions, createApiClient } from './client';
export { all, apiKey, bearer, type Credentials, session } from './credentials';
export { type Problem, ProblemError, type StepUpChallenge, StepUpRequiredError } from './problem';
export type { RetryOptions } from './retry';
