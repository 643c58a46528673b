/** A request's whole verdict, warm, against the one thing it cannot do without: verifying the signature. */
import { verify } from 'node:crypto';

import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';

import { cognitoTokens } from '../lambdas/front-door/adapters/cognito-tokens';
import { operationKey, type Policy } from '../lambdas/front-door/contract';
import { answer } from '../lambdas/front-door/core/answer';
import { bearerCheck } from '../lambdas/front-door/core/bearer';
import { authorizerEvent } from '../test/front-door/events';
import { accessToken, CLIENT, POOL, signingKey } from '../test/front-door/tokens';
import { median, quantile, type Row } from './row';

const ROUNDS = 9;
const CALLS = 2_000;
const GOAL = 2;

type Contestant = () => unknown;

export async function verdictRows(): Promise<Row[]> {
  const key = signingKey();
  const token = accessToken(key);
  const set = Buffer.from(JSON.stringify({ keys: [key.jwk] }));
  const fetcher = {
    fetch: () => Promise.resolve(set.buffer.slice(set.byteOffset, set.byteOffset + set.byteLength)),
  };
  const checks = {
    cognito: bearerCheck(
      'cognito',
      cognitoTokens({ userPoolId: POOL, clientIds: [CLIENT], fetcher, clock: Date.now }),
    ),
  };
  const door = (operations: number): Contestant => {
    const policy = policyOf(operations);
    // the last of the policy, so that a search through it would show
    const event = authorizerEvent({ resource: `/collection${operations - 1}`, token });
    return () => answer(event, policy, checks);
  };
  const library = CognitoJwtVerifier.create(
    { userPoolId: POOL, tokenUse: 'access', clientId: CLIENT },
    { jwksCache: new SimpleJwksCache({ fetcher }) },
  );
  const dot = token.lastIndexOf('.');
  const input = Buffer.from(token.slice(0, dot));
  const signature = Buffer.from(token.slice(dot + 1), 'base64url');
  const contestants = {
    bare: () => verify('sha256', input, key.publicKey, signature),
    library: () => library.verify(token),
    door10: door(10),
    door1000: door(1_000),
  };
  const times = await interleaved(contestants);
  const { bare, library: alone, door10, door1000 } = times;
  const ratio = door10.p50 / bare.p50;
  const growth = door1000.p50 / door10.p50;
  return [
    row(
      'verdict of a bearer request, p50',
      door10.p50,
      bare.p50,
      'RSA-2048 verify',
      `≤ ${GOAL} ×`,
      ratio <= GOAL,
    ),
    row('the same, p95', door10.p95, bare.p95, 'RSA-2048 verify'),
    row('the same, p50', door10.p50, alone.p50, 'aws-jwt-verify alone'),
    row(
      'the same with 1,000 operations, p50',
      door1000.p50,
      door10.p50,
      '10 operations',
      '≤ 1.1 ×',
      growth <= 1.1,
    ),
  ];
}

function policyOf(operations: number): Policy {
  const keys = Array.from({ length: operations }, (_, index) => operationKey('GET', `/collection${index}`));
  return {
    api: 'rest',
    schemes: { cognito: 'cognito-access-token' },
    operations: Object.fromEntries(
      keys.map((name) => [name, [[{ scheme: 'cognito', scopes: ['widgets/read'] }]]]),
    ),
  };
}

/** Microseconds per call: median over rounds of each round's p50 and p95. */
async function interleaved<Name extends string>(
  contestants: Readonly<Record<Name, Contestant>>,
): Promise<Record<Name, { p50: number; p95: number }>> {
  const entries = Object.entries<Contestant>(contestants);
  const rounds = new Map<string, { p50: number[]; p95: number[] }>(
    entries.map(([name]) => [name, { p50: [], p95: [] }]),
  );
  for (let round = -1; round < ROUNDS; round += 1) {
    // the order turns round by round; round -1 warms up
    for (const [name, call] of round % 2 === 0 ? entries : entries.toReversed()) {
      const times = await timesOf(call);
      if (round < 0) continue;
      rounds.get(name)?.p50.push(quantile(times, 0.5));
      rounds.get(name)?.p95.push(quantile(times, 0.95));
    }
  }
  return Object.fromEntries(
    [...rounds].map(([name, { p50, p95 }]) => [name, { p50: median(p50), p95: median(p95) }]),
  ) as Record<Name, { p50: number; p95: number }>;
}

async function timesOf(call: Contestant): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < CALLS; index += 1) {
    const start = process.hrtime.bigint();
    await call();
    times.push(Number(process.hrtime.bigint() - start) / 1_000);
  }
  return times;
}

function row(what: string, ours: number, peer: number, name: string, goal?: string, met?: boolean): Row {
  return {
    what,
    ours: `${ours.toFixed(1)} µs`,
    peer: `${name} ${peer.toFixed(1)} µs`,
    ratio: ours / peer,
    ...(goal === undefined ? {} : { goal }),
    ...(met === undefined ? {} : { met }),
  };
}
