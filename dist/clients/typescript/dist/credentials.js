/** What a request carries so that the API knows the caller: one helper per kind of security scheme. */
/** An access token (RFC 6750 section 2.1). @param token the token, or what gets a fresh one for every request */
export function bearer(token) {
    return async (request) => {
        request.headers.set('authorization', `Bearer ${typeof token === 'string' ? token : await token()}`);
        return request;
    };
}
/** A key in a header or in the query, as the document's `apiKey` scheme says. */
export function apiKey(place, key) {
    return (request) => {
        if (place.in === 'header') {
            request.headers.set(place.name, key);
            return request;
        }
        const url = new URL(request.url);
        url.searchParams.set(place.name, key);
        return new Request(url, request);
    };
}
/**
 * The HttpOnly session cookie of a browser: it goes along by itself on requests to the same origin, and requests that
 * change something also carry the header which no other site can add.
 */
export function session() {
    return (request) => {
        const safe = ['GET', 'HEAD', 'OPTIONS'].includes(request.method);
        if (!safe)
            request.headers.set('x-sallyport-csrf', '1');
        return new Request(request, { credentials: 'same-origin' });
    };
}
/** Several together, where the document asks for joint needs. */
export function all(...credentials) {
    return async (request) => {
        let current = request;
        for (const add of credentials)
            current = await add(current);
        return current;
    };
}
