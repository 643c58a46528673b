/** The session table as back-channel logout sees it: two indexes of marks, and rows for tokens that have been used. */
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';

import { EXPIRY_ATTRIBUTE, PROVIDER_SESSION_INDEX, SUBJECT_INDEX } from '../contract';
import type { LogoutStore } from '../core/back-channel-logout';
import { dynamoDb, number, wasMet } from './dynamo-db';

const INDEXES = { subject: SUBJECT_INDEX, providerSession: PROVIDER_SESSION_INDEX } as const;

/** @param TableName the session table; rows of tokens have ids that no session has */
export function logoutTable(TableName: string, client: DynamoDBClient = dynamoDb()): LogoutStore {
  const rowOf = (token: string, expiresAt: number): Record<string, AttributeValue> => ({
    id: { S: `logout ${token}` },
    [EXPIRY_ATTRIBUTE]: number(expiresAt),
  });
  return {
    take: async (token, { now, until }) =>
      wasMet(() =>
        client.send(
          new PutItemCommand({
            TableName,
            Item: rowOf(token, until),
            // rows past their expiry are removed when DynamoDB gets to it
            ConditionExpression: `attribute_not_exists(id) OR ${EXPIRY_ATTRIBUTE} <= :now`,
            ExpressionAttributeValues: { ':now': number(now) },
          }),
        ),
      ),
    keep: async (token, until) => {
      await client.send(new PutItemCommand({ TableName, Item: rowOf(token, until) }));
    },
    find: async ({ by, mark }) => {
      const { name, key } = INDEXES[by];
      const ids: string[] = [];
      let from: Record<string, AttributeValue> | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName,
            IndexName: name,
            KeyConditionExpression: `${key} = :mark`,
            ExpressionAttributeValues: { ':mark': { S: mark } },
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        );
        ids.push(...(page.Items ?? []).flatMap(({ id }) => id?.S ?? []));
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return ids;
    },
    remove: async (id) => {
      await client.send(new DeleteItemCommand({ TableName, Key: { id: { S: id } } }));
    },
  };
}
