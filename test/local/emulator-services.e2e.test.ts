/** What the design relies on of the emulator's other services. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DeleteItemCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { clientSettings } from '../../local/aws';
import { lastDecisions } from '../../local/decisions';
import { startTestEmulator, stageUrl, type TestEmulator } from './instance';
import { probeTemplate } from './probe-api';

const TABLE = {
  Resources: {
    Table: {
      // what the CDK's TableV2 becomes
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: {
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        Replicas: [{ Region: 'us-east-1' }],
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      },
    },
  },
  Outputs: { Table: { Value: { Ref: 'Table' } } },
};

let emulator: TestEmulator;
let home: string;
let table: string;
let api: Record<string, string>;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sallyport-kept-'));
  emulator = await startTestEmulator({ home });
  table = (await emulator.deploy('table', TABLE))['Table'] ?? '';
  api = await emulator.deploy('probe', probeTemplate());
}, 120_000);

afterAll(async () => {
  await emulator.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

test('of twenty conditional writes of one key exactly one wins', async () => {
  const client = new DynamoDBClient(clientSettings(emulator.url));
  const put = async (by: number): Promise<string> =>
    client
      .send(
        new PutItemCommand({
          TableName: table,
          Item: { id: { S: 'one' }, by: { N: String(by) } },
          ConditionExpression: 'attribute_not_exists(id)',
        }),
      )
      .then(
        () => 'won',
        (error: unknown) => (error as Error).name,
      );
  const results = await Promise.all(Array.from({ length: 20 }, async (_, index) => put(index)));
  client.destroy();

  expect(results.sort()).toEqual([...Array<string>(19).fill('ConditionalCheckFailedException'), 'won']);
});

test('a condition guards a deletion', async () => {
  const client = new DynamoDBClient(clientSettings(emulator.url));
  const guarded = new DeleteItemCommand({
    TableName: table,
    Key: { id: { S: 'absent' } },
    ConditionExpression: 'attribute_exists(id)',
  });

  await expect(client.send(guarded)).rejects.toThrow('conditional request failed');
  client.destroy();
});

/** Nothing may lean on rows being gone: DynamoDB itself deletes them days late (STEP-02). */
test('falls short of DynamoDB: the expiry attribute of a template is dropped', async () => {
  const client = new DynamoDBClient(clientSettings(emulator.url));
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: table }));
  client.destroy();

  expect(TimeToLiveDescription?.TimeToLiveStatus).toBe('DISABLED');
});

test('what a function writes reaches its log group', async () => {
  const group = `/aws/lambda/${api['AuthorizerName'] ?? ''}`;
  const url = `${stageUrl(emulator.url, api['Imported'] ?? '', 'live')}/things/1`;
  const { status } = await fetch(url, { headers: { 'x-verdict': 'allow' } });
  const client = new CloudWatchLogsClient(clientSettings(emulator.url));
  const { events } = await client.send(new FilterLogEventsCommand({ logGroupName: group }));
  client.destroy();

  expect(status).toBe(200);
  expect((events ?? []).some(({ message }) => message?.includes('"decision"') === true)).toBe(true);
  expect(await lastDecisions(emulator.url, group)).toMatchObject([{ verdict: 'allow' }]);
});

test('an object that has not changed is answered by 304', async () => {
  const signed =
    'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x';
  const headers = { authorization: signed };
  await fetch(`${emulator.url}/bucket`, { method: 'PUT', headers });
  const put = await fetch(`${emulator.url}/bucket/key`, { method: 'PUT', headers, body: 'content' });
  const etag = put.headers.get('etag') ?? '';
  const same = await fetch(`${emulator.url}/bucket/key`, { headers: { ...headers, 'if-none-match': etag } });
  const other = await fetch(`${emulator.url}/bucket/key`, {
    headers: { ...headers, 'if-none-match': '"other"' },
  });

  expect([same.status, other.status, await other.text()]).toEqual([304, 200, 'content']);
});

test('what was deployed and written is there after a restart', async () => {
  const client = new DynamoDBClient(clientSettings(emulator.url));
  const Item = { id: { S: 'kept' } };
  await client.send(new PutItemCommand({ TableName: table, Item }));
  client.destroy();
  await emulator.stop();
  emulator = await startTestEmulator({ home });
  const again = new DynamoDBClient(clientSettings(emulator.url));
  const found = await again.send(new GetItemCommand({ TableName: table, Key: Item }));
  again.destroy();
  const url = stageUrl(emulator.url, api['Imported'] ?? '', 'live');
  const denied = await fetch(`${url}/things/1`, { headers: { 'x-verdict': 'deny' } });
  const invalid = await fetch(`${url}/widgets`, {
    method: 'POST',
    headers: { 'x-verdict': 'allow', 'content-type': 'application/json' },
    body: '{}',
  });

  expect(found.Item).toEqual(Item);
  expect([denied.status, denied.headers.get('x-fixed'), invalid.status]).toEqual([401, 'fixed', 400]);
}, 60_000);
