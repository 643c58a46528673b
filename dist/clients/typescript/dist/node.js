/** For Node.js alone: requests with a client certificate, which `fetch` cannot send. */
import { request as httpsRequest } from 'node:https';
/** A `fetch` over TLS with a client certificate (OpenAPI scheme `mutualTLS`). */
export function certificateFetch({ cert, key, ca, }) {
    return async (request) => {
        const body = Buffer.from(await request.arrayBuffer());
        return new Promise((resolve, reject) => {
            const sent = httpsRequest(request.url, {
                method: request.method,
                headers: { ...Object.fromEntries(request.headers), 'content-length': String(body.length) },
                cert,
                key,
                ...(ca === undefined ? {} : { ca }),
            }, (answer) => {
                const chunks = [];
                answer.on('data', (chunk) => chunks.push(chunk));
                answer.on('error', reject);
                answer.on('end', () => {
                    const status = answer.statusCode ?? 0;
                    const headers = new Headers();
                    for (let at = 0; at < answer.rawHeaders.length; at += 2)
                        headers.append(answer.rawHeaders[at] ?? '', answer.rawHeaders[at + 1] ?? '');
                    // these have no body by definition, and Response refuses one (RFC 9110 section 6.4.1)
                    const empty = [204, 205, 304].includes(status);
                    resolve(new Response(empty ? null : Buffer.concat(chunks), { status, headers }));
                });
            });
            sent.on('error', reject);
            sent.end(body);
        });
    };
}
