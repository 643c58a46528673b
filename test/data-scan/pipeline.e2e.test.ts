/** The data scan on the deployed stack: the state machine, Macie's stand-in, the review's operations, the inbox. */
import { randomBytes, randomUUID } from 'node:crypto';

import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

import { clientSettings } from '../../local/aws';
import type { Behaviour } from '../../local/macie';
import { call, localStack, signedIn } from '../local-stack';
import { mailedCode, respond } from '../step-up/people';
import {
  asked,
  bodyIn,
  CARD,
  eachInTurn,
  ended,
  everyLog,
  keysIn,
  mailsAbout,
  outcomesOf,
  recordsOf,
  start,
  type Started,
  tagsOf,
  until,
  upload,
} from './deployed';

eachInTurn();

let proved: string | undefined;

/** The token of a reviewer who has proved more, which holds for five minutes. */
async function steppedUp(review: string): Promise<string> {
  proved ??= await provedBy('rita', review);
  return proved;
}

async function provedBy(name: string, review: string): Promise<string> {
  const { accessToken: token } = await signedIn(name, 'widgets/read');
  const path = `/reviews/${review}/decisions`;
  const { body } = await call('/initiate-auth', { method: 'POST', token, body: { method: 'POST', path } });
  await respond(token, body['challengeId'], await mailedCode(`${name}@example.com`));
  return token;
}

async function decide(
  review: string,
  token: string,
  body: object,
): Promise<Awaited<ReturnType<typeof call>>> {
  return call(`/reviews/${review}/decisions`, { method: 'POST', token, body });
}

test('SCAN-03 a clean run mails nobody and releases exactly what was scanned, with its tags', async () => {
  const { scannedDataBucketName: output, rawBucketName: raw } = localStack();
  const key = `clean/${randomUUID()} ü+%.csv`;
  await upload(key, 'nothing to see', 'team=a');
  const run = await start();

  expect(await ended(run)).toBe('SUCCEEDED');
  expect(await keysIn(output, key)).toEqual([key]);
  expect(await tagsOf(output, key)).toEqual({ team: 'a' });
  expect(await keysIn(raw, key)).toEqual([]);
  expect(await mailsAbout(run.id)).toEqual([]);
});

test('SCAN-02 APPROVE-01 APPROVE-02 APPROVE-03 what is sensitive or skipped waits for a stepped-up reviewer, who decides once', async () => {
  const { scannedDataBucketName: output, manualReviewBucketName: review } = localStack();
  const folder = randomUUID();
  const [bad, skipped, clean] = [`${folder}/<b>card</b>.csv`, `${folder}/photo.jpg`, `${folder}/clean.csv`];
  await upload(bad, CARD, 'team=a');
  await upload(skipped, 'pixels');
  await upload(clean, 'fine');
  const run = await start();
  const id = await asked(run);

  expect(await keysIn(output, folder)).toEqual([clean]);
  expect(await keysIn(review, `runs/${run.id}/`)).toHaveLength(2);

  const [mail] = await mailsAbout(run.id);

  expect(mail?.body).toContain('%3Cb%3Ecard%3C/b%3E[.]csv');
  expect(mail?.body.match(/\w+:\/\/\S+/g)).toEqual([`${localStack().siteUrl}/reviews/${id}`]);

  const { accessToken: outsider } = await signedIn('ada', 'widgets/read');
  const { accessToken: reader } = await signedIn('rita', 'widgets/read');
  const shown = await call(`/reviews/${id}`, { token: reader });

  expect([
    (await call(`/reviews/${id}`)).status,
    (await call(`/reviews/${id}`, { token: outsider })).status,
  ]).toEqual([401, 403]);
  expect(shown.status).toBe(200);
  expect(shown.body).toMatchObject({ run: run.id, open: true, objects: 2 });
  expect(shown.body['items']).toMatchObject([
    { name: bad, verdict: 'SENSITIVE', severity: 'MEDIUM' },
    { name: skipped, verdict: 'UNKNOWN', reason: 'skipped', detail: 'UNSUPPORTED_FILE_TYPE_EXCEPTION' },
  ]);
  // whatever follows a link changes nothing
  for (const method of ['GET', 'HEAD'])
    await fetch(`${localStack().siteUrl}/api/reviews/${id}/decisions`, { method });
  expect((await call(`/reviews/${id}`, { token: reader })).body['items']).toEqual(shown.body['items']);
  // a sign-in alone decides nothing
  expect((await decide(id, reader, { reason: 'seen', decision: 'approve' })).body).toMatchObject({
    status: 401,
    reason: 'step_up_required',
  });

  const secret = await until('the wait', async () => taskToken(run));
  const token = await steppedUp(id);
  const [first, second] = (shown.body['items'] as { number: number }[]).map(({ number }) => number);
  const unknown = `${id.slice(0, 21)}${id.endsWith('A') ? 'B' : 'A'}`;

  expect((await decide(unknown, token, { reason: 'seen', decision: 'approve' })).status).toBe(404);
  expect(
    (await decide(id, token, { reason: 'seen', objects: [{ number: 99, decision: 'approve' }] })).status,
  ).toBe(404);
  expect((await decide(id, token, { reason: 'seen' })).status).toBe(400);

  const one = await decide(id, token, {
    reason: 'test data',
    objects: [{ number: first, decision: 'approve' }],
  });
  const again = await decide(id, token, {
    reason: 'test data',
    objects: [{ number: first, decision: 'deny' }],
  });

  expect(one).toMatchObject({ status: 200, body: { complete: false, pending: [] } });
  expect(again).toMatchObject({
    status: 409,
    body: { reason: 'refused', conflicts: [{ object: String(first), reason: 'decided' }] },
  });
  expect((again.body['conflicts'] as { by: string; at: string }[])[0]?.by).toMatch(/^[0-9a-f-]{36}$/);
  expect(
    await decide(id, token, { reason: 'no photos', objects: [{ number: second, decision: 'deny' }] }),
  ).toMatchObject({ status: 200, body: { complete: true } });
  expect(await ended(run)).toBe('SUCCEEDED');
  expect((await keysIn(output, folder)).sort()).toEqual([bad, clean].sort());
  expect(await tagsOf(output, bad)).toEqual({ team: 'a', SensitiveDataFound: 'true' });
  expect(await keysIn(review, `runs/${run.id}/`)).toEqual([]);
  expect(await decide(id, token, { reason: 'late', decision: 'approve' })).toMatchObject({
    status: 409,
    body: { reason: 'review_over' },
  });

  const answers = JSON.stringify([shown, one, again, await call(`/reviews/${id}`, { token: reader })]);
  const logs = await everyLog();
  const records = await recordsOf(run);

  expect(secret.length).toBeGreaterThan(20);
  // what is searched is there
  expect(answers).toContain('test data');
  expect(records.join()).toContain('"event":"decision"');
  expect(logs.length).toBeGreaterThan(10);
  expect([answers, ...logs, ...records].filter((text) => text.includes(secret))).toEqual([]);
  expect((await mailsAbout(run.id)).filter(({ body }) => body.includes(secret))).toEqual([]);
  // it is of no use any more, and gone
  expect(await taskToken(run)).toBeUndefined();
});

/** The token behind which the state machine waits: in the table, and nowhere else. */
async function taskToken({ id }: Started): Promise<string | undefined> {
  const { emulatorUrl, dataScanTableName: TableName } = localStack();
  const { Item } = await new DynamoDBClient(clientSettings(emulatorUrl)).send(
    new GetItemCommand({ TableName, Key: { pk: { S: `run#${id}` }, sk: { S: 'run' } } }),
  );
  return Item?.['token']?.S;
}

test('SCAN-02 a finding that is written after the job has ended is found all the same', async () => {
  const { scannedDataBucketName: output } = localStack();
  const key = `late/${randomUUID()}.csv`;
  await upload(key, CARD);
  const run = await start({ late: [0] });
  const id = await asked(run);
  const { accessToken: reader } = await signedIn('rita', 'widgets/read');

  expect((await call(`/reviews/${id}`, { token: reader })).body['items']).toMatchObject([
    { name: key, verdict: 'SENSITIVE' },
  ]);
  expect(await keysIn(output, key)).toEqual([]);

  await decide(id, await steppedUp(id), { reason: 'no cards', decision: 'deny' });

  expect(await ended(run)).toBe('SUCCEEDED');
  expect(await keysIn(output, key)).toEqual([]);
}, 180_000);

test('a false positive passes in the next run, which says so; other findings in the same key do not', async () => {
  const { scannedDataBucketName: output } = localStack();
  const key = `false/${randomUUID()}.csv`;
  await upload(key, CARD);
  const first = await start();
  const id = await asked(first);
  const objects = [{ number: 0, decision: 'approve', falsePositive: true }];

  expect(await decide(id, await steppedUp(id), { reason: 'a sample card', objects })).toMatchObject({
    status: 200,
  });
  expect(await ended(first)).toBe('SUCCEEDED');
  expect(await tagsOf(output, key)).toEqual({ SensitiveDataFound: 'true' });

  await upload(key, `${CARD}, once more`);
  const second = await start();

  expect(await ended(second)).toBe('SUCCEEDED');
  expect(await outcomesOf(second)).toEqual({ released_suppressed: 1 });
  expect(await tagsOf(output, key)).toEqual({ SensitiveDataSuppressed: 'true' });

  await upload(key, `${CARD}, ssn 123-45-6789`);
  const third = await start();
  const asking = await asked(third);
  await decide(asking, await steppedUp(asking), { reason: 'a real one', decision: 'deny' });

  expect(await ended(third)).toBe('SUCCEEDED');
  expect(await outcomesOf(third)).toEqual({ denied: 1 });
  expect(await keysIn(output, key)).toHaveLength(2);
}, 180_000);

test('SCAN-02 APPROVE-02 findings without a readable type cannot be called false; they are asked about again', async () => {
  const { scannedDataBucketName: output } = localStack();
  const key = `unnamed/${randomUUID()}.csv`;
  const { accessToken: reader } = await signedIn('rita', 'widgets/read');
  const run = async (): Promise<[Started, string]> => {
    await upload(key, CARD);
    const started = await start({ unnamed: [0] });
    return [started, await asked(started)];
  };
  const [first, id] = await run();

  expect((await call(`/reviews/${id}`, { token: reader })).body['items']).toMatchObject([
    { name: key, detections: [{ type: 'UNNAMED' }], suppressible: false },
  ]);

  const said = (falsePositive: boolean): object => ({
    reason: 'a sample card',
    objects: [{ number: 0, decision: 'approve', falsePositive }],
  });
  const token = await steppedUp(id);

  expect(await decide(id, token, said(true))).toMatchObject({
    status: 409,
    body: { reason: 'refused', conflicts: [{ object: '0', reason: 'findings_unnamed' }] },
  });
  expect(await decide(id, token, said(false))).toMatchObject({ status: 200, body: { complete: true } });
  expect(await ended(first)).toBe('SUCCEEDED');
  expect(await tagsOf(output, key)).toEqual({ SensitiveDataFound: 'true' });

  const [second, again] = await run();
  await decide(again, await steppedUp(again), { reason: 'not again', decision: 'deny' });

  expect(await ended(second)).toBe('SUCCEEDED');
  expect(await outcomesOf(second)).toEqual({ denied: 1 });
}, 180_000);

test.each([
  [
    'throttles every call',
    { errors: { CreateClassificationJob: { code: 'ThrottlingException', status: 429, times: 1000 } } },
  ],
])(
  'SCAN-01 where Macie %s, nothing is released and somebody is told',
  async (_, how) => {
    const { scannedDataBucketName: output, scanStageBucketName: stage } = localStack();
    const key = `held/${randomUUID()}.csv`;
    await upload(key, 'clean as it is');
    const run = await start(how);

    expect(await ended(run)).toBe('FAILED');
    expect(await keysIn(output, key)).toEqual([]);
    expect(await keysIn(stage, `runs/${run.id}/`)).toHaveLength(1);
    expect((await mailsAbout(run.id)).map(({ subject }) => subject)).toEqual([`Data scan ${run.id}: held`]);

    // when the trouble is over, the same run goes on
    expect(await ended(await start({}, run.id))).toBe('SUCCEEDED');
    expect(await keysIn(output, key)).toEqual([key]);
  },
  300_000,
);

test.each<[string, Behaviour, string]>([
  ['is cancelled', { status: 'CANCELLED' }, 'job_cancelled'],
  ['is paused', { status: 'USER_PAUSED' }, 'job_paused'],
  ['writes no result of an object', { withheld: [0] }, 'not_scanned'],
  ['writes what nobody can read', { garbled: true }, 'results_unreadable'],
])(
  'SCAN-01 SCAN-02 where the job %s, a person decides about all',
  async (_, how, reason) => {
    const { scannedDataBucketName: output } = localStack();
    const key = `unknown/${randomUUID()}.csv`;
    await upload(key, 'clean as it is');
    const run = await start(how);
    const id = await asked(run);
    const { accessToken: reader } = await signedIn('rita', 'widgets/read');

    expect((await call(`/reviews/${id}`, { token: reader })).body['items']).toMatchObject([
      { name: key, verdict: 'UNKNOWN', reason },
    ]);
    expect(await keysIn(output, key)).toEqual([]);
    expect((await decide(id, await steppedUp(id), { reason: 'not known', decision: 'deny' })).status).toBe(
      200,
    );
    expect(await ended(run)).toBe('SUCCEEDED');
    expect(await keysIn(output, key)).toEqual([]);
  },
  180_000,
);

test('SCAN-04 SCAN-06 a key that comes again in between, a large object and a key of 1,024 bytes', async () => {
  const { scannedDataBucketName: output, rawBucketName: raw } = localStack();
  const folder = randomUUID();
  const long = `${folder}/${'é'.repeat(491)}x.csv`;
  const big = `${folder}/big.csv`;
  await upload(long, 'long');
  const content = randomBytes(9 * 1024 * 1024)
    .toString('base64')
    .slice(0, 9 * 1024 * 1024);
  await upload(big, content, 'team=a');
  await upload(`${folder}/twice.csv`, 'first');
  const run = await start();
  // it is on its way by now; this version belongs to the next run
  await until('the first version to leave', async () =>
    (await keysIn(raw, `${folder}/twice.csv`)).length === 0 ? true : undefined,
  );
  await upload(`${folder}/twice.csv`, 'second');

  expect(Buffer.byteLength(long)).toBe(1024);
  expect(await ended(run)).toBe('SUCCEEDED');
  expect((await keysIn(output, folder)).sort()).toEqual([big, long, `${folder}/twice.csv`].sort());
  // copied in parts, twice
  expect((await bodyIn(output, big)).equals(Buffer.from(content))).toBe(true);
  expect(await tagsOf(output, big)).toEqual({ team: 'a' });
  expect(await keysIn(raw, folder)).toEqual([`${folder}/twice.csv`]);
  expect(await ended(await start())).toBe('SUCCEEDED');
  expect(await keysIn(output, `${folder}/twice.csv`)).toHaveLength(2);
}, 180_000);
