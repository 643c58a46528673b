/** Which failure an answer is, and the words people read. */
import { type Failure, failureOf, messagesAt, wordsFor } from '../../web/src/failure';

const NOW = Date.parse('2026-11-21T09:00:00Z');

function failure(status: number, body: unknown = {}, retryAfter: string | null = null): Failure {
  return failureOf(status, body, retryAfter, NOW);
}

test.each([
  [400, 'invalid'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [409, 'conflict'],
  [429, 'busy'],
  [413, 'broken'],
  [500, 'broken'],
  [200, 'broken'],
])('%i is %s, and has words', (status, kind) => {
  const found = failure(status);

  expect(found.kind).toBe(kind);
  expect(wordsFor(found).title).not.toBe('');
});

const CHALLENGE =
  'Bearer realm="sallyport", error="insufficient_user_authentication", error_description="x", acr_values="a b", max_age=300';

test.each<[string, object, object]>([
  [CHALLENGE, { reason: 'step_up_required' }, { acrValues: 'a b', maxAge: 300 }],
  ['Bearer error="insufficient_user_authentication", max_age=600', {}, { maxAge: 600 }],
  ['Bearer error="insufficient_user_authentication"', {}, {}],
])('a 401 with the challenge %s demands a step-up', (challenge, more, demand) => {
  expect(failure(401, { challenge, ...more })).toEqual({ kind: 'step-up', demand });
  expect(wordsFor(failure(401, { challenge })).title).toBe('Nothing was done');
});

test.each([
  { challenge: 'Bearer error="invalid_token"' },
  { challenge: 7 },
  { reason: 'session_expired' },
  null,
  'text',
])('a 401 with %j is the end of the session', (body) => {
  expect(failure(401, body)).toEqual({ kind: 'unauthorized' });
});

test('a 401 of a wrong code is not the end of the session', () => {
  const wrong = failure(401, { reason: 'challenge_failed' });

  expect(wrong).toEqual({ kind: 'wrong-code' });
  expect(wordsFor(wrong).title).toBe('This code is not right');
});

test.each([
  ['7', 'Please try again in 7 seconds.'],
  ['1', 'Please try again in 1 second.'],
  ['90', 'Please try again in 90 seconds.'],
  ['91', 'Please try again in 2 minutes.'],
  ['1800', 'Please try again in 30 minutes.'],
  ['Sat, 21 Nov 2026 09:00:30 GMT', 'Please try again in 30 seconds.'],
  ['Sat, 21 Nov 2026 08:00:00 GMT', 'Please try again in 0 seconds.'],
  ['soon', 'Please try again in a moment.'],
  [null, 'Please try again in a moment.'],
])('Retry-After %j: %s', (retryAfter, text) => {
  expect(wordsFor(failure(429, {}, retryAfter)).text).toBe(text);
});

describe('the errors of a request', () => {
  const fields = [
    { in: 'body', field: '/name', message: 'must NOT have fewer than 1 characters' },
    { in: 'body', field: '/tags/0', message: 'must NOT have more than 40 characters' },
    { in: 'body', field: '/tags/1', message: 'must NOT have more than 40 characters' },
    { in: 'body', field: '/tags', message: 'must NOT have duplicate items (items ## 1 and 0 are identical)' },
    { in: 'body', field: '/tagsOfMine', message: 'must NOT have fewer than 3 items' },
    { in: 'body', field: '/priceCents', message: 'must be <= 100000000' },
  ];
  const found = failure(400, {
    errors: [...fields, null, 'x', { field: 1, message: 'x' }, { field: '/name' }],
  });
  const at = (pointer: string): string[] =>
    found.kind === 'invalid' ? messagesAt(found.fields, pointer) : ['not invalid'];

  test('stand at the field they speak of, each once, in the words of a form', () => {
    expect(at('/name')).toEqual(['Enter a value.']);
    expect(at('/tags')).toEqual(['Enter at most 40 characters.', 'Enter each only once.']);
    expect(at('/tagsOfMine')).toEqual(['Enter at least 3 items.']);
    expect(at('/priceCents')).toEqual(['This value must be <= 100000000.']);
    expect(at('/description')).toEqual([]);
  });

  test.each([undefined, null, 'text', [], { errors: 'x' }])('%j has none', (body) => {
    expect(failure(400, body)).toEqual({ kind: 'invalid', fields: [] });
  });
});

test('a 409 says whether all is over, and what stood in the way', () => {
  const conflicts = [{ object: '1', reason: 'decided', by: 'ada', at: '2026-11-21T09:00:00Z' }];

  expect(failure(409, { reason: 'refused', conflicts })).toEqual({
    kind: 'conflict',
    over: false,
    conflicts,
  });
  expect(failure(409, { reason: 'review_over', conflicts: 7 })).toEqual({
    kind: 'conflict',
    over: true,
    conflicts: [],
  });
  expect(wordsFor(failure(409, { reason: 'review_over' })).title).toBe('The review is over');
  expect(wordsFor(failure(409)).title).toBe('Nothing was done');
});
