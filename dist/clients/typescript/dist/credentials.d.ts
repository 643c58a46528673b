/** What a request carries so that the API knows the caller: one helper per kind of security scheme. */
/** Adds credentials to a request that is about to be sent. */
export type Credentials = (request: Request) => Request | Promise<Request>;
/** An access token (RFC 6750 section 2.1). @param token the token, or what gets a fresh one for every request */
export declare function bearer(token: string | (() => string | Promise<string>)): Credentials;
/** A key in a header or in the query, as the document's `apiKey` scheme says. */
export declare function apiKey(place: {
    readonly in: 'header' | 'query';
    readonly name: string;
}, key: string): Credentials;
/**
 * The HttpOnly session cookie of a browser: it goes along by itself on requests to the same origin, and requests that
 * change something also carry the header which no other site can add.
 */
export declare function session(): Credentials;
/** Several together, where the document asks for joint needs. */
export declare function all(...credentials: readonly Credentials[]): Credentials;
