/**
 * What step-up adds to a request that was let in, warm, against the one thing it cannot do without: one consistent read.
 *
 * Both sides speak to the same table on loopback, which answers the same for both; the network of AWS is not in it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

import { openCheck } from '../lambdas/step-up/adapters/open-check';
import { stepUpVerdict } from '../lambdas/step-up/core/verdict';
import { POLICY } from '../test/step-up/world';
import { Tables } from '../test/step-up/tables';
import { median, quantile, type Row } from './row';

const ROUNDS = 9;
const CALLS = 300;
const GOAL = 1.2;
const SESSION = 'bench-session-000000';

export async function stepUpRows(): Promise<Row[]> {
  const tables = new Tables();
  const endpoint = await tables.listen();
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  writeFileSync(join(folder, 'step-up.json'), JSON.stringify(POLICY));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
  });
  const now = Math.floor(Date.now() / 1000);
  tables.put('sessions', SESSION, {
    sessionId: { S: SESSION },
    subject: { S: 'ada' },
    client: { S: 'web' },
    stepUpStatus: { S: 'STEP_UP_COMPLETED' },
    factor: { S: 'SOFTWARE_TOKEN' },
    acr: { S: 'loa:3' },
    auth_time: { N: String(now) },
    opens: { S: '*' },
    ttl: { N: String(now + 900) },
  });
  const environment = { STEP_UP_SETTING_TABLE_NAME: 'settings', STEP_UP_SESSION_TABLE_NAME: 'sessions' };
  const ports = openCheck(folder, environment, Date.now);
  const client = new DynamoDBClient({});
  const contestants = {
    bare: () =>
      client.send(
        new GetItemCommand({
          TableName: 'sessions',
          Key: { sessionId: { S: SESSION } },
          ConsistentRead: true,
        }),
      ),
    demanded: () => ask('GET /statements'),
    undemanded: () => ask('GET /info'),
  };
  const ask = async (operation: string): Promise<void> => {
    const [method = '', path = ''] = operation.split(' ');
    const session = { id: SESSION, endsAt: now + 3600, authTime: now };
    const caller = { subject: 'ada', clientId: 'web' };
    const verdict = await stepUpVerdict({ operation, method, path, headers: {}, caller, session }, ports);
    if (!verdict.ok) throw new Error(`bench: ${verdict.reason}`);
  };
  const times = new Map<string, { p50: number[]; p95: number[] }>();
  for (let round = -1; round < ROUNDS; round += 1) {
    const entries = Object.entries(contestants);
    // the order turns round by round; round -1 warms up
    for (const [name, call] of round % 2 === 0 ? entries : entries.toReversed()) {
      const taken = await timesOf(call);
      if (round < 0) continue;
      const known = times.get(name) ?? { p50: [], p95: [] };
      known.p50.push(quantile(taken, 0.5));
      known.p95.push(quantile(taken, 0.95));
      times.set(name, known);
    }
  }
  client.destroy();
  await tables.close();
  rmSync(folder, { recursive: true });
  const of = (name: string, share: 'p50' | 'p95'): number => median(times.get(name)?.[share] ?? []);
  const ratio = of('demanded', 'p50') / of('bare', 'p50');
  return [
    {
      ...line('step-up added to a request that has one, p50', of('demanded', 'p50'), of('bare', 'p50')),
      goal: `≤ ${GOAL} ×`,
      met: ratio <= GOAL,
    },
    line('the same, p95', of('demanded', 'p95'), of('bare', 'p95')),
    line('step-up added where nothing is demanded, p50', of('undemanded', 'p50'), of('bare', 'p50')),
  ];
}

async function timesOf(call: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < CALLS; index += 1) {
    const start = process.hrtime.bigint();
    await call();
    times.push(Number(process.hrtime.bigint() - start) / 1_000);
  }
  return times;
}

function line(what: string, ours: number, peer: number): Row {
  return {
    what,
    ours: `${ours.toFixed(1)} µs`,
    peer: `one consistent GetItem ${peer.toFixed(1)} µs`,
    ratio: ours / peer,
  };
}
