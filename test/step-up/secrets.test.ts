/** What the deployed functions of step-up write: marked secrets go in everywhere, and must come out nowhere. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { STEP_UP_FILE } from '../../lambdas/step-up/contract';
import { encodeSignIn } from '../../lambdas/_kernel/caller';
import type { HttpResponse } from '../../lambdas/_kernel/http';
import { CALLER, json, type Request, restEvent } from '../_kernel/gateway-events';
import { MARK, marked } from '../_kernel/marked';
import { Deployed } from '../front-door/deployed';
import { Aws } from './aws';
import { App } from './people';
import { Tables } from './tables';
import { POLICY } from './world';

const FOLDER = join(__dirname, '../../lambdas/step-up');
const HANDLERS = readdirSync(FOLDER).filter((file) => file.endsWith('.handler.ts'));
/** Where the event stays as it is: what the front door has checked, and what routes it. */
const SERVED = [
  'httpMethod',
  'body',
  'requestContext.authorizer',
  'headers.Content-Type',
  'multiValueHeaders.Content-Type',
];
const ATTRIBUTES = {
  email: `${MARK}@example.com`,
  email_verified: 'true',
  phone_number: `+49${MARK}34`,
  phone_number_verified: 'false',
};

const functions = new Map<string, Deployed>();
const tables = new Tables();
const aws = new Aws(ATTRIBUTES, MARK);
let siteUrl: string;

beforeAll(async () => {
  siteUrl = await aws.listen();
  const environment = {
    AWS_ENDPOINT_URL: siteUrl,
    AWS_ENDPOINT_URL_DYNAMODB: await tables.listen(),
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    STEP_UP_SESSION_TABLE_NAME: 'sessions',
    STEP_UP_FACTOR_TABLE_NAME: 'factors',
    STEP_UP_SETTING_TABLE_NAME: 'settings',
    STEP_UP_KEY_ARN: 'key',
    STEP_UP_EVENT_BUS_NAME: 'bus',
    SESSION_TABLE_ITEM_TTL: '900',
    STEP_UP_USER_POOL_ID: 'eu-west-1_pool',
    STEP_UP_EMAIL_FROM: `${MARK}@example.org`,
    STEP_UP_ISSUER: 'Widgets',
  };
  const policy = { [STEP_UP_FILE]: JSON.stringify(POLICY) };
  for (const file of HANDLERS)
    functions.set(file, await Deployed.start(`step-up/${file}`, environment, policy));
}, 120_000);

afterAll(async () => {
  await Promise.all([...functions.values()].map(async (each) => each.stop()));
  await Promise.all([tables.close(), aws.close()]);
});

function seconds(offset: number): number {
  return Math.floor(Date.now() / 1000) + offset;
}

/** Who asks; ids of people and sign-ins are marked as well. */
const caller = {
  ...CALLER,
  subject: `${MARK}-subject`,
  clientId: `${MARK}-client`,
  session: { id: `${MARK}-sign-in`, endsAt: seconds(3600), authTime: seconds(-5) },
};

interface AuthorizedEvent {
  readonly requestContext: { readonly authorizer: object };
}

/** Of those that are not POST; the wrapper serves no other. */
const METHODS: Readonly<Record<string, string>> = {
  'list-factors': 'GET',
  'prefer-factor': 'PUT',
  'remove-totp': 'DELETE',
};

function eventOf(file: string, body?: object): unknown {
  const sent: Pick<Request, 'headers' | 'body'> = body === undefined ? {} : json(body);
  const headers = { ...sent.headers, Authorization: 'Bearer eyJ', Cookie: `__Host-session=${MARK}` };
  const event = restEvent({ method: METHODS[file] ?? 'POST', ...sent, headers, caller }) as AuthorizedEvent;
  Object.assign(event.requestContext.authorizer, encodeSignIn(caller.session));
  return marked(event, SERVED);
}

async function invoke(file: string, event: unknown): Promise<HttpResponse> {
  const invocation = await functions.get(`${file}.handler.ts`)!.invoke(event);
  if ('error' in invocation) throw new Error(invocation.error);
  return invocation.result as HttpResponse;
}

/** @returns its status, and its body read */
async function call(file: string, body?: object): Promise<{ status: number; body: Record<string, string> }> {
  const { statusCode: status, body: text } = await invoke(file, eventOf(file, body));
  return { status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, string> };
}

function seedEvent(): object {
  return {
    RequestType: 'Create',
    // presigned: whoever has it can answer for the function
    ResponseURL: `${siteUrl}/?X-Amz-Signature=${MARK}`,
    StackId: 'stack',
    RequestId: MARK,
    LogicalResourceId: 'Seeds',
    ResourceProperties: {
      Seeds: JSON.stringify([{ id: 'GET /a', group: MARK, state: 'STEP_UP_REQUIRED' }]),
      [MARK]: MARK,
    },
  };
}

function outputs(): string {
  return [...functions.values()].map(({ output }) => output).join('\n');
}

test('AUTHZ-05 secrets, codes, tokens and addresses of a whole step-up are in no line of output and no other answer', async () => {
  const told: unknown[] = [];
  const tell = async (...args: Parameters<typeof call>): Promise<Awaited<ReturnType<typeof call>>> => {
    const answer = await call(...args);
    told.push(answer);
    return answer;
  };
  const listed = await tell('list-factors');
  const { body } = await tell('initiate-auth', { method: 'GET', path: '/info' });
  const mailed = /\b\d{6}\b/.exec(aws.sent.join())?.[0] ?? '';
  const answer = (code: string): object => ({ challengeId: body['challengeId'], 'challenge-response': code });
  const wrong = mailed === '000000' ? '000001' : '000000';
  const statuses = [
    (await tell('respond-to-challenge', answer(wrong))).status,
    (await tell('respond-to-challenge', answer(mailed))).status,
  ];
  // the secret is for the caller, and only here
  const { body: enrolment } = await call('enrol-totp');
  const secret = enrolment['secret'] ?? '';
  const app = new App(secret);
  const code = app.code();
  statuses.push(
    (await tell('confirm-totp', { code: app.wrong() })).status,
    (await tell('confirm-totp', { code })).status,
    (await tell('prefer-factor', { factor: 'EMAIL' })).status,
    (await tell('remove-totp')).status,
  );
  await functions.get('seed-settings.handler.ts')!.invoke(seedEvent());

  // it is a whole step-up: an address known, a code mailed, an app enrolled, which then guards the factors
  expect(statuses).toEqual([401, 200, 401, 200, 401, 401]);
  expect(listed.body['contacts']).toEqual([
    { factor: 'EMAIL', to: 'z…@example.com', verified: true },
    { factor: 'SMS', to: '…34', verified: false },
  ]);
  expect(tables.items.get('settings GET /a')).toBeDefined();
  const sealed = tables.items.get(`factors ${MARK}-subject`)?.['secret']?.S ?? '?';
  for (const hidden of [MARK, mailed, wrong, secret, code, sealed, 'eyJ'])
    expect([hidden, `${JSON.stringify(told)}${outputs()}`.includes(hidden)]).toEqual([hidden, false]);
  // the search is not vacuous
  expect(outputs().match(/"event":"step_up"/g)!.length).toBeGreaterThanOrEqual(5);
}, 60_000);

test.each(['fails', 'nonsense'] as const)(
  'AUTHZ-05 the same while every service %s: whatever they quote stays inside',
  async (state) => {
    aws.state = state;
    const fault = state === 'fails' ? 'error' : 'garbage';
    const answers: unknown[] = [];
    const bodies = [
      undefined,
      { method: 'GET', path: '/info' },
      { challengeId: MARK.padEnd(22, '0'), 'challenge-response': '123456' },
      { code: '123456' },
      { factor: 'EMAIL' },
      { code: MARK },
      { method: MARK, path: `/${MARK}`, contentDigest: MARK },
    ];
    // the tables with the others, and then the others alone
    for (const broken of [fault, undefined] as const) {
      tables.fault = () => broken;
      for (const file of HANDLERS) {
        const events = file.startsWith('seed')
          ? [seedEvent()]
          : bodies.map((body) => eventOf(file.replace('.handler.ts', ''), body));
        for (const event of events) answers.push(await functions.get(file)!.invoke(event));
      }
    }
    aws.state = 'works';
    tables.fault = () => undefined;

    expect(JSON.stringify(answers).indexOf(MARK)).toBe(-1);
    expect([outputs().indexOf(MARK), outputs().indexOf('123456')]).toEqual([-1, -1]);
    expect(answers.length).toBeGreaterThan(60);
  },
  120_000,
);
