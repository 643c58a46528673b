/** What the tables share: one client, and conditional writes whose refusal is an answer. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

export type Item = Record<string, AttributeValue>;

/** A client that answers or fails well before the functions' own time is over: two attempts of a second each. */
export function dynamoDb(): DynamoDBClient {
  return new DynamoDBClient({
    maxAttempts: 2,
    // without throwOnRequestTimeout the SDK only writes a warning when the time is over
    requestHandler: { connectionTimeout: 500, requestTimeout: 1000, throwOnRequestTimeout: true },
  });
}

/** @returns false when the condition of a write did not hold */
export async function wasMet(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) return false;
    throw cause;
  }
}

export function text(value: string): AttributeValue {
  return { S: value };
}

export function number(value: number): AttributeValue {
  return { N: String(Math.floor(value)) };
}

/** A text of an item, or `undefined` where it has none. */
export function textOf(item: Item, name: string): string | undefined {
  return item[name]?.S;
}

/** A number of an item, or `undefined` where it has none. */
export function numberOf(item: Item, name: string): number | undefined {
  const value = item[name]?.N;
  return value === undefined ? undefined : Number(value);
}

/** Attributes of creation and change that every row has (RFC 3339, UTC). */
export function stamps(now: number): {
  createTimestamp: AttributeValue;
  lastUpdateTimestamp: AttributeValue;
} {
  const at = text(new Date(now * 1000).toISOString());
  return { createTimestamp: at, lastUpdateTimestamp: at };
}
