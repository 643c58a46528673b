/**
 * The verdict of a request by cookie, warm: against a bare signature check, its read of the table apart, and with that
 * read against the same read alone.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';

import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

import { sessionTable } from '../lambdas/cookie-auth/adapters/session-table';
import { sessionCheck } from '../lambdas/cookie-auth/check';
import { parseKeyRing } from '../lambdas/cookie-auth/core/seal';
import type { SessionStore } from '../lambdas/cookie-auth/core/session';
import { Sessions } from '../lambdas/cookie-auth/core/sessions';
import { operationKey, type Policy } from '../lambdas/front-door/contract';
import { answer } from '../lambdas/front-door/core/answer';
import { ADA, MemoryStore } from '../test/cookie-auth/sample';
import { authorizerEvent } from '../test/front-door/events';
import { interleaved, timeRow, type Contestant } from './rounds';
import type { Row } from './row';

const CALLS = 2_000;
/** Of those that go over loopback. */
const READS = 300;
const GOAL = 2;
const SITE = 'https://site.test';
const TABLE = 'sessions';
const HOUR_MS = 3_600_000;
const POLICY: Policy = {
  api: 'rest',
  schemes: { session: 'cookie-session' },
  operations: { [operationKey('GET', '/widgets')]: [[{ scheme: 'session', scopes: ['widgets/read'] }]] },
};

export async function cookieRows(): Promise<Row[]> {
  const memory = new MemoryStore();
  const { cookie } = await sessionsIn(memory).start({
    identity: ADA,
    accessExpiresAt: Date.now() + HOUR_MS,
    refreshToken: randomBytes(700).toString('base64url'),
  });
  const door = (store: SessionStore): Contestant => {
    const sessions = sessionsIn(store);
    const check = sessionCheck('session', {
      siteUrl: () => SITE,
      resolve: async (value) => sessions.resolve(value),
    });
    const event = authorizerEvent({ headers: { Cookie: [`__Host-session=${cookie}`] } });
    return async () => {
      const { decision } = await answer(event, POLICY, { session: check });
      if (decision.verdict !== 'allow') throw new Error(`the door said ${decision.reason}`);
    };
  };
  const apart = await interleaved({ bare: bareVerify(), door: door(memory) }, CALLS);
  const [row] = [...memory.rows.values()];
  if (row === undefined) throw new Error('the session has no row');
  const item = {
    id: { S: row.id },
    sealed: { S: row.sealed },
    version: { N: String(row.version) },
    expiresAt: { N: String(row.expiresAt) },
  };
  const { server, client } = await tableWith(item);
  const Key = { id: item.id };
  const read = await interleaved(
    {
      alone: async () => client.send(new GetItemCommand({ TableName: TABLE, Key, ConsistentRead: true })),
      door: door(sessionTable(TABLE, client)),
    },
    READS,
  );
  client.destroy();
  server.kill();
  const ratio = apart.door.p50 / apart.bare.p50;
  const what = 'verdict of a cookie request, its table in memory';
  return [
    timeRow(`${what}, p50`, apart.door.p50, apart.bare.p50, 'RSA-2048 verify', `≤ ${GOAL} ×`, ratio <= GOAL),
    timeRow('the same, p95', apart.door.p95, apart.bare.p95, 'RSA-2048 verify'),
    timeRow(
      'verdict of a cookie request, GetItem over loopback HTTP, p50',
      read.door.p50,
      read.alone.p50,
      'the same GetItem alone',
    ),
    timeRow('the same, p95', read.door.p95, read.alone.p95, 'the same GetItem alone'),
  ];
}

function sessionsIn(store: SessionStore): Sessions {
  const ring = parseKeyRing(JSON.stringify({ current: 'k1', k1: 'k'.repeat(64) }));
  if (ring === undefined) throw new Error('not a key ring');
  const refuse = async (): Promise<never> => Promise.reject(new Error('nothing is to be refreshed here'));
  return new Sessions(
    {
      store,
      ring: async () => ring,
      refresh: refuse,
      revoke: refuse,
      pause: refuse,
      clock: Date.now,
      random: (bytes) => randomBytes(bytes),
    },
    `${SITE} client-1`,
    { sessionSeconds: 43_200, idleSeconds: 3_600, marked: false },
  );
}

function bareVerify(): Contestant {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const input = randomBytes(700);
  const signature = sign('sha256', input, privateKey);
  return () => verify('sha256', input, publicKey, signature);
}

/** DynamoDB as far as one GetItem goes, in a process of its own, so that its work is not ours. */
async function tableWith(item: object): Promise<{ server: ChildProcess; client: DynamoDBClient }> {
  const server = fork(join(__dirname, 'get-item-server.mjs'), [JSON.stringify({ Item: item })]);
  const [port] = (await once(server, 'message')) as [number];
  const client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  return { server, client };
}
