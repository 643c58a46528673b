/** Rules about time, as the environment of a function has them. */
import type { FreshnessPolicy, TimeRules } from './freshness';

/** Values of `timeVariables` of the contract. */
interface TimeSettings {
  readonly FRESHNESS: 'hard' | 'grace' | 'soft';
  readonly GRACE_HOURS?: number;
  readonly MAXIMUM_AGE_HOURS?: number;
}

/** A list without nextUpdate counts where a maximum age ends it. */
export function timeRules(settings: TimeSettings): TimeRules {
  const { MAXIMUM_AGE_HOURS: hours } = settings;
  return {
    freshness: policyOf(settings),
    maximumAge: hours === undefined ? null : hours * 3600,
    withoutNextUpdate: hours === undefined ? 'refuse' : 'acceptUntilMaximumAge',
  };
}

/** `grace` without hours is `hard`: what is missing never loosens. */
function policyOf({ FRESHNESS, GRACE_HOURS }: TimeSettings): FreshnessPolicy {
  if (FRESHNESS === 'soft') return { kind: 'soft' };
  if (FRESHNESS === 'grace' && GRACE_HOURS !== undefined) return { kind: 'grace', hours: GRACE_HOURS };
  return { kind: 'hard' };
}
