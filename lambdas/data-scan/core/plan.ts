/** The plan of a run: what becomes of each object, and the counts that people are told. */
import type { Rule } from '../contract';
import type { ReviewObject } from './review';
import { actionOf, type Action, type Suppression } from './rules';
import { verdictOf, type Evidence, type Verdict } from './verdict';
import type { Staged } from './objects';

export interface Planned extends Staged {
  readonly verdict: Verdict;
  readonly action: Action;
}

/**
 * @param evidence about the copy of the object
 * @param suppressions by key
 */
export function planOf(
  object: Staged,
  evidence: Evidence,
  rules: readonly Rule[],
  suppressions: ReadonlyMap<string, Suppression>,
  now: number,
): Planned {
  const verdict = verdictOf(object, evidence);
  return { ...object, verdict, action: actionOf(verdict, rules, suppressions.get(object.key), now) };
}

/** How many objects there are of what; keys are stable. */
export interface Counts {
  readonly objects: number;
  readonly byVerdict: Readonly<Record<string, number>>;
  readonly byAction: Readonly<Record<string, number>>;
  /** Of sensitive objects. */
  readonly bySeverity: Readonly<Record<string, number>>;
  /** Of sensitive objects, one for each type in each. */
  readonly byType: Readonly<Record<string, number>>;
  /** Of objects that are not known in full. */
  readonly byReason: Readonly<Record<string, number>>;
}

export function countsOf(plan: Iterable<Planned>): Counts {
  const [byVerdict, byAction, bySeverity, byType, byReason] = [tally(), tally(), tally(), tally(), tally()];
  let objects = 0;
  for (const { verdict, action } of plan) {
    objects += 1;
    byVerdict.add(verdict.verdict);
    byAction.add(action);
    const doubt = verdict.verdict === 'SENSITIVE' ? verdict.doubt : verdict;
    if (doubt !== undefined && 'reason' in doubt) byReason.add(doubt.reason);
    if (verdict.verdict !== 'SENSITIVE') continue;
    bySeverity.add(verdict.severity);
    for (const { type } of verdict.detections) byType.add(type);
  }
  return {
    objects,
    byVerdict: byVerdict.counts(),
    byAction: byAction.counts(),
    bySeverity: bySeverity.counts(),
    byType: byType.counts(),
    byReason: byReason.counts(),
  };
}

/** Counts names, whatever they are: those of custom identifiers are anybody's choice. */
function tally(): { add(name: string): void; counts(): Record<string, number> } {
  const counts = new Map<string, number>();
  return {
    add: (name) => counts.set(name, (counts.get(name) ?? 0) + 1),
    counts: () => Object.fromEntries(counts),
  };
}

/** The object as reviewers see it; @throws TypeError for one that needs none */
export function reviewObject({ n, key, size, uploader, verdict }: Planned): ReviewObject {
  if (verdict.verdict === 'CLEAN') throw new TypeError('a clean object is not reviewed');
  return { n, key, size, ...(uploader === undefined ? {} : { uploader }), verdict };
}
