export interface ClientCertificate {
    /** PEM of the certificate, with intermediates. */
    readonly cert: string;
    /** PEM of its private key. */
    readonly key: string;
    /** PEM of the authorities that the server is checked against; default those of Node.js. */
    readonly ca?: string;
}
/** A `fetch` over TLS with a client certificate (OpenAPI scheme `mutualTLS`). */
export declare function certificateFetch({ cert, key, ca, }: ClientCertificate): (request: Request) => Promise<Response>;
