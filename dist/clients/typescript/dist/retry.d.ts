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
/** A `fetch` that tries idempotent requests again after 429 and 503. */
export declare function withRetries(send: (request: Request) => Promise<Response>, { attempts, longestWait, sleep, now }?: RetryOptions): (request: Request) => Promise<Response>;
