/** Whether a list may still be relied on: one rule for what is uploaded and for what is looked up in. */

/**
 * What happens after nextUpdate:
 * - `hard`: the list no longer counts
 * - `grace`: it counts for so many hours more
 * - `soft`: it counts for ever, and says that it is late
 */
export type FreshnessPolicy =
  { readonly kind: 'hard' } | { readonly kind: 'grace'; readonly hours: number } | { readonly kind: 'soft' };

/** Rules about time; security parameters are given or explicitly `null`. */
export interface TimeRules {
  readonly freshness: FreshnessPolicy;
  /** Seconds after thisUpdate from which a list no longer counts, whatever its nextUpdate; `null` for no limit. */
  readonly maximumAge: number | null;
  /**
   * What a list without nextUpdate is worth. RFC 5280 section 5.1.2.5 demands one, so it is refused unless there is a
   * maximum age that ends it.
   */
  readonly withoutNextUpdate: 'refuse' | 'acceptUntilMaximumAge';
}

export type Freshness =
  | { readonly usable: true; readonly reason: 'fresh' | 'late_within_grace' | 'late_accepted' }
  | {
      readonly usable: false;
      readonly reason: 'list_not_yet_valid' | 'list_expired' | 'list_too_old' | 'next_update_missing';
    };

/** Why a list that speaks of a certificate does not count. */
export type Late = Extract<Freshness, { usable: false }>['reason'];

const LATE: readonly string[] = [
  'list_not_yet_valid',
  'list_expired',
  'list_too_old',
  'next_update_missing',
] satisfies Late[];

/** Whether a reason is that a list does not count, apart from there being none. */
export function isLate(reason: string): reason is Late {
  return LATE.includes(reason);
}

/** Seconds by which the clock of a CA may be ahead. */
export const CLOCK_SKEW = 60;

/**
 * @param list times in seconds since 1970
 * @param now seconds since 1970
 */
export function freshnessOf(
  { thisUpdate, nextUpdate }: { readonly thisUpdate: number; readonly nextUpdate: number | null },
  now: number,
  { freshness, maximumAge, withoutNextUpdate }: TimeRules,
): Freshness {
  if (thisUpdate > now + CLOCK_SKEW) return { usable: false, reason: 'list_not_yet_valid' };
  if (maximumAge !== null && now - thisUpdate > maximumAge) return { usable: false, reason: 'list_too_old' };
  if (nextUpdate === null) {
    const bounded = withoutNextUpdate === 'acceptUntilMaximumAge' && maximumAge !== null;
    return bounded ? { usable: true, reason: 'fresh' } : { usable: false, reason: 'next_update_missing' };
  }
  if (now <= nextUpdate) return { usable: true, reason: 'fresh' };
  if (freshness.kind === 'soft') return { usable: true, reason: 'late_accepted' };
  if (freshness.kind === 'grace' && now <= nextUpdate + freshness.hours * 3600)
    return { usable: true, reason: 'late_within_grace' };
  return { usable: false, reason: 'list_expired' };
}
