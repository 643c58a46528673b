/** From event to answer, with checks that let everybody in: what of an event is read, and what of it is answered. */
import { answer, broken, type Outcome } from '../../lambdas/front-door/core/answer';
import type { Check, CheckedRequest } from '../../lambdas/front-door/core/verdict';
import {
  allowing,
  askingForToken,
  authorizerEvent,
  denying,
  POLICY,
  REQUEST_ID,
  refusingToken,
} from './events';

const CALLER = { subject: 'ada', clientId: 'client-1', scheme: 'cognito', scopes: ['a', 'b'], groups: [] };
const CONTEXT = { subject: 'ada', clientId: 'client-1', scheme: 'cognito', scopes: 'a b', groups: '' };
const letIn: Check = async () => ({ ok: true, caller: CALLER });
const EVENT = authorizerEvent();

async function ask(event: unknown, check = letIn): Promise<Outcome> {
  return answer(event, POLICY, { cognito: check });
}

function changed(change: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...EVENT, ...change };
}

function withContext(change: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return changed({ requestContext: { ...EVENT.requestContext, ...change } });
}

/** What a check is given of an event. */
async function seen(event: unknown): Promise<CheckedRequest | undefined> {
  let given: CheckedRequest | undefined;
  await ask(event, async (request) => {
    given = request;
    return { ok: true, caller: CALLER };
  });
  return given;
}

test('AUTHZ-01 the good twin of every refusal here is let in, to the one method that the event names', async () => {
  expect(await ask(EVENT)).toEqual({
    decision: {
      requestId: REQUEST_ID,
      operation: 'GET /widgets',
      verdict: 'allow',
      reason: 'ok',
      trail: [{ scheme: 'cognito', outcome: 'ok' }],
    },
    answer: allowing(EVENT.methodArn, CONTEXT),
  });
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'REQUEST'],
  ['a list', [EVENT]],
  ['another type', changed({ type: 'TOKEN' })],
  ['no type', changed({ type: undefined })],
  ['version 1.0', changed({ version: '1.0' })],
  ['no ARN', changed({ methodArn: undefined })],
  ['an ARN that is no text', changed({ methodArn: 7 })],
  ['no ARN but a text', changed({ methodArn: EVENT.methodArn.slice(1) })],
  ['an ARN that is too long', changed({ methodArn: EVENT.methodArn.padEnd(513, 'x') })],
  ['an ARN with *', changed({ methodArn: `${EVENT.methodArn}/*` })],
  ['an ARN with ?', changed({ methodArn: `${EVENT.methodArn}/?` })],
  ['an ARN with ${', changed({ methodArn: `${EVENT.methodArn}/\${aws:username}` })],
  ['no resource', changed({ resource: undefined })],
  ['no method', changed({ httpMethod: undefined })],
  ['no context', changed({ requestContext: undefined })],
  ['a context that is a text', changed({ requestContext: 'GET /widgets' })],
  ['another resource in its context', withContext({ resourcePath: '/info' })],
  ['another method in its context', withContext({ httpMethod: 'POST' })],
])('AUTHZ-01 an event with %s is not served', async (_, event) => {
  expect(await ask(event)).toEqual({
    decision: {
      requestId: '',
      operation: '',
      verdict: 'deny',
      reason: 'event_not_served',
      trail: [],
    },
    answer: denying(askingForToken(), 'event_not_served'),
  });
});

test('AUTHZ-01 an event of the other kind of API is not served, in the words that kind understands', async () => {
  expect(await ask(changed({ version: '2.0' }))).toMatchObject({
    decision: { verdict: 'deny', reason: 'event_not_served' },
    answer: 'thrown',
  });
});

test('AUTHZ-01 an ARN may be 512 characters long, and have a dollar sign or a brace', async () => {
  for (const methodArn of [EVENT.methodArn.padEnd(512, 'x'), `${EVENT.methodArn}/$x{y}`]) {
    expect((await ask(changed({ methodArn }))).answer).toEqual(allowing(methodArn, CONTEXT));
  }
});

test('AUTHZ-03 an operation that the policy does not know is denied', async () => {
  expect(await ask(authorizerEvent({ resource: '/elsewhere' }))).toEqual({
    decision: {
      requestId: REQUEST_ID,
      operation: 'unknown',
      verdict: 'deny',
      reason: 'operation_unknown',
      trail: [],
    },
    answer: denying(askingForToken(), 'operation_unknown'),
  });
});

test.each(['', 'x', `${REQUEST_ID}x`, `x${REQUEST_ID}`, REQUEST_ID.toUpperCase(), undefined, 7])(
  'AUTHZ-05 the request id %j is none of API Gateway’s and reaches no log',
  async (requestId) => {
    expect((await ask(withContext({ requestId }))).decision.requestId).toBe('');
    expect((await ask(EVENT)).decision.requestId).toBe(REQUEST_ID);
  },
);

describe('headers', () => {
  test('are every text of every field, by lower-case name, whose method is as it came', async () => {
    const event = changed({
      headers: { Cookie: 'of the other map' },
      multiValueHeaders: { Cookie: ['a=1', 7, null], COOKIE: ['b=2'], 'X-Odd': 'no list', Empty: [] },
    });

    expect(await seen(event)).toMatchObject({ method: 'GET' });
    expect({ ...(await seen(event))?.headers }).toEqual({ cookie: ['a=1', 'b=2'], empty: [] });
  });

  test.each([undefined, null, 'x', [['Cookie', 'b=2']]])(
    'come from the map of single values where that of lists is %j',
    async (multiValueHeaders) => {
      const event = changed({ multiValueHeaders, headers: { Cookie: 'a=1', cookie: 'b=2', Odd: 7 } });

      expect({ ...(await seen(event))?.headers }).toEqual({ cookie: ['a=1', 'b=2'] });
    },
  );

  test('are none where there is neither map, and nothing is inherited', async () => {
    for (const headers of [undefined, null, 'x', []]) {
      const request = await seen(changed({ multiValueHeaders: null, headers }));

      expect(request?.headers['constructor']).toBeUndefined();
      expect({ ...request?.headers }).toEqual({});
    }
  });
});

test('a denial says what the operation needs; a refusal to say says nothing', async () => {
  const denied = await ask(EVENT, async () => ({
    ok: false,
    failure: 'invalid',
    reason: 'session_ended',
  }));
  const forbidden = await ask(EVENT, async () => ({
    ok: false,
    failure: 'forbidden',
    reason: 'scope_missing',
  }));

  expect(denied.decision).toMatchObject({ verdict: 'deny', reason: 'session_ended' });
  expect(denied.answer).toEqual(
    denying(refusingToken('the session has ended', 'widgets/read'), 'session_ended'),
  );
  expect(forbidden.decision).toMatchObject({ verdict: 'forbid', reason: 'scope_missing' });
  expect(forbidden.answer).toBe('thrown');
});

test.each([
  ['credentials_ambiguous', 'credentials of one kind more than once'],
  ['credentials_malformed', 'not a signed JSON Web Token'],
  ['token_expired', 'the access token expired'],
  ['token_not_yet_valid', 'the access token is not valid yet'],
  ['token_use_wrong', 'not an access token'],
  ['token_key_unknown', 'the access token is not valid'],
  ['session_invalid', 'the session cookie is not valid'],
  ['session_expired', 'the session expired'],
] as const)('of %s the client is told: %s', async (reason, description) => {
  const { answer: denied } = await ask(EVENT, async () => ({ ok: false, failure: 'invalid', reason }));

  expect(denied).toEqual(denying(refusingToken(description, 'widgets/read'), reason));
});

test('a front door that cannot be opened stays shut', () => {
  const decision = {
    requestId: '',
    operation: 'unknown',
    verdict: 'forbid',
    reason: 'check_failed',
    trail: [],
  };

  expect(broken(EVENT)).toEqual({ decision, answer: 'thrown' });
  expect(broken({ version: '2.0' })).toEqual({ decision, answer: { isAuthorized: false, context: {} } });
});
