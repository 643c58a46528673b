/** Challenges and step-ups in DynamoDB: a row each, every write conditional on what it must not undo. */
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';

import { KEYS, OWN_FACTORS, TTL_ATTRIBUTE } from '../contract';
import { type Challenge, MOST_ATTEMPTS, type SessionTable } from '../core/challenge';
import type { Elevation } from '../core/elevation';
import { dynamoDb, type Item, number, numberOf, stamps, text, textOf, wasMet } from './dynamodb';

/** Names that are words of expressions (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html). */
const TTL_NAME = { '#ttl': TTL_ATTRIBUTE };

/** What the front door does with step-ups. */
interface Elevations {
  /** A consistent read. @returns `undefined` for a row that is none, or not one of a step-up */
  read(key: string): Promise<Elevation | undefined>;
  /** Uses a single use up. @returns whether this call was the one */
  consume(elevation: Elevation, now: number): Promise<boolean>;
}

export function elevations(TableName: string, client: DynamoDBClient = dynamoDb()): Elevations {
  return {
    read: async (key) => {
      const item = await read(client, TableName, key);
      return item === undefined ? undefined : elevationOf(item);
    },
    consume: async ({ key, authTime }, now) => {
      let status: string | undefined;
      await wasMet(async () => {
        const { Attributes = {} } = await client.send(
          new UpdateItemCommand({
            ...rowOf(TableName, key),
            UpdateExpression: 'SET stepUpStatus = :consumed, lastUpdateTimestamp = :at',
            ConditionExpression: 'stepUpStatus = :completed AND auth_time = :time AND #ttl > :now',
            ExpressionAttributeNames: TTL_NAME,
            ExpressionAttributeValues: {
              ':consumed': text('STEP_UP_CONSUMED'),
              ':completed': text('STEP_UP_COMPLETED'),
              ':time': number(authTime),
              ':now': number(now),
              ':at': stamps(now).lastUpdateTimestamp,
            },
            ReturnValues: 'UPDATED_NEW',
          }),
        );
        status = textOf(Attributes, 'stepUpStatus');
      });
      // believed only where the answer says what was written
      return status === 'STEP_UP_CONSUMED';
    },
  };
}

export function sessionTable(TableName: string, client: DynamoDBClient = dynamoDb()): SessionTable {
  const update = async (
    key: string,
    now: number,
    more: Pick<
      UpdateItemCommandInput,
      'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'
    >,
  ): Promise<boolean> =>
    wasMet(() =>
      client.send(
        new UpdateItemCommand({
          ...rowOf(TableName, key),
          ...more,
          ExpressionAttributeNames: TTL_NAME,
          ExpressionAttributeValues: {
            ':required': text('STEP_UP_REQUIRED'),
            ':now': number(now),
            ':at': stamps(now).lastUpdateTimestamp,
            ...more.ExpressionAttributeValues,
          },
        }),
      ),
    );
  return {
    open: async (challenge, now) => {
      await client.send(
        new PutItemCommand({
          TableName,
          Item: itemOfChallenge(challenge, now),
          ConditionExpression: `attribute_not_exists(${KEYS.session})`,
        }),
      );
    },
    challenge: async (key) => {
      const item = await read(client, TableName, key);
      return item === undefined ? undefined : challengeOf(item);
    },
    attempt: async (key, now) =>
      update(key, now, {
        UpdateExpression: 'SET attempts = attempts + :one, lastUpdateTimestamp = :at',
        ConditionExpression: 'stepUpStatus = :required AND attempts < :most AND #ttl > :now',
        ExpressionAttributeValues: { ':one': number(1), ':most': number(MOST_ATTEMPTS) },
      }),
    close: async (key, status, now) =>
      update(key, now, {
        UpdateExpression: 'SET stepUpStatus = :status, lastUpdateTimestamp = :at REMOVE codeHash, nonce',
        ConditionExpression: 'stepUpStatus = :required AND #ttl > :now',
        ExpressionAttributeValues: { ':status': text(status) },
      }),
    complete: async (elevation, now) => {
      // of two that end at once the later proof stays, and none undoes a newer one
      await wasMet(() =>
        client.send(
          new PutItemCommand({
            TableName,
            Item: itemOfElevation(elevation, now),
            ConditionExpression: `attribute_not_exists(${KEYS.session}) OR auth_time <= :time`,
            ExpressionAttributeValues: { ':time': number(elevation.authTime) },
          }),
        ),
      );
    },
  };
}

function rowOf(TableName: string, key: string): { TableName: string; Key: Item } {
  return { TableName, Key: { [KEYS.session]: text(key) } };
}

/** Consistent, so that what one function has written is seen by every other. */
async function read(client: DynamoDBClient, TableName: string, key: string): Promise<Item | undefined> {
  const { Item } = await client.send(new GetItemCommand({ ...rowOf(TableName, key), ConsistentRead: true }));
  return Item;
}

function itemOfChallenge(challenge: Challenge, now: number): Item {
  const { key, subject, client, factor, opens, digest, binding, codeHash, nonce, ttl } = challenge;
  return {
    [KEYS.session]: text(key),
    subject: text(subject),
    client: text(client),
    stepUpStatus: text('STEP_UP_REQUIRED'),
    factor: text(factor),
    opens: text(opens),
    attempts: number(0),
    ...(digest === undefined ? {} : { digest: text(digest) }),
    ...(binding === undefined ? {} : { binding: text(binding) }),
    ...(codeHash === undefined ? {} : { codeHash: text(codeHash) }),
    ...(nonce === undefined ? {} : { nonce: text(nonce) }),
    [TTL_ATTRIBUTE]: number(ttl),
    ...stamps(now),
  };
}

function challengeOf(item: Item): Challenge | undefined {
  if (textOf(item, 'stepUpStatus') !== 'STEP_UP_REQUIRED') return undefined;
  const common = commonOf(item);
  if (common === undefined) return undefined;
  const [binding, codeHash, nonce] = ['binding', 'codeHash', 'nonce'].map((name) => textOf(item, name));
  return {
    ...common,
    ...(binding === undefined ? {} : { binding }),
    ...(codeHash === undefined ? {} : { codeHash }),
    ...(nonce === undefined ? {} : { nonce }),
  };
}

function itemOfElevation(elevation: Elevation, now: number): Item {
  const { key, subject, client, status, factor, acr, amr, authTime, opens, digest, ttl } = elevation;
  return {
    [KEYS.session]: text(key),
    subject: text(subject),
    client: text(client),
    stepUpStatus: text(status),
    factor: text(factor),
    acr: text(acr),
    amr: { L: amr.map(text) },
    auth_time: number(authTime),
    opens: text(opens),
    ...(digest === undefined ? {} : { digest: text(digest) }),
    [TTL_ATTRIBUTE]: number(ttl),
    ...stamps(now),
  };
}

function elevationOf(item: Item): Elevation | undefined {
  const common = commonOf(item);
  const status = (['STEP_UP_COMPLETED', 'STEP_UP_CONSUMED'] as const).find(
    (one) => one === textOf(item, 'stepUpStatus'),
  );
  const [acr, authTime] = [textOf(item, 'acr'), numberOf(item, 'auth_time')];
  if (common === undefined || status === undefined || acr === undefined || !isTime(authTime))
    return undefined;
  const amr = (item['amr']?.L ?? []).flatMap(({ S }) => (S === undefined ? [] : [S]));
  return { ...common, status, acr, amr, authTime };
}

type Common = Pick<Challenge, 'key' | 'subject' | 'client' | 'factor' | 'opens' | 'digest' | 'ttl'>;

function commonOf(item: Item): Common | undefined {
  const [key, subject, client] = [
    textOf(item, KEYS.session),
    textOf(item, 'subject'),
    textOf(item, 'client'),
  ];
  const [opens, ttl] = [textOf(item, 'opens'), numberOf(item, TTL_ATTRIBUTE)];
  const factor = OWN_FACTORS.find((one) => one === textOf(item, 'factor'));
  if (key === undefined || subject === undefined || client === undefined) return undefined;
  if (opens === undefined || factor === undefined || !isTime(ttl)) return undefined;
  const digest = textOf(item, 'digest');
  return { key, subject, client, factor, opens, ttl, ...(digest === undefined ? {} : { digest }) };
}

function isTime(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value > 0;
}
