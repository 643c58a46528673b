/** Sessions in DynamoDB: one row each, every change conditional on what was read. */
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

import { EXPIRY_ATTRIBUTE, PROVIDER_SESSION_INDEX, SUBJECT_INDEX } from '../contract';
import type { SessionRow, SessionStore } from '../core/session';
import { dynamoDb, number, wasMet } from './dynamo-db';

type Values = Record<string, AttributeValue>;

/** `version` and `id` are no reserved words of DynamoDB; the expiry's name is ours. */
const THIS_VERSION = 'version = :version';

/** @param TableName table with the string partition key `id` */
export function sessionTable(TableName: string, client: DynamoDBClient = dynamoDb()): SessionStore {
  const keyOf = (id: string): { TableName: string; Key: Values } => ({ TableName, Key: { id: { S: id } } });
  const update = async (
    id: string,
    UpdateExpression: string,
    ConditionExpression: string,
    ExpressionAttributeValues: Values,
  ): Promise<boolean> =>
    wasMet(() =>
      client.send(
        new UpdateItemCommand({
          ...keyOf(id),
          UpdateExpression,
          ConditionExpression,
          ExpressionAttributeValues,
        }),
      ),
    );
  return {
    create: async ({ id, sealed, version, expiresAt }, marks) => {
      const Item = {
        id: { S: id },
        sealed: { S: sealed },
        version: number(version),
        [EXPIRY_ATTRIBUTE]: number(expiresAt),
        ...(marks === undefined
          ? {}
          : {
              [SUBJECT_INDEX.key]: { S: marks.subject },
              [PROVIDER_SESSION_INDEX.key]: { S: marks.providerSession },
            }),
      };
      // an id of 128 random bits does not come twice; if it did, nobody's session must be replaced
      await client.send(
        new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(id)' }),
      );
    },
    read: async (id) => {
      // consistent, so that a session ended by one function is over for all
      const { Item } = await client.send(new GetItemCommand({ ...keyOf(id), ConsistentRead: true }));
      return Item === undefined ? undefined : rowOf(id, Item);
    },
    touch: async (id, expiresAt) => {
      await update(id, `SET ${EXPIRY_ATTRIBUTE} = :expiry`, 'attribute_exists(id)', {
        ':expiry': number(expiresAt),
      });
    },
    lease: async (id, version, { now, until }) =>
      update(
        id,
        'SET leaseUntil = :until',
        `${THIS_VERSION} AND (attribute_not_exists(leaseUntil) OR leaseUntil < :now)`,
        { ':version': number(version), ':now': number(now), ':until': number(until) },
      ),
    release: async (id, version) => {
      await update(id, 'REMOVE leaseUntil', THIS_VERSION, { ':version': number(version) });
    },
    replace: async ({ id, sealed, version, expiresAt }) =>
      update(
        id,
        `SET sealed = :sealed, version = :next, ${EXPIRY_ATTRIBUTE} = :expiry REMOVE leaseUntil`,
        THIS_VERSION,
        {
          ':sealed': { S: sealed },
          ':next': number(version),
          ':expiry': number(expiresAt),
          ':version': number(version - 1),
        },
      ),
    remove: async (id, version) => {
      const condition =
        version === undefined
          ? {}
          : {
              ConditionExpression: THIS_VERSION,
              ExpressionAttributeValues: { ':version': number(version) },
            };
      await wasMet(() => client.send(new DeleteItemCommand({ ...keyOf(id), ...condition })));
    },
  };
}

function rowOf(id: string, { sealed, version, [EXPIRY_ATTRIBUTE]: expiry }: Values): SessionRow | undefined {
  if (sealed?.S === undefined || version?.N === undefined || expiry?.N === undefined) return undefined;
  return { id, sealed: sealed.S, version: Number(version.N), expiresAt: Number(expiry.N) };
}
