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
import { interleaved, timeRow, type Contestant } from './rounds';
import type { Row } from './row';

const CALLS = 2_000;
const GOAL = 2;

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
  const times = await interleaved(contestants, CALLS);
  const { bare, library: alone, door10, door1000 } = times;
  const ratio = door10.p50 / bare.p50;
  const growth = door1000.p50 / door10.p50;
  return [
    timeRow(
      'verdict of a bearer request, p50',
      door10.p50,
      bare.p50,
      'RSA-2048 verify',
      `≤ ${GOAL} ×`,
      ratio <= GOAL,
    ),
    timeRow('the same, p95', door10.p95, bare.p95, 'RSA-2048 verify'),
    timeRow('the same, p50', door10.p50, alone.p50, 'aws-jwt-verify alone'),
    timeRow(
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
