/** The reviewers' desk: a review is shown to whoever may see it, and decided by whoever may decide. */
import type { Caller } from '../../_kernel/caller';
import { type Clock, timestamp } from '../../_kernel/clock';
import { isDecided } from './release';
import { pageKey, uploadersKey } from './keys';
import { fromLines } from './objects';
import type { Counts } from './plan';
import type { Audit, Machine, Notices, Records, ReviewRow, Run, Runs } from './ports';
import {
  type Approval,
  approvalBy,
  type Ballot,
  cast,
  type Cast,
  type Decision,
  type ReviewObject,
  type Rules,
  type Vote,
} from './review';

export interface DeskPorts {
  readonly runs: Runs;
  readonly records: Records;
  readonly audit: Audit;
  readonly machine: Pick<Machine, 'decided'>;
  readonly notices: Pick<Notices, 'event'>;
  readonly clock: Clock;
  readonly rules: Rules;
  readonly reviewers: string;
}

export interface Shown {
  readonly run: string;
  readonly review: ReviewRow;
  readonly counts: Counts;
  readonly open: boolean;
  readonly all: Ballot;
  /** What it would come to if the caller approved all that nobody has decided. */
  readonly approval: Approval;
  readonly items: readonly {
    readonly object: ReviewObject;
    readonly ballot: Ballot;
    readonly approval: Approval;
  }[];
  /** Page to read on with. */
  readonly next?: number;
}

/** Whether somebody belongs to the group of reviewers. */
export function isReviewer(
  { groups }: Pick<Caller, 'groups'>,
  { reviewers }: Pick<DeskPorts, 'reviewers'>,
): boolean {
  return groups.includes(reviewers);
}

/** Shows one page of a review to a caller; nothing changes by it. @returns `undefined` for a review that there is not */
export async function show(
  id: string,
  page: number,
  { subject }: Pick<Caller, 'subject'>,
  ports: DeskPorts,
): Promise<Shown | undefined> {
  const { runs, records, clock, rules } = ports;
  const run = await runUnder(id, runs);
  if (run?.counts === undefined || page >= run.review.pages) return undefined;
  const [text, ballots, uploaders] = await Promise.all([
    records.read(pageKey(run.id, 'review', page)),
    runs.ballots(run.id),
    uploadersOf(run, ports),
  ]);
  if (text === undefined) throw new Error('a page of the review is not there');
  const all = ballots.get('all') ?? {};
  const items = fromLines<ReviewObject>(text).map((object) => {
    const ballot = ballots.get(object.n) ?? {};
    return { object, ballot, approval: approvalBy(subject, object, withAll(ballot, all), rules) };
  });
  return {
    run: run.id,
    review: run.review,
    counts: run.counts,
    open: isOpen(run, clock()),
    all,
    approval: approvalBy(subject, objectOfAll(uploaders, subject), all, rules),
    items,
    ...(page + 1 < run.review.pages ? { next: page + 1 } : {}),
  };
}

/** What a reviewer decides: of some objects, or of all that nobody has decided. */
export type Said =
  | { readonly decision: Decision['decision']; readonly reason: string }
  | {
      readonly objects: readonly (Decision & { readonly n: number })[];
      readonly reason: string;
    };

export type Refused = Extract<Cast, { ok: false }> & { readonly of: number | 'all' };

type Outcome =
  | { readonly outcome: 'decided'; readonly complete: boolean; readonly pending: readonly (number | 'all')[] }
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'not_of_this_review'; readonly n: number }
  | { readonly outcome: 'over'; readonly review: ReviewRow; readonly by: readonly Vote[] }
  | { readonly outcome: 'refused'; readonly refused: readonly Refused[] };

/** Times that votes are looked at anew because somebody else voted at the same time. */
const ATTEMPTS = 5;

/**
 * Decides: all that was said or nothing of it, once.
 *
 * The ballots are kept first and the state machine is told then, so whoever comes between them finds a decision; and
 * every later call tells it again, so that a call that died in between does no harm.
 */
export async function decide(id: string, said: Said, caller: Caller, ports: DeskPorts): Promise<Outcome> {
  const { runs, clock } = ports;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const run = await runUnder(id, runs);
    if (run === undefined) return { outcome: 'unknown' };
    const now = clock();
    if (!isOpen(run, now)) return { outcome: 'over', review: run.review, by: await votesOf(run, ports) };
    const at = timestamp(() => now);
    const votes = await votesFor(run, said, { by: caller.subject, at, reason: said.reason }, ports);
    if (!Array.isArray(votes)) return { outcome: 'not_of_this_review', n: votes.missing };
    const refused = votes.flatMap(({ of, result }) => (result.ok ? [] : [{ ...result, of }]));
    if (refused.length > 0) {
      await goOn(run, ports);
      return { outcome: 'refused', refused };
    }
    const changes = votes.flatMap(({ of, before, result }) =>
      result.ok ? [{ of, before, after: result.ballot }] : [],
    );
    if (!(await runs.cast(run.id, changes))) continue;
    await record(run, changes, { by: caller.subject, at, reason: said.reason }, ports);
    const pending = changes.filter(({ after }) => after.decided === undefined).map(({ of }) => of);
    return { outcome: 'decided', complete: await goOn(run, ports), pending };
  }
  throw new Error('others decided at the same time, again and again');
}

type Reviewed = Run & { readonly review: ReviewRow };

async function runUnder(review: string, runs: Runs): Promise<Reviewed | undefined> {
  const id = await runs.byReview(review);
  const run = id === undefined ? undefined : await runs.read(id);
  // until reviewers are asked there is no review to see
  if (run?.review?.id !== review || run.review.until === 0) return undefined;
  return { ...run, review: run.review };
}

function isOpen({ review }: Reviewed, now: number): boolean {
  return review.state === 'open' && review.until > now;
}

interface Candidate {
  readonly of: number | 'all';
  readonly before: Ballot;
  readonly result: Cast;
}

async function votesFor(
  run: Reviewed,
  said: Said,
  who: Pick<Vote, 'by' | 'at' | 'reason'>,
  ports: DeskPorts,
): Promise<Candidate[] | { readonly missing: number }> {
  const { runs, rules } = ports;
  const all = await runs.ballot(run.id, 'all');
  const candidate = (
    of: number | 'all',
    object: Pick<ReviewObject, 'uploader' | 'verdict'>,
    before: Ballot,
    decision: Decision,
  ): Candidate => ({
    of,
    before,
    result: cast(object, withAll(before, all), { ...decision, ...who }, rules),
  });
  if (!('objects' in said)) {
    const object = objectOfAll(await uploadersOf(run, ports), who.by);
    return [candidate('all', object, all, { decision: said.decision, falsePositive: false })];
  }
  const known = await objectsOf(run, new Set(said.objects.map(({ n }) => n)), ports);
  const votes: Candidate[] = [];
  for (const { n, ...decision } of said.objects) {
    const object = known.get(n);
    if (object === undefined) return { missing: n };
    votes.push(candidate(n, object, await runs.ballot(run.id, n), decision));
  }
  return votes;
}

/** What was decided of all is decided of each. */
function withAll(ballot: Ballot, all: Ballot): Ballot {
  return all.decided === undefined ? ballot : { ...ballot, decided: ballot.decided ?? all.decided };
}

const ANY: ReviewObject['verdict'] = { verdict: 'UNKNOWN', reason: 'not_scanned' };

/** Who uploaded any of the objects; `null` stands for those of which that is not known. */
async function uploadersOf({ id }: Run, { records }: DeskPorts): Promise<readonly (string | null)[]> {
  const text = await records.read(uploadersKey(id));
  if (text === undefined) throw new Error('the uploaders of the review are not there');
  return JSON.parse(text) as (string | null)[];
}

/** Stands for all objects when somebody decides about them at once. */
function objectOfAll(
  uploaders: readonly (string | null)[],
  by: string,
): Pick<ReviewObject, 'uploader' | 'verdict'> {
  return { ...uploaderOfAll(uploaders, by), verdict: ANY };
}

/** The person themselves where they uploaded any of the objects; nobody where that is not known of some. */
function uploaderOfAll(uploaders: readonly (string | null)[], by: string): { readonly uploader?: string } {
  if (uploaders.includes(by)) return { uploader: by };
  const [first] = uploaders;
  return uploaders.includes(null) || first === undefined || first === null ? {} : { uploader: first };
}

async function objectsOf(
  run: Reviewed,
  numbers: ReadonlySet<number>,
  { records }: DeskPorts,
): Promise<Map<number, ReviewObject>> {
  const found = new Map<number, ReviewObject>();
  for (let page = 0; page < run.review.pages && found.size < numbers.size; page += 1) {
    const text = await records.read(pageKey(run.id, 'review', page));
    if (text === undefined) throw new Error('a page of the review is not there');
    for (const object of fromLines<ReviewObject>(text))
      if (numbers.has(object.n)) found.set(object.n, object);
  }
  return found;
}

/** Tells the state machine once nothing is left to decide. */
async function goOn(run: Run, ports: DeskPorts): Promise<boolean> {
  if (!(await isDecided(run, ports))) return false;
  const { token } = (await ports.runs.read(run.id)) ?? {};
  // without one the state machine does not wait yet, and will find the decision
  if (token !== undefined) await ports.machine.decided(token);
  return true;
}

async function record(
  { id, review }: Reviewed,
  changes: readonly { readonly of: number | 'all'; readonly after: Ballot }[],
  { by, at, reason }: Pick<Vote, 'by' | 'at' | 'reason'>,
  { audit, notices }: DeskPorts,
): Promise<void> {
  const votes = changes.map(({ of, after }) => {
    const vote = after.decided ?? after.first;
    return {
      of,
      decision: vote?.decision,
      falsePositive: vote?.falsePositive,
      final: after.decided !== undefined,
    };
  });
  const facts = { by, at, reason, votes };
  await audit.append(id, { id: `decision ${by} ${at} ${String(votes[0]?.of)}`, event: 'decision', facts });
  await notices.event('Data scan decision', { run: id, review: review.id, by, votes });
}

async function votesOf({ id }: Run, { runs }: DeskPorts): Promise<Vote[]> {
  const ballots = [...(await runs.ballots(id)).values()];
  return ballots.flatMap(({ decided }) => (decided === undefined ? [] : [decided]));
}
