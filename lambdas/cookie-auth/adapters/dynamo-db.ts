/** What both views of the session table share. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

/** A client bounded in time. */
export function dynamoDb(): DynamoDBClient {
  return new DynamoDBClient({
    maxAttempts: 3,
    // without throwOnRequestTimeout the SDK only writes a warning when the time is over
    requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
  });
}

/** Whether a write's condition was met. */
export async function wasMet(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) return false;
    throw cause;
  }
}

export function number(value: number): AttributeValue {
  return { N: String(Math.floor(value)) };
}
