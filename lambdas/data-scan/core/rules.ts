/** What becomes of a verdict: rules by severity and type, and what reviewers have called false. */
import { faultOfRules, type Rule, type RuleAction } from '../contract';
import { isNamed, type Detection } from './results';
import type { Verdict } from './verdict';

export type Action = 'release' | 'release_tagged' | 'release_suppressed' | 'drop' | 'review';

/** What a reviewer has called false: these types of data in this key, for some time. */
export interface Suppression {
  readonly key: string;
  /** `CATEGORY/TYPE` of every detection that was there. */
  readonly types: readonly string[];
  /** Milliseconds since 1970 at which it ends. */
  readonly until: number;
}

/**
 * No rule is about what is not known: neither an object of which nothing is known, nor one in which there may be more than
 * was found. Of what is known in full, every detection gets the action of the first rule that matches it, `review` where
 * none does; then a person is asked if any detection asks for one, and what may pass must pass in all.
 *
 * A detection that is not named was never called false, whatever is remembered of others of its kind.
 *
 * @param suppression of this very key
 * @param now milliseconds since 1970
 */
export function actionOf(
  verdict: Verdict,
  rules: readonly Rule[],
  suppression: Suppression | undefined,
  now: number,
): Action {
  if (verdict.verdict === 'CLEAN') return 'release';
  if (verdict.verdict !== 'SENSITIVE' || verdict.doubt !== undefined) return 'review';
  const called = suppression !== undefined && suppression.until > now ? suppression.types : [];
  if (verdict.detections.every((one) => isNamed(one) && called.includes(typeOf(one))))
    return 'release_suppressed';
  const actions = verdict.detections.map((one): RuleAction => {
    const rule = rules.find(
      ({ severities, types }) =>
        (severities?.includes(verdict.severity) ?? true) &&
        (types === undefined || types.includes(one.type) || types.includes(one.category)),
    );
    return rule?.action ?? 'review';
  });
  if (actions.includes('review')) return 'review';
  return actions.includes('drop') ? 'drop' : 'release_tagged';
}

/** How a suppression names a detection. */
export function typeOf({ category, type }: Detection): string {
  return `${category}/${type}`;
}

/**
 * Reads the rules of the environment.
 *
 * @throws TypeError naming what is wrong with the first rule that is
 */
export function rulesOf(json: string): Rule[] {
  const rules: unknown = JSON.parse(json);
  const fault = faultOfRules(rules);
  if (fault !== undefined) throw new TypeError(fault);
  return rules as Rule[];
}
