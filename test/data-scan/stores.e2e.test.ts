/** Steps of a run over real buckets and a real table: who holds and lists, what results say, what is missing or not told. */
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';

import { beginRun, Busy, LOCK_MS } from '../../lambdas/data-scan/core/begin';
import { decide } from '../../lambdas/data-scan/core/desk';
import { holdRun } from '../../lambdas/data-scan/core/hold';
import { pageKey } from '../../lambdas/data-scan/core/keys';
import type { Ports, Run } from '../../lambdas/data-scan/core/ports';
import {
  awaitDecision,
  closeReview,
  applyPage,
  endRun,
  openReview,
} from '../../lambdas/data-scan/core/release';
import { REGION } from '../../local/aws';
import { localStack } from '../local-stack';
import { CARD, clients } from './deployed';
import { line } from './macie-results';
import { REVIEWER, reviewObjects, travel, upTo } from './steps';
import { makeWorld, type Stack, useLocalStack, type World } from './world';

let stack: Stack;

beforeAll(() => {
  const { emulatorUrl, macieUrl, scanRecordsBucketName: records } = localStack();
  stack = { emulatorUrl, macieUrl: macieUrl ?? '', records };
  useLocalStack(stack.emulatorUrl, stack.macieUrl);
});

function newId(): string {
  return `s-${randomBytes(6).toString('hex')}`;
}

const RUN: Run = {
  ...{ id: 'r', state: 'scanning', objects: 1, pages: 1, attempts: 1, startedAt: 0, execution: 'one' },
};
const HELD = { state: 'scanning', error: 'x' };

test('SCAN-05 a run is held for the execution that is at it, once, and not after its end', async () => {
  const { runs } = (await makeWorld(stack)).ports;
  await runs.create(RUN);

  expect(await runs.hold('r', 'two', HELD)).toBe(false);
  expect(await runs.takeOver('r', 'two')).toBe(false);
  expect(await runs.hold('r', 'one', HELD)).toBe(true);
  expect(await runs.hold('r', 'one', HELD)).toBe(false);
  expect(await runs.takeOver('r', 'two')).toBe(true);
  expect(await runs.read('r')).toMatchObject({ execution: 'two', attempts: 2 });
  expect(await runs.hold('r', 'one', HELD)).toBe(false);

  await runs.change('r', { state: 'ended' });

  expect(await runs.hold('r', 'two', HELD)).toBe(false);
  expect(await runs.takeOver('r', 'three')).toBe(false);
});

test('SCAN-05 two executions of one id that begin at once make one list', async () => {
  const [world, id] = [await makeWorld(stack), newId()];
  for (const key of ['a', 'b', 'c']) await world.put(key, key);
  const begun = async (execution: string): Promise<number> => {
    for (;;) {
      try {
        return (await beginRun(id, execution, world.ports)).objects;
      } catch (error) {
        if (!(error instanceof Busy)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  const objects = await Promise.all(['one', 'two', 'three', 'four'].map(begun));

  expect([...objects].sort()).toEqual([0, 0, 0, 3]);
});

test('SCAN-05 an execution that comes to the lock after another of its id has listed lists nothing anew', async () => {
  const [world, id] = [await makeWorld(stack), newId()];
  const { ports } = world;
  await world.put('b', 'b');
  const late: Ports = {
    ...ports,
    runs: {
      ...ports.runs,
      lock: async (...who) => {
        await beginRun(id, 'one', ports);
        await world.put('a', 'a');
        return ports.runs.lock(...who);
      },
    },
  };

  expect(await beginRun(id, 'two', late)).toEqual({ id, objects: 0 });
  expect(await ports.records.read(pageKey(id, 'listed', 0))).toMatch(/^\{[^\n]*"key":"b"[^\n]*\n$/);
  expect(await ports.runs.read(id)).toMatchObject({ execution: 'one', objects: 1 });
});

test('SCAN-05 a lock is of one execution until its time is over, and taken again by the same', async () => {
  const { runs } = (await makeWorld(stack)).ports;

  expect(await runs.lock('one', 0, LOCK_MS)).toBe(true);
  expect(await runs.lock('two', LOCK_MS - 1, 2 * LOCK_MS)).toBe(false);
  await runs.unlock('two');
  expect(await runs.lock('two', LOCK_MS - 1, 2 * LOCK_MS)).toBe(false);
  expect(await runs.lock('one', 1, LOCK_MS)).toBe(true);
  expect(await runs.lock('two', LOCK_MS, 2 * LOCK_MS)).toBe(true);
});

describe('results of a job', () => {
  async function linesOf(...files: readonly [name: string, content: Buffer | string][]): Promise<string[]> {
    const { scanner } = (await makeWorld(stack)).ports;
    const job = newId();
    for (const [name, Body] of files)
      await clients().s3.send(
        new PutObjectCommand({
          Bucket: stack.records,
          Key: `macie/AWSLogs/000000000000/Macie/${REGION}/${job}/${name}`,
          Body,
        }),
      );
    const lines: string[] = [];
    for await (const one of scanner.results(job)) lines.push(one);
    return lines;
  }

  test('are read whole, whatever characters are in them and however they end', async () => {
    const [one, other] = [line({ key: 'a\u2028b' }), line({ key: 'ü'.repeat(100_000) })];
    const whole = [
      ['a/1.jsonl.gz', gzipSync(`${one}\n\n${other}\n`)],
      ['a/2.jsonl.gz', gzipSync(one)],
    ] as const;

    expect(await linesOf(...whole.map(([name, content]): [string, Buffer] => [name, content]))).toEqual([
      one,
      other,
      one,
    ]);
  });

  test('SCAN-02 that break off are no results', async () => {
    const content = gzipSync(Array.from({ length: 500 }, () => `${line({ key: newId() })}\n`).join(''));

    await expect(linesOf(['1.jsonl.gz', content.subarray(0, content.length - 40)])).rejects.toThrow(
      /end of file/,
    );
    expect(await linesOf(['1.jsonl.gz', content])).toHaveLength(500);
  });

  test('SCAN-02 in a file of another kind count as a line that nobody can read', async () => {
    expect(await linesOf(['1.jsonl.gz', gzipSync(line())], ['2.parquet', 'PAR1'])).toEqual([
      line(),
      'no file of results',
    ]);
  });
});

/** A run of one object with a card in it, up to the question. */
async function asking(changes: Parameters<typeof makeWorld>[1] = {}): Promise<{ world: World; id: string }> {
  const world = await makeWorld(stack, changes);
  await world.put('card.csv', CARD);
  const id = newId();
  await upTo(id, world.ports);
  return { world, id };
}

async function closed(id: string, ports: Ports): Promise<Readonly<Record<string, number>>> {
  await closeReview(id, ports);
  await applyPage(id, 0, ports);
  return endRun(id, ports);
}

test.each([
  ['delete', []],
  ['keep', ['review']],
] as const)('APPROVE-04 with %s, what nobody decided in time is denied and told', async (denied, left) => {
  const { world, id } = await asking({ SCAN_DENIED: denied, SCAN_REVIEW_SECONDS: 60 });
  await openReview(id, world.ports);
  const [object] = await reviewObjects(world, id);
  const { review } = (await world.ports.runs.read(id)) ?? {};
  const approve = {
    reason: 'seen',
    objects: [{ n: object!.n, decision: 'approve', falsePositive: false }],
  } as const;
  world.later(60_000);

  expect(await decide(review!.id, approve, REVIEWER, world.desk)).toMatchObject({ outcome: 'over', by: [] });
  expect(await closed(id, world.ports)).toEqual({ unanswered: 1 });
  expect((await world.everything()).map(({ bucket }) => bucket)).toEqual(left);
  expect(world.mails.map(({ subject }) => subject)).toEqual([
    `Data scan ${id}: 1 object to review`,
    `Data scan ${id}: review was not answered in time`,
  ]);

  // before its time is over it is taken
  const twin = await asking({ SCAN_DENIED: denied, SCAN_REVIEW_SECONDS: 60 });
  await openReview(twin.id, twin.world.ports);
  const open = (await twin.world.ports.runs.read(twin.id))?.review;
  twin.world.later(55_000);

  expect(await decide(open!.id, approve, REVIEWER, twin.world.desk)).toMatchObject({ outcome: 'decided' });
  expect(await closed(twin.id, twin.world.ports)).toEqual({ approved: 1 });
});

test('APPROVE-02 a decision about an object of another run is refused, and nothing of it is taken', async () => {
  const [one, other] = [await asking(), await asking()];
  await openReview(one.id, one.world.ports);
  await openReview(other.id, other.world.ports);
  const review = (await one.world.ports.runs.read(one.id))?.review?.id ?? '';
  const vote = (n: number): object => ({ n, decision: 'approve', falsePositive: false });
  const said = { reason: 'seen', objects: [vote(0), vote(1)] } as never;

  expect(await decide(review, said, REVIEWER, one.world.desk)).toEqual({
    outcome: 'not_of_this_review',
    n: 1,
  });
  // each table has its own reviews
  expect(await decide(review, { reason: 'seen', decision: 'approve' }, REVIEWER, other.world.desk)).toEqual({
    outcome: 'unknown',
  });
  expect((await one.world.ports.runs.ballots(one.id)).size).toBe(0);
  expect(
    await decide(review, { reason: 'seen', objects: [vote(0)] } as never, REVIEWER, one.world.desk),
  ).toMatchObject({ outcome: 'decided' });
});

test('SCAN-01 reviewers who could not be asked are asked again, about the same review; until then it is not open', async () => {
  const { world, id } = await asking();
  const { ports } = world;
  const deaf: Ports = { ...ports, notices: { ...ports.notices, mail: async () => false } };

  await expect(openReview(id, deaf)).rejects.toThrow('reviewers could not be asked');
  expect(await ports.runs.read(id)).toMatchObject({ state: 'moving' });

  const before = (await ports.runs.read(id))?.review;
  await openReview(id, ports);

  expect(await ports.runs.read(id)).toMatchObject({ state: 'reviewing', review: before });
  expect(world.mails).toHaveLength(1);
});

test('a copy that somebody has removed is not told as released', async () => {
  const { world, id } = await asking();
  const { ports, buckets } = world;
  await openReview(id, ports);
  await awaitDecision(id, 'token', ports);
  const review = (await ports.runs.read(id))?.review?.id ?? '';
  await decide(review, { reason: 'seen', decision: 'approve' }, REVIEWER, world.desk);
  const { s3 } = clients();
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: buckets.review }));
  for (const { Key, VersionId } of Versions)
    await s3.send(new DeleteObjectCommand({ Bucket: buckets.review, Key, VersionId }));

  expect(await closed(id, ports)).toEqual({ missing: 1 });
  expect(world.mails.at(-1)?.text).toContain('missing: 1');
});

test('SCAN-05 what is held is told once, however often it is told of', async () => {
  const { world, id } = await asking();
  const stop = { id, execution: 'execution', error: 'States.Timeout' };

  expect([await holdRun(stop, world.ports), await holdRun(stop, world.ports)]).toEqual([true, false]);
  expect(world.mails.map(({ subject }) => subject)).toEqual([`Data scan ${id}: held`]);
  expect(await travel(world, world.ports, { id, decisionOf: () => 'deny', executionDies: () => false })).toBe(
    0,
  );
});
