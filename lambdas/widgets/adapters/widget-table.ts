/** Keeps widgets in a DynamoDB table. */
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';

import { type Replacement, type Widget, widgetOf } from '../core/widget';

interface WidgetTable {
  /** Reads one page; `last` is the id to read on after, absent at the end of the table. */
  page(limit: number, after?: string): Promise<{ items: Widget[]; last?: string }>;
  /** Stores a new widget; throws when the id is taken. */
  create(widget: Widget): Promise<void>;
  get(id: string): Promise<Widget | undefined>;
  /** Answers the stored widget, `undefined` when there was none to replace. */
  replace(id: string, replacement: Replacement): Promise<Widget | undefined>;
  /** Answers whether there was a widget to delete. */
  delete(id: string): Promise<boolean>;
}

/**
 * Opens the table.
 *
 * @param tableName table with the string partition key `id`
 * @param client default a client of the function's Region: 2 attempts of at most 2 s each
 */
export function widgetTable(tableName: string, client = documentClient()): WidgetTable {
  const TableName = tableName;
  return {
    page: async (limit, after) => {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new ScanCommand({
          TableName,
          Limit: limit,
          ...(after === undefined ? {} : { ExclusiveStartKey: { id: after } }),
        }),
      );
      const last: unknown = LastEvaluatedKey?.['id'];
      return { items: Items.map(widgetOf), ...(typeof last === 'string' ? { last } : {}) };
    },
    create: async (widget) => {
      await client.send(
        new PutCommand({ TableName, Item: widget, ConditionExpression: 'attribute_not_exists(id)' }),
      );
    },
    get: async (id) => {
      // consistent, so that a client can read what it has just written
      const { Item } = await client.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
      return Item === undefined ? undefined : widgetOf(Item);
    },
    replace: (id, { set, remove }) =>
      ifPresent(async () => {
        const names = Object.keys(set);
        const { Attributes = {} } = await client.send(
          new UpdateCommand({
            TableName,
            Key: { id },
            ConditionExpression: 'attribute_exists(id)',
            UpdateExpression:
              `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}` +
              (remove.length > 0 ? ` REMOVE ${remove.map((name) => `#${name}`).join(', ')}` : ''),
            ExpressionAttributeNames: Object.fromEntries(
              [...names, ...remove].map((name) => [`#${name}`, name]),
            ),
            ExpressionAttributeValues: Object.fromEntries(
              Object.entries(set).map(([name, value]) => [`:${name}`, value]),
            ),
            ReturnValues: 'ALL_NEW',
          }),
        );
        return widgetOf(Attributes);
      }),
    delete: async (id) => {
      const deleted = await ifPresent(async () => {
        await client.send(
          new DeleteCommand({ TableName, Key: { id }, ConditionExpression: 'attribute_exists(id)' }),
        );
        return true;
      });
      return deleted ?? false;
    },
  };
}

async function ifPresent<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write();
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) return undefined;
    throw cause;
  }
}

function documentClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: 2,
    // without throwOnRequestTimeout the SDK only writes a warning when the time is over
    requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
  });
  return DynamoDBDocumentClient.from(client);
}
