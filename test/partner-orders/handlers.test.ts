/** The functions behind the partner API, with a DynamoDB on loopback that remembers what it was told. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { encodeCaller, type Caller } from '../../lambdas/_kernel/caller';
import { partnerOf } from '../../lambdas/partner-orders/core/order';

type Handler = (event: unknown) => Promise<{ statusCode: number; body: string }>;
type Told = Record<string, Record<string, Record<string, string>> | undefined>;

const CERTIFICATE = {
  subject: 'CN=client',
  issuer: 'CN=CA',
  serial: '0A',
  fingerprint: 'ab'.repeat(32),
  status: 'fresh',
};
const TOKEN_CALLER: Caller = {
  subject: 'CN=client',
  clientId: CERTIFICATE.fingerprint,
  scheme: 'clientCertificate',
  scopes: [],
  groups: [],
};
const CALLER: Caller = { ...TOKEN_CALLER, certificate: CERTIFICATE };

let server: Server;
let told: Told[];
let list: Handler;
let create: Handler;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      told.push(JSON.parse(Buffer.concat(chunks).toString()) as Told);
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{"Items":[]}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    PARTNER_ORDERS_TABLE_NAME: 'orders',
  });
  ({ handler: list } = await import('../../lambdas/partner-orders/list-partner-orders.handler'));
  ({ handler: create } = await import('../../lambdas/partner-orders/create-partner-order.handler'));
}, 60_000);

beforeEach(() => {
  told = [];
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function eventOf(caller: Caller, method: string, body?: object): object {
  return {
    version: '1.0',
    resource: '/partner/orders',
    path: '/partner/orders',
    httpMethod: method,
    headers: { 'content-type': 'application/json' },
    multiValueHeaders: { 'content-type': ['application/json'] },
    pathParameters: null,
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    requestContext: {
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      httpMethod: method,
      resourcePath: '/partner/orders',
      authorizer: encodeCaller(caller),
    },
    body: body === undefined ? null : JSON.stringify(body),
    isBase64Encoded: false,
  };
}

test('an order belongs to issuer and subject of the certificate', async () => {
  const { statusCode, body } = await create(eventOf(CALLER, 'POST', { article: 'A-1', quantity: 2 }));

  expect({ statusCode, body: JSON.parse(body) as unknown }).toMatchObject({
    statusCode: 201,
    body: { article: 'A-1', quantity: 2, certificate: CERTIFICATE.fingerprint },
  });
  expect(told[0]?.['Item']?.['partner']).toEqual({ S: '["CN=CA","CN=client"]' });
});

test('a partner asks for its own orders', async () => {
  const { statusCode, body } = await list(eventOf(CALLER, 'GET'));

  expect({ statusCode, body: JSON.parse(body) as unknown }).toEqual({
    statusCode: 200,
    body: { partner: 'CN=client', items: [] },
  });
  expect(told[0]?.['ExpressionAttributeValues']?.[':partner']).toEqual({ S: '["CN=CA","CN=client"]' });
});

test('AUTHZ-06 a caller without a certificate is refused, whatever else opened', async () => {
  expect((await list(eventOf(TOKEN_CALLER, 'GET'))).statusCode).toBe(403);
  expect((await create(eventOf(TOKEN_CALLER, 'POST', { article: 'A-1', quantity: 2 }))).statusCode).toBe(403);
  expect(told).toEqual([]);
});

test('who has no subject is known by the fingerprint', () => {
  expect(partnerOf({ ...CERTIFICATE, subject: '' })).toBe(JSON.stringify(['CN=CA', CERTIFICATE.fingerprint]));
  expect(partnerOf({ ...CERTIFICATE, issuer: 'CN=Other' })).not.toBe(partnerOf(CERTIFICATE));
});
