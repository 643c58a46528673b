/** The steps behind the verdicts: objects are moved, people are asked, what they decided is done. */
import { timestamp } from '../../_kernel/clock';
import { hashOf } from './audit';
import { each } from './each';
import { namesKey, pageKey } from './keys';
import { endMail, reviewMail } from './mail';
import { type Copy, drop, handOver, type Outcome, release } from './move';
import { copyKey, type Staged, toLines } from './objects';
import type { Planned } from './plan';
import type { Ports, Run } from './ports';
import type { Ballot, ReviewObject, Vote } from './review';
import { typeOf } from './rules';
import { AT_ONCE, linesOf, runOf } from './scan';

/** Where an object is after its page was moved. */
interface Moved {
  readonly n: number;
  readonly outcome: Outcome;
  /** Version of the copy that reviewers have. */
  readonly version?: string;
}

/** What was decided of an object. */
interface Decided {
  readonly n: number;
  readonly outcome: 'approved' | 'denied' | 'unanswered';
  readonly vote?: Vote;
  readonly first?: Vote;
}

/** Days for which a false positive is remembered. */
const SUPPRESSION_DAYS = 90;
const DAY_MS = 86_400_000;

/** Moves one page as its plan says; what may not be released goes to the reviewers' bucket. */
export async function movePage(id: string, page: number, ports: Ports): Promise<void> {
  const { records } = ports;
  const done = pageKey(id, 'moved', page);
  if ((await records.read(done)) !== undefined) return;
  const plan = await linesOf<Planned>(pageKey(id, 'plan', page), ports);
  const moved = await inOrder(plan, (object) => moveOne(id, object, ports));
  await records.write(done, toLines(moved));
}

async function moveOne(id: string, object: Planned, { objects }: Ports): Promise<Moved> {
  const { n, action, copy: version } = object;
  const from: Copy = { place: 'stage', version };
  const kept = async (outcome: Outcome): Promise<Moved> => ({
    n,
    outcome,
    version: await handOver(id, object, objects),
  });
  if (action === 'review') return kept('in_review');
  if (action === 'drop') {
    await drop(id, object, from, objects);
    return { n, outcome: 'dropped' };
  }
  const outcome = await release(id, object, from, action, objects);
  if (outcome === 'superseded' || outcome === 'tags_full') return kept(outcome);
  if (outcome === 'released') return { n, outcome: RELEASED[action] };
  // an attempt before this one may have found that it must not be released
  const handedOver = await objects.find('review', copyKey(id, object));
  return handedOver === undefined ? { n, outcome } : kept('superseded');
}

const RELEASED = {
  release: 'released',
  release_tagged: 'released_tagged',
  release_suppressed: 'released_suppressed',
} as const;

/** Asks reviewers, once: they have the same time however often the step is repeated. */
export async function openReview(id: string, ports: Ports): Promise<void> {
  const { runs, records, notices, clock, limits, siteUrl, audit } = ports;
  const run = await runOf(id, ports);
  const { review, counts } = run;
  if (review === undefined || counts === undefined) throw new Error('the run has nothing to review');
  if (run.state !== 'moving') return;
  const until = review.until === 0 ? clock() + limits.reviewTime : review.until;
  await runs.change(id, { review: { ...review, until } });
  const names = JSON.parse((await records.read(namesKey(id))) ?? '[]') as string[];
  const url = `${siteUrl}/reviews/${review.id}`;
  const end = timestamp(() => until);
  // what nobody hears of is denied when its time is over, so this one is not given up
  if (!(await notices.mail(reviewMail(id, counts, names, { url, until: end }))))
    throw new Error('reviewers could not be asked');
  await notices.event('Data scan review opened', { run: id, review: review.id, until: end, counts, url });
  await audit.append(id, { id: 'asked', event: 'asked', facts: { until: end, objects: review.objects } });
  await runs.change(id, { state: 'reviewing' });
}

/**
 * Keeps the token behind which the state machine waits. It is in the table and nowhere else; whoever decides uses it.
 *
 * A decision may have come before it: then nothing waits.
 */
export async function awaitDecision(id: string, token: string, ports: Ports): Promise<void> {
  const { runs, clock } = ports;
  await runs.change(id, { token });
  const run = await runOf(id, ports);
  const expired = (run.review?.until ?? 0) <= clock();
  if (expired || run.state !== 'reviewing' || (await isDecided(run, ports)))
    await ports.machine.decided(token);
}

/** Whether nothing is left to decide. */
export async function isDecided({ id, review }: Run, { runs }: Pick<Ports, 'runs'>): Promise<boolean> {
  const ballots = await runs.ballots(id);
  if (ballots.get('all')?.decided !== undefined) return true;
  const decided = [...ballots].filter(([of, ballot]) => of !== 'all' && ballot.decided !== undefined);
  return decided.length >= (review?.objects ?? 0);
}

/** Shuts the review and writes what it came to: what nobody decided is denied. */
export async function closeReview(id: string, ports: Ports): Promise<void> {
  const { runs, records, audit } = ports;
  const run = await runOf(id, ports);
  if (run.state === 'deciding' || run.state === 'ended') return;
  if (run.review === undefined) throw new Error('the run has nothing to review');
  await runs.close(id);
  const ballots = await runs.ballots(id);
  const digests: string[] = [];
  let unanswered = 0;
  await each([...Array(run.review.pages).keys()], async (page) => {
    const objects = await linesOf<ReviewObject>(pageKey(id, 'review', page), ports);
    const decided = objects.map((object) => decisionOf(object, ballots));
    for (const [i, one] of decided.entries()) {
      if (one.outcome === 'unanswered') unanswered += 1;
      await remember(objects[i], one, ports);
    }
    const text = toLines(decided);
    digests[page] = hashOf(text);
    await records.write(pageKey(id, 'decided', page), text);
  });
  const facts = { decisions: hashOf(digests.join('\n')), pages: digests.length, unanswered };
  await audit.append(id, { id: 'closed', event: 'review closed', facts });
  await runs.change(id, { state: 'deciding', token: undefined });
}

function decisionOf({ n, verdict }: ReviewObject, ballots: ReadonlyMap<number | 'all', Ballot>): Decided {
  const own = ballots.get(n);
  const { decided: vote, first } = own?.decided === undefined ? (ballots.get('all') ?? {}) : own;
  if (vote === undefined) return { n, outcome: 'unanswered' };
  // malware is never released, whatever was said of all
  const approved = vote.decision === 'approve' && verdict.verdict !== 'MALWARE';
  return {
    n,
    outcome: approved ? 'approved' : 'denied',
    vote,
    ...(first === undefined ? {} : { first }),
  };
}

/** Keeps what a reviewer has called false, for runs to come. */
async function remember(
  object: ReviewObject | undefined,
  { outcome, vote }: Decided,
  { runs, clock }: Ports,
): Promise<void> {
  if (object?.verdict.verdict !== 'SENSITIVE' || outcome !== 'approved' || vote?.falsePositive !== true)
    return;
  const types = object.verdict.detections.map(typeOf);
  await runs.suppress({ key: object.key, types, until: clock() + SUPPRESSION_DAYS * DAY_MS });
}

/** Does with one page of reviewed objects what was decided. */
export async function applyPage(id: string, page: number, ports: Ports): Promise<void> {
  const { records } = ports;
  const done = pageKey(id, 'applied', page);
  if ((await records.read(done)) !== undefined) return;
  const decided = await linesOf<Decided>(pageKey(id, 'decided', page), ports);
  const copies = await copiesOf(id, new Set(decided.map(({ n }) => n)), ports);
  const pairs = decided.map((one) => {
    const copy = copies.get(one.n);
    if (copy === undefined) throw new Error(`the copy of object ${one.n} is not known`);
    return { key: copy.object.key, one, ...copy };
  });
  const applied = await inOrder(pairs, ({ one, object, version }) =>
    applyOne(id, one, object, version, ports),
  );
  await records.write(done, toLines(applied));
}

async function applyOne(
  id: string,
  { n, outcome }: Decided,
  object: Staged,
  version: string,
  { objects, denied }: Ports,
): Promise<Moved> {
  const from: Copy = { place: 'review', version };
  if (outcome === 'approved') {
    const released = await release(id, object, from, 'approve', objects);
    return { n, outcome: released === 'released' ? 'approved' : released };
  }
  if (denied === 'delete') await drop(id, object, from, objects);
  return { n, outcome };
}

/** Objects of a run by number, with the version that reviewers have. */
async function copiesOf(
  id: string,
  numbers: ReadonlySet<number>,
  ports: Ports,
): Promise<Map<number, { readonly object: Staged; readonly version: string }>> {
  const found = new Map<number, { readonly object: Staged; readonly version: string }>();
  const { pages } = await runOf(id, ports);
  for (let page = 0; page < pages && found.size < numbers.size; page += 1) {
    const plan = await linesOf<Planned>(pageKey(id, 'plan', page), ports);
    if (!plan.some(({ n }) => numbers.has(n))) continue;
    const moved = await linesOf<Moved>(pageKey(id, 'moved', page), ports);
    for (const [i, object] of plan.entries()) {
      const version = moved[i]?.version;
      if (numbers.has(object.n) && version !== undefined) found.set(object.n, { object, version });
    }
  }
  return found;
}

/** Tells what became of the objects, and ends the run. */
export async function endRun(id: string, ports: Ports): Promise<Readonly<Record<string, number>>> {
  const { runs, notices, audit } = ports;
  const run = await runOf(id, ports);
  const outcomes = await outcomesOf(run, ports);
  if (run.state === 'ended') return outcomes;
  await audit.append(id, { id: 'ended', event: 'ended', facts: { outcomes } });
  await notices.event('Data scan ended', { run: id, counts: run.counts, outcomes });
  // a clean run is nobody's business
  if (run.review !== undefined || needsPeople(outcomes))
    await notices.mail(endMail(id, outcomes, (outcomes['unanswered'] ?? 0) > 0));
  await runs.change(id, { state: 'ended', token: undefined });
  return outcomes;
}

function needsPeople(outcomes: Readonly<Record<string, number>>): boolean {
  return ['superseded', 'tags_full', 'missing', 'left_metadata_full', 'left_unreadable'].some(
    (name) => (outcomes[name] ?? 0) > 0,
  );
}

async function outcomesOf(run: Run, ports: Ports): Promise<Record<string, number>> {
  const { id, pages, review } = run;
  const counts: Record<string, number> = {};
  const count = (name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  for (let page = 0; page < pages; page += 1) {
    for (const line of await linesOf<{ left?: string }>(pageKey(id, 'staged', page), ports))
      if (line.left !== undefined) count(`left_${line.left}`);
    for (const { outcome } of await linesOf<Moved>(pageKey(id, 'moved', page), ports))
      if (outcome !== 'in_review') count(outcome);
  }
  for (let page = 0; page < (review?.pages ?? 0); page += 1)
    for (const { outcome } of await linesOf<Moved>(pageKey(id, 'applied', page), ports)) count(outcome);
  return counts;
}

/** Works on the objects of one key one after the other, and on several keys at a time. */
async function inOrder<T extends { readonly key: string }, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const groups = new Map<string, number[]>();
  for (const [i, { key }] of items.entries()) groups.set(key, [...(groups.get(key) ?? []), i]);
  const results: R[] = [];
  await each(
    [...groups.values()],
    async (indexes) => {
      for (const i of indexes) results[i] = await work(items[i] as T);
    },
    AT_ONCE,
  );
  return results;
}
