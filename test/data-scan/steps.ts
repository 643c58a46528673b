/** Takes the steps of a run in the order of the state machine, and lets it die wherever a test wants. */
import { beginRun, Busy, LOCK_MS } from '../../lambdas/data-scan/core/begin';
import { decide, type Said } from '../../lambdas/data-scan/core/desk';
import { holdRun } from '../../lambdas/data-scan/core/hold';
import { pageKey } from '../../lambdas/data-scan/core/keys';
import { fromLines } from '../../lambdas/data-scan/core/objects';
import type { Ports } from '../../lambdas/data-scan/core/ports';
import type { ReviewObject } from '../../lambdas/data-scan/core/review';
import {
  applyPage,
  awaitDecision,
  closeReview,
  endRun,
  movePage,
  openReview,
} from '../../lambdas/data-scan/core/release';
import { checkScan, judge, stagePage, startScan } from '../../lambdas/data-scan/core/scan';
import type { World } from './world';

/** What a fault does to whoever called. */
class Killed extends Error {}

/** A call to the outside that dies, before or after it had its effect. */
export interface Fault {
  /** From 0, over all calls of the run. */
  readonly call: number;
  readonly after: boolean;
}

/** Ports whose calls are counted, and some of which die. Every fault strikes once. */
export function withFaults(ports: Ports, faults: readonly Fault[]): { ports: Ports; calls: () => number } {
  let calls = 0;
  const left = [...faults];
  const struck = (after: boolean, call: number): boolean => {
    const at = left.findIndex((fault) => fault.call <= call && fault.after === after);
    if (at < 0) return false;
    left.splice(at, 1);
    return true;
  };
  const wrap = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as unknown;
        if (typeof method !== 'function') return method;
        return (...args: unknown[]): unknown => {
          const call = calls++;
          if (struck(false, call)) throw new Killed(`before ${String(name)}`);
          const result: unknown = Reflect.apply(method, target, args);
          if (!(result instanceof Promise)) return result;
          return result.then((value: unknown) => {
            if (struck(true, call)) throw new Killed(`after ${String(name)}`);
            return value;
          });
        };
      },
    });
  const { objects, records, runs, scanner, audit } = ports;
  return {
    ports: {
      ...ports,
      objects: wrap(objects),
      records: wrap(records),
      runs: wrap(runs),
      scanner: wrap(scanner),
      audit: wrap(audit),
    },
    calls: () => calls,
  };
}

export interface Journey {
  readonly id: string;
  /** What reviewers say of each object. */
  readonly decisionOf: (object: ReviewObject) => 'approve' | 'deny' | 'nothing';
  /** Whether a call that dies takes the execution with it, so that the run is held and begun anew. */
  readonly executionDies: (death: number) => boolean;
}

const STEPS_AT_MOST = 200;

/** Goes on until the run has ended. @returns how often something died */
export async function travel(world: World, ports: Ports, journey: Journey): Promise<number> {
  const { id } = journey;
  let deaths = 0;
  let execution = 0;
  for (let attempt = 0; attempt < STEPS_AT_MOST; attempt += 1) {
    try {
      if (await wholeRun(world, ports, journey, `execution-${execution}`)) return deaths;
    } catch (error) {
      // an execution that died with the lock leaves it until its time is over
      if (error instanceof Busy) world.later(LOCK_MS);
      else if (!(error instanceof Killed)) throw error;
      if (journey.executionDies(deaths)) {
        await holdRun({ id, execution: `execution-${execution}`, error: 'killed' }, world.ports);
        execution += 1;
      }
      deaths += 1;
    }
  }
  throw new Error('the run does not end');
}

/** The steps up to the question to reviewers. @returns how many objects need one; nothing for a run without objects */
export async function upTo(id: string, ports: Ports, execution = 'execution'): Promise<number | undefined> {
  const { objects } = await beginRun(id, execution, ports);
  const run = await ports.runs.read(id);
  if (objects === 0 || run === undefined) return undefined;
  const pages = [...Array(run.pages).keys()];
  for (const page of pages) await stagePage(id, page, ports);
  await startScan(id, ports);
  while ((await checkScan(id, ports)) === 'running') await pause();
  let judged = await judge(id, ports);
  while (judged === 'waiting') {
    await pause();
    judged = await judge(id, ports);
  }
  for (const page of pages) await movePage(id, page, ports);
  return judged.review;
}

/** Each step is taken anew from the first: all but the one that died find their work done. */
async function wholeRun(
  world: World,
  ports: Ports,
  { id, decisionOf }: Journey,
  execution: string,
): Promise<boolean> {
  const waiting = await upTo(id, ports, execution);
  if (waiting === undefined) return true;
  if (waiting > 0) {
    await openReview(id, ports);
    await awaitDecision(id, 'token', ports);
    await review(world, id, decisionOf);
    await closeReview(id, ports);
    const { review: row } = (await world.ports.runs.read(id)) ?? {};
    for (const page of Array(row?.pages ?? 0).keys()) await applyPage(id, page, ports);
  }
  await endRun(id, ports);
  return true;
}

export async function reviewObjects(world: World, id: string): Promise<ReviewObject[]> {
  const { review: row } = (await world.ports.runs.read(id)) ?? {};
  const texts = await Promise.all(
    [...Array(row?.pages ?? 0).keys()].map((page) => world.ports.records.read(pageKey(id, 'review', page))),
  );
  return texts.flatMap((text) => fromLines<ReviewObject>(text ?? ''));
}

async function review(world: World, id: string, decisionOf: Journey['decisionOf']): Promise<void> {
  const { review: row } = (await world.ports.runs.read(id)) ?? {};
  if (row?.state !== 'open') return;
  for (const object of await reviewObjects(world, id)) {
    const decision = decisionOf(object);
    if (decision === 'nothing') continue;
    const said: Said = { reason: 'seen', objects: [{ n: object.n, decision, falsePositive: false }] };
    // one that was decided before an execution died is refused
    await decide(row.id, said, REVIEWER, world.desk);
  }
}

export const REVIEWER = {
  subject: 'rita',
  clientId: 'web',
  scheme: 'session',
  scopes: [],
  groups: ['data-reviewers'],
};

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
