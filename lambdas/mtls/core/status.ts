/** Which lists speak of a certificate, and what they say of it together (RFC 5280 section 6.3.3). */
import { freshnessOf, type Freshness, type Late, type TimeRules } from './freshness';
import type { Found } from './lookup';
import type { Manifest } from './manifest';
import type { Subject } from './subject';

/** CRLReason as RFC 5280 section 5.3.1 names it. */
export const REASONS: readonly string[] = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'unused',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
];

/** Why nothing is known; stable, in logs and in the context of the authorizer. */
export type UnknownReason =
  | 'no_list'
  | 'issuer_differs'
  | 'issuer_key_differs'
  | 'distribution_point_differs'
  | 'list_issuer_differs'
  | 'indirect_not_named'
  | 'some_reasons_only'
  | 'certificate_kind_differs'
  | 'certificate_kind_unknown'
  | Late;

export type Status =
  | { readonly status: 'good'; readonly freshness: Extract<Freshness, { usable: true }>['reason'] }
  /** Seconds since 1970; reason as in `REASONS`. */
  | { readonly status: 'revoked'; readonly date: number; readonly reason: string }
  | { readonly status: 'unknown'; readonly reason: UnknownReason };

/**
 * Whether a list speaks of a certificate; the reason when it does not.
 *
 * A list that is not partitioned speaks of every certificate of its issuer, whatever distribution points that names.
 */
function covers(
  { issuer, scope }: Pick<Manifest, 'issuer' | 'scope'>,
  certificate: Subject,
): UnknownReason | undefined {
  // section 6.3.3 (b) (2) (ii) and (iii)
  if (scope.only === 'attribute') return 'certificate_kind_differs';
  if (scope.only !== 'all') {
    // before version 3 a certificate cannot say whether it is a CA's
    if (certificate.version < 3) return 'certificate_kind_unknown';
    if ((certificate.authority === true) !== (scope.only === 'ca')) return 'certificate_kind_differs';
  }
  const own = issuer.hash === certificate.issuer.hash;
  const points = certificate.distributionPoints;
  // a certificate without distribution points has that of its issuer (section 6.3.3, last paragraph)
  if (points.length === 0) {
    if (!own) return 'issuer_differs';
    if (!isKeyOf(issuer, certificate)) return 'issuer_key_differs';
    if (scope.indirect) return 'indirect_not_named';
    return scope.distributionPoints.length === 0 ? undefined : 'distribution_point_differs';
  }
  let reason: UnknownReason = own ? 'distribution_point_differs' : 'issuer_differs';
  for (const { names, someReasons, listIssuers } of points) {
    if (someReasons) {
      reason = 'some_reasons_only';
    } else if (listIssuers.length > 0) {
      // section 6.3.3 (b) (1): the list is of that issuer and indirect
      if (!listIssuers.includes(`directory:${issuer.hash}`) || !scope.indirect)
        reason = 'list_issuer_differs';
      // who names the issuer of its list by name means the one that has it
      else if (!issuer.alone && !isKeyOf(issuer, certificate)) reason = 'issuer_key_differs';
      else if (meets(scope.distributionPoints, names.length > 0 ? names : listIssuers)) return undefined;
    } else if (own) {
      if (!isKeyOf(issuer, certificate)) reason = 'issuer_key_differs';
      else if (scope.indirect) reason = 'indirect_not_named';
      else if (meets(scope.distributionPoints, names)) return undefined;
    }
  }
  return reason;
}

/** Whether a key that the list speaks for issued the certificate, which need not say so where the name is that of one. */
function isKeyOf({ keys, alone }: Manifest['issuer'], { authorityKeyId }: Subject): boolean {
  return authorityKeyId === undefined ? alone : keys.includes(authorityKeyId);
}

/** Section 6.3.3 (b) (2) (i): one name of the list's distribution point is one of the certificate's. */
function meets(ofList: readonly string[], ofCertificate: readonly string[]): boolean {
  return ofList.length === 0 || ofList.some((name) => ofCertificate.includes(name));
}

/** A list and what its index has of the certificate. */
export interface Answer {
  readonly manifest: Manifest;
  readonly found: Found;
}

/**
 * The lists that a certificate is to be looked up in.
 *
 * @param now seconds since 1970
 * @returns each list with the reason it does not count, or `undefined` with how fresh it is
 */
export function listsFor(
  manifests: readonly Manifest[],
  certificate: Subject,
  now: number,
  rules: TimeRules,
): { readonly usable: readonly Manifest[]; readonly reason: UnknownReason } {
  const usable: Manifest[] = [];
  let reason: UnknownReason = 'no_list';
  /** Whether a list of the very key that issued the certificate is in time; `undefined` where there is none. */
  let ownKey: boolean | undefined;
  for (const manifest of manifests) {
    const outside = covers(manifest, certificate);
    if (outside !== undefined) {
      if (reason === 'no_list') reason = outside;
      continue;
    }
    const fresh = freshnessOf(manifest, now, rules);
    // an expired list does not hide a current one
    if (fresh.usable) usable.push(manifest);
    else reason = fresh.reason;
    const own = manifest.issuer.keys[0] === certificate.authorityKeyId;
    ownKey = ownKey === true || !own ? ownKey : fresh.usable;
  }
  // a CA that signs lists for each of its keys does not say of one what the list of the other says
  return ownKey === false ? { usable: [], reason } : { usable, reason };
}

/**
 * What lists say together: revoked in one is revoked, whatever the others say; good takes at least one that counts.
 *
 * @param reason of `listsFor`, answered when there is no list
 */
export function statusOf(
  answers: readonly Answer[],
  reason: UnknownReason,
  now: number,
  rules: TimeRules,
): Status {
  for (const { found } of answers) {
    if (found.status === 'revoked')
      return { status: 'revoked', date: found.date, reason: REASONS[found.reason] ?? 'unspecified' };
  }
  const fresh = answers
    .map(({ manifest }) => freshnessOf(manifest, now, rules))
    .find((verdict) => verdict.usable);
  return fresh?.usable === true ? { status: 'good', freshness: fresh.reason } : { status: 'unknown', reason };
}
