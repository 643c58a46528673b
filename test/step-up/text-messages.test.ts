/** Codes by text message, up to the wire: the deployed functions, and in place of AWS a server that checks what it gets. */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { json, restEvent } from '../_kernel/gateway-events';
import { Deployed } from '../front-door/deployed';
import { Tables } from './tables';
import { POLICY } from './world';

const NUMBER = '+41791234567';
const SECRET_KEY = 'a secret access key';
const DEMAND = { acr: 'loa:2', maxAge: 300, factors: ['SMS'], singleUse: false };

interface Published {
  readonly form: Readonly<Record<string, string>>;
  readonly signed: boolean;
}

/** Cognito, EventBridge and SNS, as far as the functions call them. */
class Services {
  readonly published: Published[] = [];
  verified = true;
  /** Status that SNS answers with. */
  status = 200;
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      void this.answer(request).then(([status, body]) => response.writeHead(status).end(body));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<[number, string]> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    switch (request.headers['x-amz-target']) {
      case 'AWSCognitoIdentityProviderService.AdminGetUser': {
        const UserAttributes = [
          { Name: 'phone_number', Value: NUMBER },
          { Name: 'phone_number_verified', Value: String(this.verified) },
        ];
        return [200, JSON.stringify({ Username: 'ada', UserAttributes })];
      }
      case 'AWSEvents.PutEvents':
        return [200, JSON.stringify({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] })];
      case undefined:
        this.published.push({
          form: Object.fromEntries(new URLSearchParams(body)),
          signed: isSigned(request, body),
        });
        return [this.status, '<PublishResponse/>'];
      default:
        return [400, '{}'];
    }
  }
}

/** Whether the signature is that of the secret key over what arrived (AWS Signature Version 4). */
function isSigned({ method = '', url = '', headers }: IncomingMessage, body: string): boolean {
  const [, scope = '', names = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=test\/(\d{8}\/eu-west-1\/sns\/aws4_request), SignedHeaders=([\w;-]+), Signature=([\da-f]{64})$/.exec(
      headers.authorization ?? '',
    ) ?? [];
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
  const canonical = [
    ...[method, url, ''],
    ...names.split(';').map((name) => `${name}:${String(headers[name])}`),
    ...['', names, digest(body)],
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, digest(canonical)].join('\n');
  const key = scope
    .split('/')
    .reduce<Buffer>(
      (last, part) => createHmac('sha256', last).update(part).digest(),
      Buffer.from(`AWS4${SECRET_KEY}`),
    );
  return signature !== '' && createHmac('sha256', key).update(text).digest('hex') === signature;
}

let tables: Tables;
let services: Services;
let functions: Deployed[] = [];

beforeEach(() => {
  tables = new Tables();
  services = new Services();
});

afterEach(async () => {
  await Promise.all(functions.map(async (one) => one.stop()));
  functions = [];
  await tables.close();
  await services.close();
});

async function start(): Promise<(name: string, body: object) => Promise<Answer>> {
  const environment = {
    AWS_ENDPOINT_URL: await services.listen(),
    AWS_ENDPOINT_URL_DYNAMODB: await tables.listen(),
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: SECRET_KEY,
    STEP_UP_SESSION_TABLE_NAME: 'sessions',
    STEP_UP_FACTOR_TABLE_NAME: 'factors',
    STEP_UP_KEY_ARN: 'arn:aws:kms:eu-west-1:111111111111:key/k',
    STEP_UP_EVENT_BUS_NAME: 'default',
    SESSION_TABLE_ITEM_TTL: '900',
    STEP_UP_USER_POOL_ID: 'eu-west-1_pool',
    STEP_UP_ISSUER: 'Sallyport',
  };
  const policy = { ...POLICY, operations: { 'GET /statements': DEMAND } };
  const files = { 'step-up.json': JSON.stringify(policy) };
  const [initiate, respond] = await Promise.all(
    ['initiate-auth', 'respond-to-challenge'].map(async (name) =>
      Deployed.start(`step-up/${name}.handler.ts`, environment, files),
    ),
  );
  functions = [initiate!, respond!];
  return async (name, body) => {
    const event = restEvent({ method: 'POST', ...json(body) }) as {
      requestContext: { authorizer: object };
    };
    const endsAt = Math.floor(Date.now() / 1000) + 3600;
    Object.assign(event.requestContext.authorizer, {
      sessionId: 'session-one-000000',
      sessionEndsAt: String(endsAt),
      sessionAuthTime: String(endsAt - 3700),
    });
    const invocation = await (name === 'initiate-auth' ? initiate! : respond!).invoke(event);
    if ('error' in invocation) throw new Error(invocation.error);
    const { statusCode, body: text } = invocation.result as { statusCode: number; body: string };
    return { status: statusCode, body: JSON.parse(text) as Record<string, unknown> };
  };
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const WANTED = { method: 'GET', path: '/statements' };

test('STEP-06 a code goes to the verified number by a signed Publish, and steps up; neither is in any log', async () => {
  const call = await start();
  const { body: challenge } = await call('initiate-auth', WANTED);
  const [sent] = services.published;
  const code = /^\d{6}\b/.exec(sent?.form['Message'] ?? '')?.[0];

  expect(challenge['code']).toBe('SMS_STEP_UP');
  expect(services.published).toHaveLength(1);
  expect(sent).toEqual({
    signed: true,
    form: {
      Action: 'Publish',
      Version: '2010-03-31',
      PhoneNumber: NUMBER,
      Message: expect.stringMatching(/^\d{6} is your code for Sallyport\. /) as string,
    },
  });
  const answer = { challengeId: challenge['challengeId'], 'challenge-response': code };
  const wrong = { ...answer, 'challenge-response': code === '000000' ? '000001' : '000000' };
  expect((await call('respond-to-challenge', wrong)).status).toBe(401);
  expect(await call('respond-to-challenge', answer)).toMatchObject({
    status: 200,
    body: { acr: 'loa:2', amr: ['otp', 'sms'] },
  });
  expect((await call('respond-to-challenge', answer)).status).toBe(401);
  for (const one of functions) {
    expect(one.output).toContain('"event":"step_up"');
    expect(one.output).not.toContain(code!);
    expect(one.output).not.toContain(NUMBER);
  }
}, 60_000);

test('STEP-05 a number that nobody has verified gets nothing', async () => {
  const call = await start();
  services.verified = false;

  expect(await call('initiate-auth', WANTED)).toMatchObject({
    body: { code: 'MAYBE_SOFTWARE_TOKEN_STEP_UP' },
  });
  expect(services.published).toEqual([]);
}, 60_000);

test('STEP-04 a message that SNS does not take is no challenge: 500, and nothing of it in the log', async () => {
  const call = await start();
  services.status = 500;

  expect((await call('initiate-auth', WANTED)).status).toBe(500);
  expect(functions[0]!.output).toContain('"event":"handler_failed"');
  expect(functions[0]!.output).not.toContain(NUMBER);
  services.status = 200;
  expect((await call('initiate-auth', WANTED)).status).toBe(200);
}, 60_000);
