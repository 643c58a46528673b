/** A review: who may decide what about which object, once. */
import type { Staged } from './objects';
import { isNamed } from './results';
import type { Verdict } from './verdict';

/** An object that waits for a person. */
export interface ReviewObject extends Pick<Staged, 'n' | 'key' | 'size' | 'uploader'> {
  readonly verdict: Exclude<Verdict, { verdict: 'CLEAN' }>;
}

/** What a reviewer says of an object, or of all that nobody has decided. */
export interface Decision {
  readonly decision: 'approve' | 'deny';
  /** Whether the findings are false, so that the next run need not ask about them. */
  readonly falsePositive: boolean;
}

/** Who said what. */
export interface Vote extends Decision {
  readonly by: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly reason: string;
}

/** What has been said of one object. */
export interface Ballot {
  /** The first of two approvals, where it takes two. */
  readonly first?: Vote;
  /** What decides. */
  readonly decided?: Vote;
}

export interface Rules {
  /** Whether it takes two people to release an object. */
  readonly twoPeople: boolean;
  /** Whether who uploaded an object may not release it. */
  readonly notUploader: boolean;
}

/** Why an approval is not taken. */
type Obstacle = 'decided' | 'own_upload' | 'other_person_needed' | 'malware';

/** Why a vote is not taken. */
export type Refusal = Obstacle | 'findings_unnamed';

export type Cast<Reason = Refusal> =
  | { readonly ok: true; readonly ballot: Ballot }
  | { readonly ok: false; readonly reason: Reason; readonly before?: Vote };

/** What an approval would come to: it releases, it takes another person's too, or it is not taken. */
export type Approval = 'releases' | 'first_of_two' | Obstacle;

/**
 * What a vote makes of a ballot.
 *
 * One person denies; what is released takes two where the rules say so, and of an object that nobody is known to have
 * uploaded it takes two wherever the uploader must not decide, since one of two is not the uploader. Findings without a
 * name cannot be called false: the next ones could be about anything.
 */
export function cast(
  object: Pick<ReviewObject, 'uploader' | 'verdict'>,
  ballot: Ballot,
  vote: Vote,
  rules: Rules,
): Cast {
  const result = counted(object, ballot, vote, rules);
  const marked = vote.decision === 'approve' && vote.falsePositive;
  return result.ok && marked && !isSuppressible(object) ? { ok: false, reason: 'findings_unnamed' } : result;
}

/** Whether every finding of an object has a name, under which it can be called false. */
export function isSuppressible({ verdict }: Pick<ReviewObject, 'verdict'>): boolean {
  return verdict.verdict !== 'SENSITIVE' || verdict.detections.every(isNamed);
}

function counted(
  object: Pick<ReviewObject, 'uploader' | 'verdict'>,
  ballot: Ballot,
  vote: Vote,
  { twoPeople, notUploader }: Rules,
): Cast<Obstacle> {
  const { first, decided } = ballot;
  if (decided !== undefined) return { ok: false, reason: 'decided', before: decided };
  if (vote.decision === 'deny') return { ok: true, ballot: { ...ballot, decided: vote } };
  if (object.verdict.verdict === 'MALWARE') return { ok: false, reason: 'malware' };
  if (notUploader && object.uploader === vote.by) return { ok: false, reason: 'own_upload' };
  const two = twoPeople || (notUploader && object.uploader === undefined);
  if (!two) return { ok: true, ballot: { decided: vote } };
  if (first === undefined) return { ok: true, ballot: { first: vote } };
  if (first.by === vote.by) return { ok: false, reason: 'other_person_needed', before: first };
  // a false positive takes both: it opens the way for objects to come
  const falsePositive = first.falsePositive && vote.falsePositive;
  return { ok: true, ballot: { first, decided: { ...vote, falsePositive } } };
}

/** What it would come to if this person approved now. */
export function approvalBy(
  by: string,
  object: Pick<ReviewObject, 'uploader' | 'verdict'>,
  ballot: Ballot,
  rules: Rules,
): Approval {
  const vote: Vote = { by, decision: 'approve', falsePositive: false, at: '', reason: '' };
  const result = counted(object, ballot, vote, rules);
  if (!result.ok) return result.reason;
  return result.ballot.decided === undefined ? 'first_of_two' : 'releases';
}
