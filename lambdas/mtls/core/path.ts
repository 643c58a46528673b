/** The CAs above a certificate: who was revoked vouches for nobody (RFC 5280 section 6.1.3 (a) (3)). */
import { isLate, type Late } from './freshness';
import type { Manifest } from './manifest';
import type { UnknownReason } from './status';
import type { Subject } from './subject';

/** What lists say of a certificate, and which they are. */
interface Asked {
  readonly status:
    | { readonly status: 'good' | 'revoked' | 'unavailable' }
    | { readonly status: 'unknown'; readonly reason: UnknownReason };
  readonly by: readonly Manifest[];
}

/** `unavailable`: it could not be found out. */
export type PathFault =
  | { readonly status: 'issuer_revoked' | 'unavailable' }
  | { readonly status: 'unknown'; readonly reason: Late };

/**
 * Certificates of a chain that API Gateway takes
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html).
 */
const MAX_CHAIN = 4;

/**
 * Looks up what the lists that called a certificate good hang on. A CA of which no list speaks is taken as the trust store
 * has it; one of which a list speaks must be good by a list that counts.
 *
 * @param certificate that is good
 * @param by lists that called it so
 * @param ask what lists say of one certificate, and which they are
 * @returns `undefined` when nothing is wrong
 */
export async function faultAbove(
  { authorityKeyId }: Pick<Subject, 'authorityKeyId'>,
  by: readonly Manifest[],
  ask: (subject: Subject) => Promise<Asked>,
  depth = MAX_CHAIN,
): Promise<PathFault | undefined> {
  if (depth === 0) return undefined;
  for (const { below, certificates } of by.flatMap(({ issuer }) => issuer.path)) {
    // who names no key may be below any
    if (below !== null && authorityKeyId !== undefined && below !== authorityKeyId) continue;
    const answers = await Promise.all(
      certificates.map(async (certificate) => ({ certificate, ...(await ask(certificate)) })),
    );
    // one certificate of a key that holds is enough: the others were renewed
    if (answers.every(({ status }) => status.status === 'revoked')) return { status: 'issuer_revoked' };
    for (const { certificate, status, by: above } of answers) {
      if (status.status === 'unavailable') return { status: 'unavailable' };
      if (status.status === 'unknown' && isLate(status.reason))
        return { status: 'unknown', reason: status.reason };
      const fault =
        status.status === 'good' ? await faultAbove(certificate, above, ask, depth - 1) : undefined;
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}
