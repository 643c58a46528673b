/** A data scan with rules, two people, "not the uploader", mails by SNS and a short review, deployed beside the local one. */
import { createServer, type Server } from 'node:http';

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ConfirmSubscriptionCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';

import { clientSettings } from '../../local/aws';
import { close, listen } from '../../local/http';
import { freePort } from '../../local/ports';
import { json, restEvent } from '../_kernel/gateway-events';
import { deployApp, localStack } from '../local-stack';
import { CARD, ended, keysIn, outcomesOf, start, type Started, tagsOf, until, upload } from './deployed';

const REVIEW_SECONDS = 25;
const SOCIAL_SECURITY = 'ssn 123-45-6789';

interface Letter {
  readonly subject: string;
  readonly text: string;
}

interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

let app: Readonly<Record<string, string>>;
let subscriber: Server;
const letters: Letter[] = [];

beforeAll(async () => {
  app = await deployApp('test/data-scan/app.ts', {
    name: 'strict-scan',
    records: localStack().scanRecordsBucketName,
    reviewSeconds: String(REVIEW_SECONDS),
  });
  subscriber = await subscribed(app['Topic']!);
}, 300_000);

afterAll(async () => {
  await close(subscriber);
});

/** Subscribes to a topic as somebody with an address does: what is sent, and a confirmation first. */
async function subscribed(TopicArn: string): Promise<Server> {
  const client = new SNSClient(clientSettings(localStack().emulatorUrl));
  const tokens: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      response.end();
      const { Type, Token, Subject, Message } = JSON.parse(body) as Readonly<Record<string, string>>;
      if (Type === 'SubscriptionConfirmation') tokens.push(Token ?? '');
      else letters.push({ subject: Subject ?? '', text: Message ?? '' });
    });
  });
  const port = await freePort();
  await listen(server, port);
  await client.send(
    new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: `http://127.0.0.1:${port}/` }),
  );
  const Token = await until('the confirmation', async () => tokens[0]);
  await client.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
  return server;
}

/** Calls a function behind the review page as the API does once the front door has let somebody in. */
async function desk(
  name: 'Show' | 'Decide',
  review: string,
  subject: string,
  body?: object,
): Promise<Answered> {
  const client = new LambdaClient(clientSettings(localStack().emulatorUrl));
  const event = restEvent({
    method: body === undefined ? 'GET' : 'POST',
    path: { reviewId: review },
    caller: { subject, clientId: 'web', scheme: 'session', scopes: [], groups: ['data-reviewers'] },
    ...(body === undefined ? {} : json(body)),
  });
  const { Payload } = await client.send(
    new InvokeCommand({ FunctionName: app[name], Payload: JSON.stringify(event) }),
  );
  const { statusCode, body: text } = JSON.parse(Buffer.from(Payload ?? []).toString()) as {
    statusCode: number;
    body: string;
  };
  return { status: statusCode, body: JSON.parse(text) as Answered['body'] };
}

interface Item {
  readonly number: number;
  readonly name: string;
}

let run: Started;
let review: string;
let items: ReadonlyMap<string, number>;

async function approve(subject: string, name: string, decision = 'approve'): Promise<Answered> {
  const objects = [{ number: items.get(name), decision }];
  return desk('Decide', review, subject, { reason: 'looked into', objects });
}

describe('a run with all kinds of objects', () => {
  beforeAll(async () => {
    const raw = app['Raw']!;
    await upload('clean.csv', 'fine', 'team=a', raw);
    await upload('key.txt', 'AKIAABCDEFGHIJKLMNOP', undefined, raw);
    await upload('card.csv', CARD, 'team=a', raw);
    await upload('card and ssn.csv', `${CARD} ${SOCIAL_SECURITY}`, undefined, raw);
    await upload('of rita.csv', SOCIAL_SECURITY, 'uploaded-by=rita', raw);
    await upload('of nobody.csv', SOCIAL_SECURITY, undefined, raw);
    run = await start({}, undefined, app['StateMachine']);
    const mail = await until('the mail', async () =>
      letters.find(({ subject }) => subject === `Data scan ${run.id}: 3 objects to review`),
    );
    review = /https:\/\/site\.example\/reviews\/([\w-]{22})\s/.exec(mail.text)?.[1] ?? '';
    const shown = await desk('Show', review, 'ravi');
    items = new Map((shown.body['items'] as Item[]).map(({ name, number }) => [name, number]));
  }, 120_000);

  test('rules drop one type, let another pass with a tag, and leave the rest to people', async () => {
    expect((await keysIn(app['Output']!, '')).sort()).toEqual(['card.csv', 'clean.csv']);
    expect(await tagsOf(app['Output']!, 'card.csv')).toEqual({ team: 'a', SensitiveDataFound: 'true' });
    expect(await tagsOf(app['Output']!, 'clean.csv')).toEqual({ team: 'a' });
    expect([...items.keys()]).toEqual(['card and ssn.csv', 'of nobody.csv', 'of rita.csv']);
    expect(await keysIn(app['Review']!, `runs/${run.id}/`)).toHaveLength(3);
  });

  test('APPROVE-02 what is released takes two people, none of them the uploader; one denies', async () => {
    const number = String(items.get('of rita.csv'));

    expect(await approve('rita', 'of rita.csv')).toMatchObject({
      status: 409,
      body: { conflicts: [{ object: number, reason: 'own_upload' }] },
    });
    expect(await approve('ravi', 'of rita.csv')).toMatchObject({
      status: 200,
      body: { complete: false, pending: [number] },
    });
    expect(await approve('ravi', 'of rita.csv')).toMatchObject({
      status: 409,
      body: { conflicts: [{ object: number, reason: 'other_person_needed', by: 'ravi' }] },
    });
    expect(await approve('sara', 'of rita.csv')).toMatchObject({ status: 200, body: { pending: [] } });
    expect(await approve('rita', 'of rita.csv', 'deny')).toMatchObject({
      status: 409,
      body: { conflicts: [{ reason: 'decided', by: 'sara', at: expect.stringMatching(/Z$/) as unknown }] },
    });
    expect(await approve('rita', 'card and ssn.csv', 'deny')).toMatchObject({
      status: 200,
      body: { pending: [] },
    });
    // nobody decides about the third
    expect(await keysIn(app['Output']!, 'of rita.csv')).toEqual([]);
  });

  test('APPROVE-04 what nobody decided in time is denied, told, and kept for as long as is set', async () => {
    expect(await ended(run)).toBe('SUCCEEDED');
    expect(await outcomesOf(run)).toEqual({
      released: 1,
      dropped: 1,
      released_tagged: 1,
      approved: 1,
      denied: 1,
      unanswered: 1,
    });
    expect(await keysIn(app['Output']!, 'of ')).toEqual(['of rita.csv']);
    expect(await tagsOf(app['Output']!, 'of rita.csv')).toEqual({
      'uploaded-by': 'rita',
      SensitiveDataFound: 'true',
    });
    expect(await keysIn(app['Review']!, `runs/${run.id}/`)).toHaveLength(2);

    const told = letters.filter(({ subject }) => subject.includes(run.id)).map(({ subject }) => subject);

    expect(told).toEqual([
      `Data scan ${run.id}: 3 objects to review`,
      `Data scan ${run.id}: review was not answered in time`,
    ]);
  });

  test('APPROVE-02 a review whose time is over is refused', async () => {
    expect(await approve('ravi', 'of nobody.csv')).toMatchObject({
      status: 409,
      body: { reason: 'review_over' },
    });
    expect((await desk('Show', review, 'ravi')).body).toMatchObject({ open: false });
  });
});
