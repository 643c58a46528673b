/** The steps up to the verdicts: copies to the scan bucket, one job over them, and what its results say of each. */
import { hashOf } from './audit';
import { each } from './each';
import { judgedKey, namesKey, pageKey, pagesKey, pagesText, uploadersKey } from './keys';
import { stage } from './move';
import { copyKey, fromLines, type Left, type Listed, runPrefix, type Staged, toLines } from './objects';
import { type Counts, countsOf, planOf, type Planned, reviewObject } from './plan';
import type { Ports, Run } from './ports';
import { readResult, type Result } from './results';
import type { JobOutcome, Malware } from './verdict';

/** Objects that one call moves at a time. */
export const AT_ONCE = 8;

/** The run of a step; @throws Error for one that was never begun */
export async function runOf(id: string, { runs }: Ports): Promise<Run> {
  const run = await runs.read(id);
  if (run === undefined) throw new Error('there is no such run');
  return run;
}

/** Lines of a page that an earlier step has written; @throws Error when it has not */
export async function linesOf<T>(key: string, { records }: Pick<Ports, 'records'>): Promise<T[]> {
  const text = await records.read(key);
  if (text === undefined) throw new Error('a page of the run is not there');
  return fromLines<T>(text);
}

/** Copies one page of versions to the scan bucket and removes them from the raw one. */
export async function stagePage(id: string, page: number, ports: Ports): Promise<void> {
  const { records, objects, uploaderTag } = ports;
  const done = pageKey(id, 'staged', page);
  if ((await records.read(done)) !== undefined) return;
  const listed = await linesOf<Listed>(pageKey(id, 'listed', page), ports);
  const staged: (Staged | Left)[] = [];
  await each(
    listed,
    async (object, i) => {
      staged[i] = await stage(id, object, objects, uploaderTag);
    },
    AT_ONCE,
  );
  await records.write(done, toLines(staged));
}

/** Starts the one job of the run over its copies. */
export async function startScan(id: string, ports: Ports): Promise<void> {
  const { runs, scanner, options, clock } = ports;
  const run = await runOf(id, ports);
  if (run.job !== undefined || run.state !== 'staging') return;
  await scanner.ensureResults();
  const job = await scanner.start(`data-scan-${id}`, runPrefix(id), hashOf(id).slice(0, 32), options);
  await runs.change(id, { job, state: 'scanning', scanStartedAt: clock() });
}

/** Asks how far the job is; one that takes too long is cancelled and proves nothing. */
export async function checkScan(id: string, ports: Ports): Promise<'running' | 'ended'> {
  const { runs, scanner, clock, limits } = ports;
  const { job, scan, scanStartedAt = 0 } = await runOf(id, ports);
  if (scan !== undefined) return 'ended';
  if (job === undefined) throw new Error('the run has no job');
  let outcome = await scanner.status(job);
  if (outcome === 'running') {
    if (clock() - scanStartedAt < limits.scanTimeout) return 'running';
    await scanner.cancel(job);
    outcome = 'timed_out';
  }
  await runs.change(id, { scan: outcome, scanEndedAt: clock() });
  return 'ended';
}

/** What the verdicts of a run came to, in the audit record too. */
interface Judged {
  readonly counts: Counts;
  /** Digest of the plan. */
  readonly plan: string;
  readonly review: Run['review'];
}

/**
 * Gives each object its verdict, and writes what becomes of it, once: a repeated step finds the verdicts of the first.
 *
 * Results are written to S3 while the job runs and may arrive after its end, and an object may have several: for each file
 * of an archive. So what is missing is waited for a while, and verdicts are given only when nothing has come for some
 * time; what is missing then is unknown. After a job that has not completed nothing is clean, so nothing is waited for.
 *
 * @returns `waiting` while results may still come
 */
export async function judge(id: string, ports: Ports): Promise<'waiting' | { readonly review: number }> {
  const { runs, records, audit } = ports;
  const run = await runOf(id, ports);
  if (run.counts !== undefined) return { review: waitingIn(run.counts) };
  const before = await records.read(judgedKey(id));
  const judged = before === undefined ? await judgedNow(run, ports) : (JSON.parse(before) as Judged);
  if (judged === 'waiting') return 'waiting';
  const { counts, plan, review } = judged;
  const facts = { plan, pages: run.pages, ...counts };
  await audit.append(id, { id: 'judged', event: 'judged', facts });
  await runs.change(id, { counts, state: 'moving', review });
  return { review: waitingIn(counts) };
}

function waitingIn({ byAction }: Counts): number {
  return byAction['review'] ?? 0;
}

async function judgedNow(run: Run, ports: Ports): Promise<'waiting' | Judged> {
  const { id, job, scan } = run;
  if (job === undefined || scan === undefined) throw new Error('the scan has not ended');
  const pages: (Staged | Left)[][] = Array.from({ length: run.pages }, () => []);
  await each(pages, async (_, i) => {
    pages[i] = await linesOf(pageKey(id, 'staged', i), ports);
  });
  const staged = pages.map((page) => page.filter((object): object is Staged => 'copy' in object));
  const results = await resultsOf(job, ports);
  const waits = scan === 'complete' && ports.clock() - (run.scanEndedAt ?? 0) < ports.limits.resultsWait;
  const complete = staged.flat().every((object) => results.byKey.has(copyKey(id, object)));
  const settled = scan !== 'complete' || (await haveSettled(run, results, ports));
  if (!settled || (waits && !complete)) return 'waiting';
  const malware = await malwareIn(id, staged.flat(), ports);
  if (waits && malware !== null && [...malware.values()].includes('pending')) return 'waiting';
  const plan = await planned(id, staged, scan, results, malware, ports);
  return writePlan(id, plan, ports);
}

/** Whether no result has come since the look before, and for as long as is set; the first look never says so. */
async function haveSettled(
  { id, results: before }: Run,
  { count }: Results,
  { runs, clock, limits }: Ports,
): Promise<boolean> {
  const now = clock();
  if (before?.count === count) return now - before.since >= limits.settle;
  await runs.change(id, { results: { count, since: now } });
  return false;
}

interface Results {
  /** Lines, readable or not. */
  readonly count: number;
  readonly byKey: ReadonlyMap<string, readonly Result[]>;
  readonly unreadable: boolean;
}

async function resultsOf(job: string, { scanner }: Ports): Promise<Results> {
  const byKey = new Map<string, Result[]>();
  let [count, unreadable] = [0, false];
  for await (const line of scanner.results(job)) {
    count += 1;
    const result = readResult(line, job);
    if (result === 'unreadable') {
      unreadable = true;
      continue;
    }
    const known = byKey.get(result.key);
    if (known === undefined) byKey.set(result.key, [result]);
    else known.push(result);
  }
  return { count, byKey, unreadable };
}

/** What the gate says of each object, by number; `null` where there is no gate. */
async function malwareIn(
  id: string,
  staged: readonly Staged[],
  { malware, objects }: Ports,
): Promise<ReadonlyMap<number, Malware> | null> {
  if (malware === null) return null;
  const found = new Map<number, Malware>();
  await each(staged, async (object) => {
    found.set(object.n, malware(await objects.tags('stage', copyKey(id, object), object.copy)));
  });
  return found;
}

async function planned(
  id: string,
  staged: readonly (readonly Staged[])[],
  job: JobOutcome,
  { byKey, unreadable }: Results,
  malware: ReadonlyMap<number, Malware> | null,
  { rules, runs, clock }: Ports,
): Promise<Planned[][]> {
  const suppressions = new Map((await runs.suppressions()).map((one) => [one.key, one]));
  const now = clock();
  return staged.map((page) =>
    page.map((object) => {
      const evidence = {
        job,
        results: byKey.get(copyKey(id, object)) ?? [],
        unreadable,
        malware: malware === null ? null : (malware.get(object.n) ?? 'unknown'),
      };
      return planOf(object, evidence, rules, suppressions, now);
    }),
  );
}

/** Writes the plan, the pages of those that a person must decide about, and what all came to. */
async function writePlan(
  id: string,
  plan: readonly (readonly Planned[])[],
  { records, newId }: Ports,
): Promise<Judged> {
  const digests: string[] = [];
  await each(plan, async (page, i) => {
    const text = toLines(page);
    digests[i] = hashOf(text);
    await records.write(pageKey(id, 'plan', i), text);
  });
  const waiting = plan.map((page) => page.filter(({ action }) => action === 'review'));
  const pages = waiting.filter((page) => page.length > 0);
  const all = pages.flat();
  await each(pages, async (page, i) => {
    await records.write(pageKey(id, 'review', i), toLines(page.map(reviewObject)));
  });
  await records.write(pagesKey(id, 'review'), pagesText(pages.length));
  await records.write(namesKey(id), JSON.stringify(all.slice(0, 100).map(({ key }) => key)));
  const uploaders = [...new Set(all.map(({ uploader }) => uploader ?? null))];
  await records.write(uploadersKey(id), JSON.stringify(uploaders));
  const judged: Judged = {
    counts: countsOf(plan.flat()),
    plan: hashOf(digests.join('\n')),
    // until is set when reviewers are asked
    review:
      all.length === 0
        ? undefined
        : { id: newId(), state: 'open', until: 0, objects: all.length, pages: pages.length },
  };
  await records.write(judgedKey(id), JSON.stringify(judged));
  return judged;
}
