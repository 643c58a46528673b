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

/** @param evidence about the copy of the object */
export function planOf(
  object: Staged,
  evidence: Evidence,
  rules: readonly Rule[],
  suppressions: readonly Suppression[],
  now: number,
): Planned {
  const verdict = verdictOf(object, evidence);
  const own = suppressions.filter(({ key }) => key === object.key);
  return { ...object, verdict, action: actionOf(verdict, rules, own, now) };
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
  /** Of objects that nothing is known of. */
  readonly byReason: Readonly<Record<string, number>>;
}

export function countsOf(plan: Iterable<Planned>): Counts {
  const counts = { byVerdict: {}, byAction: {}, bySeverity: {}, byType: {}, byReason: {} };
  let objects = 0;
  for (const { verdict, action } of plan) {
    objects += 1;
    count(counts.byVerdict, verdict.verdict);
    count(counts.byAction, action);
    if (verdict.verdict === 'UNKNOWN') count(counts.byReason, verdict.reason);
    if (verdict.verdict !== 'SENSITIVE') continue;
    count(counts.bySeverity, verdict.severity);
    for (const { type } of verdict.detections) count(counts.byType, type);
  }
  return { objects, ...counts };
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** The object as reviewers see it; @throws TypeError for one that needs none */
export function reviewObject({ n, key, size, uploader, verdict }: Planned): ReviewObject {
  if (verdict.verdict === 'CLEAN') throw new TypeError('a clean object is not reviewed');
  return { n, key, size, ...(uploader === undefined ? {} : { uploader }), verdict };
}
