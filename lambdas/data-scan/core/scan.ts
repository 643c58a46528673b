/** The steps up to the verdicts: copies to the scan bucket, one job over them, and what its results say of each. */
import { hashOf } from './audit';
import { each } from './each';
import { namesKey, pageKey, pagesKey, pagesText } from './keys';
import { stage } from './move';
import { copyKey, fromLines, type Left, type Listed, runPrefix, type Staged, toLines } from './objects';
import { countsOf, planOf, type Planned, reviewObject } from './plan';
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

/**
 * Gives each object its verdict, and writes what becomes of it.
 *
 * Results are written to S3 while the job runs and may arrive after its end, so what is missing is waited for a while;
 * what is missing then is unknown.
 *
 * @returns `waiting` while results may still come
 */
export async function judge(id: string, ports: Ports): Promise<'waiting' | { readonly review: number }> {
  const { runs, clock, limits } = ports;
  const run = await runOf(id, ports);
  if (run.counts !== undefined) return { review: run.counts.byAction['review'] ?? 0 };
  if (run.job === undefined || run.scan === undefined) throw new Error('the scan has not ended');
  const pages: (Staged | Left)[][] = Array.from({ length: run.pages }, () => []);
  await each(pages, async (_, i) => {
    pages[i] = await linesOf(pageKey(id, 'staged', i), ports);
  });
  const results = await resultsOf(run.job, ports);
  const staged = pages.map((page) => page.filter((object): object is Staged => 'copy' in object));
  const complete = staged.flat().every((object) => results.byKey.has(copyKey(id, object)));
  const waited = clock() - (run.scanEndedAt ?? 0) >= limits.resultsWait;
  if (!complete && run.scan === 'complete' && !waited) return 'waiting';
  const plan = await planned(id, staged, run.scan, results, ports);
  const review = await writePlan(id, plan, ports);
  const counts = countsOf(plan.flat());
  await runs.change(id, { counts, state: 'moving', review });
  return { review: counts.byAction['review'] ?? 0 };
}

interface Results {
  readonly byKey: ReadonlyMap<string, readonly Result[]>;
  readonly unreadable: boolean;
}

async function resultsOf(job: string, { scanner }: Ports): Promise<Results> {
  const byKey = new Map<string, Result[]>();
  let unreadable = false;
  for await (const line of scanner.results(job)) {
    const result = readResult(line, job);
    if (result === 'unreadable') {
      unreadable = true;
      continue;
    }
    const known = byKey.get(result.key);
    if (known === undefined) byKey.set(result.key, [result]);
    else known.push(result);
  }
  return { byKey, unreadable };
}

async function planned(
  id: string,
  staged: readonly (readonly Staged[])[],
  job: JobOutcome,
  { byKey, unreadable }: Results,
  ports: Ports,
): Promise<Planned[][]> {
  const { rules, runs, objects, malware, clock } = ports;
  const suppressions = await runs.suppressions();
  const now = clock();
  const malwareOf = async (object: Staged): Promise<Malware | null> =>
    malware === null ? null : malware(await objects.tags('stage', copyKey(id, object), object.copy));
  const plan: Planned[][] = staged.map(() => []);
  await each(staged, async (page, i) => {
    for (const object of page) {
      const results = byKey.get(copyKey(id, object)) ?? [];
      const evidence = { job, results, unreadable, malware: await malwareOf(object) };
      plan[i]?.push(planOf(object, evidence, rules, suppressions, now));
    }
  });
  return plan;
}

/** Writes the plan, and the pages of those that a person must decide about. */
async function writePlan(
  id: string,
  plan: readonly (readonly Planned[])[],
  ports: Ports,
): Promise<Run['review']> {
  const { records, audit, newId } = ports;
  const digests: string[] = [];
  await each(plan, async (page, i) => {
    const text = toLines(page);
    digests[i] = hashOf(text);
    await records.write(pageKey(id, 'plan', i), text);
  });
  const facts = { plan: hashOf(digests.join('\n')), pages: plan.length, ...countsOf(plan.flat()) };
  await audit.append(id, { id: 'judged', event: 'judged', facts });
  const waiting = plan.map((page) => page.filter(({ action }) => action === 'review'));
  const all = waiting.flat();
  if (all.length === 0) return undefined;
  const pages = waiting.filter((page) => page.length > 0);
  await each(pages, async (page, i) => {
    await records.write(pageKey(id, 'review', i), toLines(page.map(reviewObject)));
  });
  await records.write(pagesKey(id, 'review'), pagesText(pages.length));
  await records.write(namesKey(id), JSON.stringify(all.slice(0, 100).map(({ key }) => key)));
  return {
    id: newId(),
    state: 'open',
    // set when reviewers are asked
    until: 0,
    objects: all.length,
    pages: pages.length,
    uploaders: [...new Set(all.map(({ uploader }) => uploader ?? null))],
  };
}
