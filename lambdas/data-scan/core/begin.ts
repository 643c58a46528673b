/** The first step of a run: which versions it is about, and what became of those that stopped on the way. */
import { hashOf } from './audit';
import { each } from './each';
import { holdRun, MOST_ATTEMPTS } from './hold';
import { pageKey, pagesKey, pagesText } from './keys';
import { fromLines, isRunId, type Listed, pagesOf, type RawVersion, toLines } from './objects';
import type { Ports, Run } from './ports';

/** Another run lists the raw bucket at this moment. */
export class Busy extends Error {
  override readonly name = 'Busy';
}

/** Milliseconds for which the lock is kept: more than a function may take (15 minutes). */
export const LOCK_MS = 16 * 60_000;

export interface Begun {
  readonly id: string;
  /** How many there are to work on; none for a run that has ended, or that another execution is at. */
  readonly objects: number;
}

/**
 * Takes on what is in the raw bucket and no other run has taken on. The run of an id that is there already goes on where
 * it stopped, unless another execution is at it: then there is nothing to do. The lock keeps two executions from listing
 * at the same time, and the list of a run that has not emptied its part of the bucket yet is left out by the others.
 *
 * @throws Busy while another run lists
 * @throws TypeError for an id that cannot be one
 */
export async function beginRun(id: unknown, execution: string, ports: Ports): Promise<Begun> {
  if (!isRunId(id))
    throw new TypeError(
      'id is wrong: 1 to 64 letters, digits, hyphens or underscores, e.g. {"id": "by-hand-1"}',
    );
  const { runs, clock } = ports;
  const before = await goOn(id, execution, ports);
  if (before !== undefined) return before;
  const now = clock();
  if (!(await runs.lock(execution, now, now + LOCK_MS))) throw new Busy('another run lists the raw bucket');
  try {
    // another execution of this id may have begun it meanwhile; a second list would mix up the numbers of its objects
    return (await goOn(id, execution, ports)) ?? { id, objects: await takeOn(id, execution, ports) };
  } finally {
    await runs.unlock(execution);
  }
}

/** @returns `undefined` for a run that was never begun */
async function goOn(id: string, execution: string, { runs }: Ports): Promise<Begun | undefined> {
  const run = await runs.read(id);
  if (run === undefined) return undefined;
  const ours = run.state !== 'ended' && (run.execution === execution || (await runs.takeOver(id, execution)));
  return { id, objects: ours ? run.objects : 0 };
}

async function takeOn(id: string, execution: string, ports: Ports): Promise<number> {
  const { records, runs, clock, objects, limits, audit } = ports;
  const active = await runs.active();
  await takeUp(active, ports);
  const taken = await takenBy(active, ports);
  const pages = pagesOf(await unclaimed(objects.rawVersions(), taken, limits.runObjects), limits.pageObjects);
  const count = pages.reduce((sum, page) => sum + page.length, 0);
  if (count === 0) return 0;
  await each(pages, async (page, i) => {
    await records.write(pageKey(id, 'listed', i), toLines(page));
  });
  await records.write(pagesKey(id, 'listed'), pagesText(pages.length));
  await runs.create({
    id,
    state: 'staging',
    objects: count,
    pages: pages.length,
    attempts: 1,
    execution,
    startedAt: clock(),
  });
  await audit.append(id, { id: 'begun', event: 'begun', facts: { objects: count } });
  return count;
}

/** Starts anew what was held, and holds what stopped without a word. */
async function takeUp(active: readonly Run[], ports: Ports): Promise<void> {
  const { machine } = ports;
  for (const { id, held, attempts, execution } of active) {
    const error = held === undefined ? await machine.stopped(execution) : undefined;
    if (error !== undefined) await holdRun({ id, execution, error }, ports);
    if ((held !== undefined || error !== undefined) && attempts < MOST_ATTEMPTS) await machine.start(id);
  }
}

/** What runs have listed and may not have removed from the raw bucket yet. */
async function takenBy(active: readonly Run[], { records }: Ports): Promise<ReadonlySet<string>> {
  const taken = new Set<string>();
  for (const { id, state, pages } of active) {
    if (state !== 'staging') continue;
    await each([...Array(pages).keys()], async (page) => {
      const text = await records.read(pageKey(id, 'listed', page));
      if (text === undefined) throw new Error(`the list of run ${id} is not there`);
      for (const version of fromLines<Listed>(text)) taken.add(claimOf(version));
    });
  }
  return taken;
}

async function unclaimed(
  versions: AsyncIterable<RawVersion>,
  taken: ReadonlySet<string>,
  most: number,
): Promise<RawVersion[]> {
  const found: RawVersion[] = [];
  for await (const version of versions) {
    // versions of one key are never divided
    if (found.length >= most && found.at(-1)?.key !== version.key) break;
    if (!taken.has(claimOf(version))) found.push(version);
  }
  return found;
}

function claimOf({ key, version }: RawVersion): string {
  return hashOf(JSON.stringify([key, version]));
}
