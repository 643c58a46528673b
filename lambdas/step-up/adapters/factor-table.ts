/** Factors of people in DynamoDB: one row each; secrets stand in it sealed. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';

import { KEYS, OWN_FACTORS, type OwnFactor } from '../contract';
import { type FactorTable, LOCK_SECONDS, MOST_FAILURES, MOST_SENT, SENT_SECONDS } from '../core/challenge';
import { type Passkey, TRANSPORTS } from '../core/passkey';
import { dynamoDb, type Item, number, numberOf, text, textOf, wasMet } from './dynamodb';

type Change = Pick<
  UpdateItemCommandInput,
  'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

export function factorTable(TableName: string, client: DynamoDBClient = dynamoDb()): FactorTable {
  const rowOf = (subject: string): { TableName: string; Key: Item } => ({
    TableName,
    Key: { [KEYS.factor]: text(subject) },
  });
  const read = async (subject: string): Promise<Item> => {
    const { Item = {} } = await client.send(new GetItemCommand({ ...rowOf(subject), ConsistentRead: true }));
    return Item;
  };
  /** @returns the row after the change, `undefined` when its condition did not hold */
  const change = async (subject: string, how: Change): Promise<Item | undefined> => {
    try {
      const { Attributes = {} } = await client.send(
        new UpdateItemCommand({ ...rowOf(subject), ...how, ReturnValues: 'ALL_NEW' }),
      );
      return Attributes;
    } catch (cause) {
      if (cause instanceof ConditionalCheckFailedException) return undefined;
      throw cause;
    }
  };
  return {
    read: async (subject) => {
      const item = await read(subject);
      const [secret, usableAfter] = [textOf(item, 'secret'), numberOf(item, 'usableAfter')];
      const passkeys = Object.entries(item['passkeys']?.M ?? {}).map(([id, { M = {} }]) => passkeyOf(id, M));
      const preferred = OWN_FACTORS.find((factor) => factor === textOf(item, 'preferred'));
      return {
        ...(secret === undefined ? {} : { secret }),
        ...(usableAfter === undefined ? {} : { usableAfter }),
        passkeys,
        ...(preferred === undefined ? {} : { preferred }),
      };
    },
    attempt: async (subject, now) => {
      const values = { ':one': number(1), ':now': number(now) };
      const counted = await change(subject, {
        UpdateExpression: 'SET failures = if_not_exists(failures, :zero) + :one, attemptAt = :now',
        ConditionExpression: 'attribute_not_exists(failures) OR failures < :most',
        ExpressionAttributeValues: { ...values, ':zero': number(0), ':most': number(MOST_FAILURES) },
      });
      if (counted !== undefined)
        return { ok: true, failures: numberOf(counted, 'failures') ?? MOST_FAILURES };
      const unlocked = await change(subject, {
        UpdateExpression: 'SET failures = :one, attemptAt = :now',
        ConditionExpression: 'failures >= :most AND attemptAt <= :before',
        ExpressionAttributeValues: {
          ...values,
          ':most': number(MOST_FAILURES),
          ':before': number(now - LOCK_SECONDS),
        },
      });
      return unlocked === undefined ? { ok: false, retryAfter: LOCK_SECONDS } : { ok: true, failures: 1 };
    },
    succeeded: async (subject) => {
      await change(subject, {
        UpdateExpression: 'SET failures = :zero',
        ExpressionAttributeValues: { ':zero': number(0) },
      });
    },
    sending: async (subject, now) => {
      const first = await change(subject, {
        UpdateExpression: 'SET sentSince = :now, sentCount = :one',
        ConditionExpression: 'attribute_not_exists(sentSince) OR sentSince <= :before',
        ExpressionAttributeValues: {
          ':now': number(now),
          ':one': number(1),
          ':before': number(now - SENT_SECONDS),
        },
      });
      if (first !== undefined) return true;
      const counted = await change(subject, {
        UpdateExpression: 'SET sentCount = sentCount + :one',
        ConditionExpression: 'sentCount < :most',
        ExpressionAttributeValues: { ':one': number(1), ':most': number(MOST_SENT) },
      });
      return counted !== undefined;
    },
    take: async (subject, secret, step) =>
      wasMet(() =>
        client.send(
          new UpdateItemCommand({
            ...rowOf(subject),
            UpdateExpression: 'SET lastStep = :step',
            ConditionExpression: 'secret = :secret AND (attribute_not_exists(lastStep) OR lastStep < :step)',
            ExpressionAttributeValues: { ':secret': text(secret), ':step': number(step) },
          }),
        ),
      ),
    begin: async (subject, { secret, sessionId, until, usableNow }) => {
      await change(subject, {
        UpdateExpression:
          'SET pendingSecret = :secret, pendingSession = :session, pendingUntil = :until, pendingUsableNow = :usableNow',
        ExpressionAttributeValues: {
          ':secret': text(secret),
          ':session': text(sessionId),
          ':until': number(until),
          ':usableNow': { BOOL: usableNow },
        },
      });
    },
    pending: async (subject) => {
      const item = await read(subject);
      const [secret, sessionId] = [textOf(item, 'pendingSecret'), textOf(item, 'pendingSession')];
      const until = numberOf(item, 'pendingUntil');
      if (secret === undefined || sessionId === undefined || until === undefined) return undefined;
      return { secret, sessionId, until, usableNow: item['pendingUsableNow']?.BOOL === true };
    },
    confirm: async (subject, { secret, step, usableAfter }) => {
      const confirmed = await change(subject, {
        UpdateExpression:
          'SET secret = :secret, lastStep = :step, usableAfter = :after REMOVE pendingSecret, pendingSession, pendingUntil, pendingUsableNow',
        ConditionExpression: 'pendingSecret = :secret',
        ExpressionAttributeValues: {
          ':secret': text(secret),
          ':step': number(step),
          ':after': number(usableAfter),
        },
      });
      return confirmed !== undefined;
    },
    prefer: async (subject, factor) => {
      await change(subject, {
        UpdateExpression: 'SET preferred = :factor',
        ExpressionAttributeValues: { ':factor': text(factor) },
      });
    },
    removeApp: async (subject, secret) => {
      const removed = await change(subject, {
        UpdateExpression:
          'REMOVE secret, usableAfter, lastStep, pendingSecret, pendingSession, pendingUntil, pendingUsableNow',
        ConditionExpression: 'secret = :secret',
        ExpressionAttributeValues: { ':secret': text(secret) },
      });
      if (removed === undefined) return false;
      const app: OwnFactor = 'SOFTWARE_TOKEN';
      await change(subject, {
        UpdateExpression: 'REMOVE preferred',
        ConditionExpression: 'preferred = :app',
        ExpressionAttributeValues: { ':app': text(app) },
      });
      return true;
    },
    takeCount: async (subject, { id, publicKey }, count) => {
      const counted = await change(subject, {
        UpdateExpression: 'SET passkeys.#id.#count = :count',
        // one that does not count says 0 for ever, one that does never goes back to it
        ConditionExpression: `passkeys.#id.publicKey = :key AND passkeys.#id.#count ${count === 0 ? '=' : '<'} :count`,
        ExpressionAttributeNames: { '#id': id, '#count': 'count' },
        ExpressionAttributeValues: { ':key': text(publicKey), ':count': number(count) },
      });
      return counted !== undefined;
    },
    beginPasskey: async (subject, { nonce, sessionId, until, usableNow }) => {
      await change(subject, {
        UpdateExpression:
          'SET pendingPasskey = :pending, pendingNonce = :nonce, passkeys = if_not_exists(passkeys, :none)',
        ExpressionAttributeValues: {
          ':nonce': text(nonce),
          ':pending': {
            M: { sessionId: text(sessionId), until: number(until), usableNow: { BOOL: usableNow } },
          },
          ':none': { M: {} },
        },
      });
    },
    pendingPasskey: async (subject) => {
      const item = await read(subject);
      const pending = item['pendingPasskey']?.M ?? {};
      const [nonce, sessionId] = [textOf(item, 'pendingNonce'), textOf(pending, 'sessionId')];
      const until = numberOf(pending, 'until');
      if (nonce === undefined || sessionId === undefined || until === undefined) return undefined;
      return { nonce, sessionId, until, usableNow: pending['usableNow']?.BOOL === true };
    },
    confirmPasskey: async (subject, nonce, passkey) => {
      const confirmed = await change(subject, {
        UpdateExpression: 'SET passkeys.#id = :passkey REMOVE pendingPasskey, pendingNonce',
        ConditionExpression: 'pendingNonce = :nonce AND attribute_not_exists(passkeys.#id)',
        ExpressionAttributeNames: { '#id': passkey.id },
        ExpressionAttributeValues: { ':nonce': text(nonce), ':passkey': { M: itemOf(passkey) } },
      });
      return confirmed !== undefined;
    },
    removePasskey: async (subject, id) => {
      await change(subject, {
        UpdateExpression: 'REMOVE passkeys.#id',
        ConditionExpression: 'attribute_exists(passkeys)',
        ExpressionAttributeNames: { '#id': id },
      });
    },
  };
}

function itemOf({ publicKey, count, transports, usableAfter, createdAt }: Passkey): Item {
  return {
    publicKey: text(publicKey),
    count: number(count),
    transports: { L: transports.map(text) },
    usableAfter: number(usableAfter),
    createdAt: number(createdAt),
  };
}

/** @throws TypeError for one that makes no sense: who seems to have fewer factors may change them with less */
function passkeyOf(id: string, item: Item): Passkey {
  const publicKey = textOf(item, 'publicKey');
  const [count, usableAfter, createdAt] = [
    numberOf(item, 'count'),
    numberOf(item, 'usableAfter'),
    numberOf(item, 'createdAt'),
  ];
  if (publicKey === undefined || count === undefined || usableAfter === undefined || createdAt === undefined)
    throw new TypeError('factor table: a passkey is none');
  const hints = (item['transports']?.L ?? []).map(({ S }) => S);
  const transports = TRANSPORTS.filter((transport) => hints.includes(transport));
  return { id, publicKey, count, transports, usableAfter, createdAt };
}
