/** `npm run scan` against the deployed stack, as operators and reviewers run it. */
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { scanLines } from '../../local/curl-lines';
import { call, localStack } from '../local-stack';
import { mailedCode, someone, type Someone, tokensOf } from '../step-up/people';
import { CARD, endTurn, keysIn, linkOf, takeTurn, upload } from './deployed';

interface Ended {
  readonly exit: number | null;
  readonly out: string;
  readonly error: string;
}

interface How {
  readonly token?: string;
  /** Gets what was asked; its answer goes to standard input. */
  readonly answer?: (question: string) => Promise<string>;
  readonly home?: string;
}

function scan(args: readonly string[], { token, answer, home }: How = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'tools/scan.ts', ...args], {
    cwd: join(__dirname, '../..'),
    env: {
      ...process.env,
      SALLYPORT_HOME: home ?? dirname(process.env['SALLYPORT_OUTPUTS'] ?? ''),
      // what must never be used where the environment is local
      AWS_PROFILE: 'somebody',
      SALLYPORT_TOKEN: token,
    },
  });
  let [out, error, asked] = ['', '', false];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    error += chunk.toString();
    if (asked || answer === undefined || !error.includes('Code ')) return;
    asked = true;
    void answer(error).then((text) => child.stdin.end(`${text}\n`));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit) => {
      resolve({ exit, out, error });
    });
  });
}

const run = promisify(execFile);

/** In the project's folder, as the console says. */
function shell(line: string): Promise<{ readonly stdout: string }> {
  return run('sh', ['-c', line], { cwd: join(__dirname, '../..') });
}

function local(...args: string[]): string[] {
  return [...args, '-c', 'local'];
}

async function reviewer(): Promise<{ readonly person: Someone; readonly token: string }> {
  const person = await someone(true, 'data-reviewers');
  return { person, token: (await tokensOf(person)).accessToken };
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  await takeTurn();
  try {
    return await work();
  } finally {
    endTurn();
  }
}

test('a run is started, watched, and decided by a reviewer who steps up', async () => {
  const folder = randomUUID();
  const [card, other] = [`${folder}/card.csv`, `${folder}/other.csv`];
  const id = `cli-${folder.slice(0, 8)}`;
  const started = await inTurn(async () => {
    await upload(card, CARD);
    await upload(other, CARD);
    return scan(local('start', '--id', id, '--wait'));
  });
  const link = await linkOf({ id });

  expect(started).toMatchObject({ exit: 3, error: '' });
  expect(started.out).toMatch(
    new RegExp(`^started ${id}\\n[\\s\\S]*${id}: reviewing, 2 objects[\\s\\S]*verdicts: SENSITIVE 2\\n`),
  );
  expect(started.out).toContain(`  review: 2 of 2 objects wait, until `);
  expect(started.out.trim().endsWith(link)).toBe(true);
  expect((await scan(local('status'))).out).toContain(`${id}: reviewing`);

  const { person, token } = await reviewer();
  const questions: string[] = [];
  const how = {
    token,
    answer: async (question: string) => {
      questions.push(question);
      return mailedCode(person.email);
    },
  };
  const missing = await scan(local('decide', link, '--deny', '--reason', 'not there', '--object', 'x'), how);
  expect(missing).toMatchObject({ exit: 2, out: '' });
  expect(missing.error).toBe('scan: no object of the review is named x\n');
  const approved = await scan(
    local('decide', link, '--approve', '--reason', 'test cards', '--object', card, '--false-positive'),
    how,
  );
  expect(approved).toMatchObject({ exit: 0 });
  expect(approved.out).toBe(`approved: ${folder}/card[.]csv\nthe review is still open\n`);
  expect(questions).toEqual([expect.stringMatching(/^Code sent to [0-9a-f]…@example\.com: $/) as string]);
  expect((await scan(local('status', id))).out).toContain('review: 1 of 2 objects wait');

  // the step-up holds for five minutes: nothing is asked
  const again = await scan(local('decide', link, '--deny', '--reason', 'changed', '--object', card), how);
  expect(again).toMatchObject({ exit: 1, out: '' });
  expect(again.error).toMatch(
    /^scan: nothing was decided: refused\n {2}\d: decided by [0-9a-f-]{36}, \d{4}-/,
  );
  const rest = await scan(local('decide', link.slice(-22), '--deny', '--reason', 'real cards'), how);
  expect(rest).toMatchObject({ exit: 0, out: 'denied: all\nnothing is left to decide\n' });
  const done = await scan(local('status', id, '--wait'));
  expect(done).toMatchObject({ exit: 0 });
  expect(done.out).toContain(`${id}: ended, 2 objects`);
  expect(await keysIn(localStack().scannedDataBucketName, folder)).toEqual([card]);
  expect(questions).toHaveLength(1);

  const audit = await scan(local('audit', id));
  expect(audit).toMatchObject({ exit: 0, error: '' });
  expect(audit.out).toMatch(
    /^0 \S+ begun \{"objects":2\}\n[\s\S]*"reason":"test cards"[\s\S]* ended [\s\S]*\n\d+ records, none changed, left out or exchanged; the last one is [0-9a-f]{64}\n$/,
  );
}, 400_000);

test('APPROVE-02 the console’s lines start a run; nobody decides around the API: without a token, without a step-up, without the group, for no review', async () => {
  const [uploads, starts] = scanLines(localStack());
  const key = 'cards.csv';
  const shown = await inTurn(async () => {
    await shell(uploads ?? '');
    return shell(`${starts ?? ''}; echo ended with $?`);
  });
  // people must decide
  expect(shown.stdout).toMatch(/ended with 3\n$/);
  const link = /\S+\/reviews\/[\w-]{22}/.exec(shown.stdout)?.[0] ?? '';
  const decide = (...more: string[]): string[] =>
    local('decide', link, '--approve', '--reason', 'because', ...more);
  const { person, token } = await reviewer();
  const outsider = (await tokensOf(await someone(true))).accessToken;
  const wrongly = async (): Promise<string> =>
    (await mailedCode(person.email)) === '000000' ? '000001' : '000000';

  const unsigned = await scan(decide());
  expect(unsigned.exit).toBe(2);
  expect(unsigned.error).toMatch(/^scan: an access token in SALLYPORT_TOKEN is missing/);
  const made = await scan(decide(), { token: 'made.up.token' });
  expect(made).toMatchObject({ exit: 1, out: '' });
  expect(made.error).toMatch(/^scan: the token is not accepted \(credentials_malformed|token/);
  const wrong = await scan(decide(), { token, answer: wrongly });
  expect(wrong).toMatchObject({ exit: 1, out: '' });
  expect(wrong.error).toContain('this code is not right');
  const refused = await scan(decide('--object', key), { token: outsider });
  expect(refused).toMatchObject({ exit: 1, out: '' });
  expect(refused.error).toContain('nobody in the group of reviewers');
  const nowhere = await scan(
    local('decide', 'A'.repeat(22), '--deny', '--reason', 'because', '--object', 'x'),
    {
      token,
    },
  );
  expect(nowhere).toMatchObject({ exit: 1, error: 'scan: there is no such review\n' });

  const still = await call(`/reviews/${link.slice(-22)}`, { token });
  expect(still.body).toMatchObject({ open: true, items: [{ name: key, approval: 'releases' }] });
  expect((still.body['items'] as object[]).some((one) => 'decided' in one)).toBe(false);
  // tokens reach neither output
  for (const { out, error } of [wrong, refused, nowhere]) expect(out + error).not.toContain(token.slice(-20));
  const denied = await scan(local('decide', link, '--deny', '--reason', 'because'), {
    token,
    answer: async () => mailedCode(person.email),
  });
  expect(denied).toMatchObject({ exit: 0, error: expect.stringMatching(/^Code sent to /) as string });
}, 400_000);

test('a run over nothing ends by itself, and what is not known is said', async () => {
  const nothing = await inTurn(() => scan(local('start', '--wait')));

  expect(nothing.exit).toBe(0);
  expect(nothing.out).toMatch(/^started by-hand-\d{14}\nby-hand-\d{14}: the raw bucket holds nothing/);
  expect(await scan(local('status', 'never-begun'))).toMatchObject({
    exit: 1,
    error: expect.stringContaining('scan: no run "never-begun" is known') as string,
  });
  expect(await scan(local('audit', 'never-begun'))).toEqual({
    exit: 1,
    out: '',
    error: 'scan: run "never-begun" has no audit record\n',
  });
}, 400_000);

test.each([
  [['--help'], 0, /^usage: npm run -s scan/],
  [[], 2, /-c <environment> is missing/],
  [['-c', 'local'], 2, /unknown command ""/],
  [['start', 'x', '-c', 'local'], 2, /write --id x/],
  [['start', '--id', '../x', '-c', 'local'], 2, /--id is "..\/x"; write 1 to 64/],
  [['status', '-c', 'nowhere'], 2, /environment is "nowhere"; choose one of/],
  [['status', '-c', 'prod'], 2, /the environment prod has no data scan/],
  [['status', '--wait', '-c', 'local'], 2, /--wait needs the id/],
  [['audit', '-c', 'local'], 2, /the id of a run is missing/],
  [['decide', '-c', 'local'], 2, /the review is missing/],
  [['decide', 'x', '--approve', '--deny', '--reason', 'abc', '-c', 'local'], 2, /either --approve or --deny/],
  [['decide', 'x', '--approve', '-c', 'local'], 2, /--reason <text> is missing/],
  [['decide', 'x', '--approve', '--reason', 'no', '-c', 'local'], 2, /--reason has 2 characters/],
  [['decide', 'x', '--deny', '--false-positive', '--reason', 'abc', '-c', 'local'], 2, /goes with --approve/],
  [['--nonsense'], 2, /nonsense/],
])('%j ends with %i', async (args, exit, words) => {
  const ended = await scan(args);

  expect(ended.exit).toBe(exit);
  expect(exit === 0 ? ended.out : ended.error).toMatch(words);
});

test('where nothing was started, one line says what to do', async () => {
  expect(await scan(local('status'), { home: '/nowhere' })).toEqual({
    exit: 1,
    out: '',
    error: 'scan: nothing was started here; begin with: npm start\n',
  });
});
