/** Keeps orders in a DynamoDB table, those of one partner together. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';

import type { PartnerOrder } from '../core/order';

interface OrderTable {
  add(partner: string, order: PartnerOrder): Promise<void>;
  /** Newest first, at most 50. */
  latest(partner: string): Promise<PartnerOrder[]>;
}

const LIMIT = 50;

/**
 * @param TableName table with the partition key `partner` and the sort key `position`
 * @param client default a client of the function's Region: 2 attempts of at most 2 s each
 */
export function orderTable(TableName: string, client = documentClient()): OrderTable {
  return {
    add: async (partner, order) => {
      // times of RFC 3339 sort as they follow each other; the id keeps two of one instant apart
      const Item = { ...order, partner, position: `${order.placedAt} ${order.id}` };
      await client.send(new PutCommand({ TableName, Item }));
    },
    latest: async (partner) => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'partner = :partner',
          ExpressionAttributeValues: { ':partner': partner },
          ScanIndexForward: false,
          Limit: LIMIT,
        }),
      );
      return Items.map(orderOf);
    },
  };
}

/** The handler wrapper checks every answer against the document, so a spoilt item never leaves as an order. */
function orderOf({ id, article, quantity, placedAt, certificate }: Record<string, unknown>): PartnerOrder {
  return { id, article, quantity, placedAt, certificate } as PartnerOrder;
}

function documentClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: 2,
    // without throwOnRequestTimeout the SDK only writes a warning when the time is over
    requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
  });
  return DynamoDBDocumentClient.from(client);
}
