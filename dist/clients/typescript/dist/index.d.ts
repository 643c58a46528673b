/** What every client package exports beside its `createClient`. */
export { type ClientOptions, createApiClient } from './client.js';
export { all, apiKey, bearer, type Credentials, session } from './credentials.js';
export { type Problem, ProblemError, type StepUpChallenge, StepUpRequiredError } from './problem.js';
export type { RetryOptions } from './retry.js';
import type { Client } from 'openapi-fetch';
import { type ClientOptions } from './client.js';
import type { paths } from './schema.js';
export type { components, operations, paths } from './schema.js';
/** Makes a client of Widget API. */
export declare function createClient(options: ClientOptions): Client<paths>;
