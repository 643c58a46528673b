/** When verdicts are given: after the last result, not after the first of each object, and after the malware gate. */
import { malwareOf } from '../../lambdas/data-scan/adapters/open-run';
import { judgedKey, pageKey } from '../../lambdas/data-scan/core/keys';
import { fromLines, toLines } from '../../lambdas/data-scan/core/objects';
import type { Planned } from '../../lambdas/data-scan/core/plan';
import type { Ports, Run } from '../../lambdas/data-scan/core/ports';
import { judge } from '../../lambdas/data-scan/core/scan';
import type { JobOutcome } from '../../lambdas/data-scan/core/verdict';
import { CARD, line } from './macie-results';

const SETTLE = 5;
const WAIT = 60;

interface Scan {
  /** Lets time pass, writes results, and judges. */
  readonly look: (after: number, ...lines: string[]) => Promise<string>;
  readonly audited: () => readonly string[];
  /** Name of the review, where there is one. */
  readonly review: () => string | undefined;
  /** GuardDuty writes its verdict to the copy. */
  readonly tag: (status: string) => void;
  /** The next change of the run dies, after everything else. */
  readonly die: () => void;
}

/** A run of one object, of which a job has ended at 0; with a malware gate or without. */
function scan(outcome: JobOutcome = 'complete', gate = false): Scan {
  let tags: Readonly<Record<string, string>> = {};
  const records = new Map([
    [
      pageKey('r', 'staged', 0),
      toLines([{ n: 0, key: 'a.csv', version: 'raw', size: 1, uploadedAt: 0, copy: 'v1' }]),
    ],
  ]);
  let run: Run = {
    ...{ id: 'r', state: 'scanning', objects: 1, pages: 1, attempts: 1, startedAt: 0, execution: 'e' },
    ...{ job: 'job-1', scan: outcome, scanEndedAt: 0 },
  };
  const results: string[] = [];
  const audited: string[] = [];
  let [now, dies, ids] = [0, false, 0];
  const ports = {
    clock: () => now,
    limits: { settle: SETTLE, resultsWait: WAIT },
    rules: [],
    malware: gate ? malwareOf : null,
    objects: { tags: async () => tags },
    newId: () => `review-${ids++}`,
    records: {
      read: async (key: string) => records.get(key),
      write: async (key: string, text: string) => void records.set(key, text),
    },
    runs: {
      read: async () => run,
      change: async (_: string, members: Partial<Run>) => {
        if (dies && members.counts !== undefined) {
          dies = false;
          throw new Error('died');
        }
        run = { ...run, ...members };
      },
      suppressions: async () => [],
    },
    scanner: {
      results: async function* () {
        yield* results;
      },
    },
    audit: {
      append: async (_: string, { id, facts }: { id: string; facts: unknown }) => {
        if (!audited.some((text) => text.startsWith(id))) audited.push(`${id} ${JSON.stringify(facts)}`);
      },
    },
  } as unknown as Ports;
  return {
    look: async (after, ...lines) => {
      now += after;
      results.push(...lines);
      if ((await judge('r', ports)) === 'waiting') return 'waiting';
      const [planned] = fromLines<Planned>(records.get(pageKey('r', 'plan', 0)) ?? '');
      expect(records.has(judgedKey('r'))).toBe(true);
      return planned?.verdict.verdict ?? '';
    },
    audited: () => audited,
    tag: (status) => {
      tags = { GuardDutyMalwareScanStatus: status };
    },
    review: () => run.review?.id,
    die: () => {
      dies = true;
    },
  };
}

const CLEAN = line();
const FOUND = line({ sensitiveData: CARD, severity: 'High' });

test('SCAN-02 an object is clean when nothing has come for the settling time, not at its first result', async () => {
  const { look } = scan();

  expect(await look(0, CLEAN)).toBe('waiting');
  expect(await look(SETTLE - 1)).toBe('waiting');
  expect(await look(1)).toBe('CLEAN');
});

test('SCAN-02 a second result of an object that comes late makes it sensitive', async () => {
  const { look } = scan();

  expect(await look(0, CLEAN)).toBe('waiting');
  expect(await look(SETTLE, FOUND)).toBe('waiting');
  expect(await look(SETTLE - 1)).toBe('waiting');
  expect(await look(1)).toBe('SENSITIVE');
});

test('SCAN-02 what comes at the very end of the wait is waited behind too, and what never comes is unknown', async () => {
  const late = scan();

  expect(await late.look(WAIT - 1, CLEAN)).toBe('waiting');
  expect(await late.look(1, FOUND)).toBe('waiting');
  expect(await late.look(SETTLE)).toBe('SENSITIVE');

  const never = scan();

  expect(await never.look(0)).toBe('waiting');
  expect(await never.look(WAIT - 1)).toBe('waiting');
  expect(await never.look(1)).toBe('UNKNOWN');
});

test('SCAN-01 after a job that was cancelled nothing is waited for, as nothing of it is clean', async () => {
  expect(await scan('cancelled').look(0, CLEAN)).toBe('UNKNOWN');
});

test('SCAN-05 a step that dies after its verdicts goes on with them, and with one review', async () => {
  const { look, die, audited, review } = scan();
  await look(0, FOUND);
  die();

  await expect(look(SETTLE)).rejects.toThrow('died');
  expect(await look(0)).toBe('SENSITIVE');
  expect(review()).toBe('review-0');
  expect(audited()).toEqual([expect.stringContaining('"SENSITIVE":1')]);
});

test.each([
  ['NO_THREATS_FOUND', 'CLEAN'],
  ['THREATS_FOUND', 'MALWARE'],
  ['UNSUPPORTED', 'UNKNOWN'],
  ['ACCESS_DENIED', 'UNKNOWN'],
  ['FAILED', 'UNKNOWN'],
  ['', 'UNKNOWN'],
])('SCAN-01 the malware gate is waited for; %j makes an object %s', async (status, verdict) => {
  const { look, tag } = scan('complete', true);

  expect(await look(0, CLEAN)).toBe('waiting');
  expect(await look(SETTLE)).toBe('waiting');
  tag(status);
  expect(await look(1)).toBe(verdict);
});

test('SCAN-01 an object about which the malware gate says nothing in time is unknown', async () => {
  const { look } = scan('complete', true);

  await look(0, CLEAN);
  expect(await look(WAIT - 1)).toBe('waiting');
  expect(await look(1)).toBe('UNKNOWN');
  // without a gate nobody asks
  const open = scan();
  await open.look(0, CLEAN);
  expect(await open.look(SETTLE)).toBe('CLEAN');
});
