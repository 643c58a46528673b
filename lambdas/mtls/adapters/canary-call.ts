/** Calls the partner domain with a client certificate, as a partner does. */
import { request } from 'node:https';

interface ClientIdentity {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** PEM of the CA of the server, where it is no public one. */
  readonly ca?: string;
}

/**
 * @param milliseconds within which the answer must have begun
 * @returns status of the answer; `undefined` when there was none
 */
export async function callWithCertificate(
  url: string,
  { certificate, key, ca }: ClientIdentity,
  milliseconds: number,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const call = request(
      url,
      {
        cert: certificate,
        key,
        ...(ca === undefined ? {} : { ca }),
        // a connection of its own: a reused one would not show the certificate again
        agent: false,
        minVersion: 'TLSv1.2',
        signal: AbortSignal.timeout(milliseconds),
      },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    );
    call.on('error', () => {
      resolve(undefined);
    });
    call.end();
  });
}

/** @throws TypeError when the secret is not what the construct asks for */
export function clientIdentityOf(secret: string): ClientIdentity {
  const { certificate, key, ca } = JSON.parse(secret) as Partial<Record<string, unknown>>;
  if (typeof certificate !== 'string' || typeof key !== 'string')
    throw new TypeError('the secret of the canary has no certificate or no key');
  return { certificate, key, ...(typeof ca === 'string' ? { ca } : {}) };
}
