/** What the policy makes of the answers of its checks; the checks here are stubs. */
import type { Alternative } from '../../lambdas/front-door/contract';
import {
  decide,
  type Check,
  type CheckResult,
  type DenyReason,
  type ForbidReason,
} from '../../lambdas/front-door/core/verdict';

const REQUEST = { method: 'GET', headers: {} };

function caller(scheme: string): {
  subject: string;
  clientId: string;
  scheme: string;
  scopes: string[];
  groups: string[];
} {
  return {
    subject: 'ada',
    clientId: `client of ${scheme}`,
    scheme,
    scopes: [`scope of ${scheme}`],
    groups: [],
  };
}

const CERTIFICATE = {
  subject: 'CN=till 7',
  issuer: 'CN=ca',
  serial: '01',
  fingerprint: 'f',
  status: 'fresh',
};

const holds =
  (scheme: string): Check =>
  () =>
    Promise.resolve({ ok: true, caller: caller(scheme) });
const fails =
  (
    ...[failure, reason]: ['missing' | 'invalid', DenyReason] | ['forbidden' | 'unavailable', ForbidReason]
  ): Check =>
  () =>
    Promise.resolve({ ok: false, failure, reason } as CheckResult);

const CHECKS: Readonly<Record<string, Check>> = {
  a: holds('a'),
  b: holds('b'),
  other: async () => ({ ok: true, caller: { ...caller('other'), subject: 'bob' } }),
  certificate: async () => ({
    ok: true,
    caller: { ...caller('certificate'), subject: CERTIFICATE.subject, scopes: [], certificate: CERTIFICATE },
  }),
  signedIn: async () => ({ ok: true, caller: caller('signedIn'), session: { id: 's1', endsAt: 1 } }),
  missing: fails('missing', 'credentials_missing'),
  invalid: fails('invalid', 'token_expired'),
  unavailable: fails('unavailable', 'keys_unavailable'),
  forbidden: fails('forbidden', 'scope_missing'),
  throwing: () => {
    throw new Error('on purpose');
  },
  rejecting: () => Promise.reject(new Error('on purpose')),
};

/** `a+b` is one alternative of two schemes. */
function alternatives(...texts: readonly string[]): Alternative[] {
  return texts.map((text) =>
    text === '' ? [] : text.split('+').map((scheme) => ({ scheme, scopes: [`scope of ${scheme}`] })),
  );
}

async function outcomeOf(...texts: readonly string[]): Promise<unknown[]> {
  const verdict = await decide(alternatives(...texts), CHECKS, REQUEST);
  return verdict.verdict === 'allow'
    ? ['allow', verdict.caller.scheme]
    : [verdict.verdict, verdict.failure, verdict.reason, ...verdict.scopes];
}

describe('any of the alternatives opens', () => {
  test.each<[string[], unknown[]]>([
    [['a'], ['allow', 'a']],
    [
      ['a', 'b'],
      ['allow', 'a'],
    ],
    [
      ['b', 'a'],
      ['allow', 'b'],
    ],
    [
      ['missing', 'b'],
      ['allow', 'b'],
    ],
    [
      ['invalid', 'b'],
      ['allow', 'b'],
    ],
    [
      ['forbidden', 'b'],
      ['allow', 'b'],
    ],
    [
      ['unavailable', 'b'],
      ['allow', 'b'],
    ],
    [
      ['throwing', 'b'],
      ['allow', 'b'],
    ],
    [
      ['', 'b'],
      ['allow', 'b'],
    ],
    [
      ['missing+a', 'b'],
      ['allow', 'b'],
    ],
  ])('%j', async (texts, expected) => {
    expect(await outcomeOf(...texts)).toEqual(expected);
  });
});

describe('all schemes of an alternative hold together, and the caller is that of the first', () => {
  test.each<[string[], unknown[]]>([
    [['a+b'], ['allow', 'a']],
    [['b+a'], ['allow', 'b']],
    [['a+missing'], ['deny', 'missing', 'credentials_missing', 'scope of a']],
    [['missing+a'], ['deny', 'missing', 'credentials_missing', 'scope of missing']],
    [['a+invalid'], ['deny', 'invalid', 'token_expired', 'scope of invalid']],
    [['a+b+forbidden'], ['forbid', 'forbidden', 'scope_missing', 'scope of forbidden']],
    [['a+throwing'], ['forbid', 'unavailable', 'check_failed', 'scope of throwing']],
    // neither alternative is whole, though each scheme holds in one of them
    [
      ['a+missing', 'missing+b'],
      ['deny', 'missing', 'credentials_missing', 'scope of a'],
    ],
  ])('%j', async (texts, expected) => {
    expect(await outcomeOf(...texts)).toEqual(expected);
  });
});

describe('AUTHZ-01 schemes of one alternative that name different people open nothing together', () => {
  test.each<[string[], unknown[]]>([
    [['a+other'], ['forbid', 'forbidden', 'callers_differ', 'scope of other']],
    [['other+a'], ['forbid', 'forbidden', 'callers_differ', 'scope of a']],
    [['certificate+a+other'], ['forbid', 'forbidden', 'callers_differ', 'scope of other']],
    [['a+certificate+other'], ['forbid', 'forbidden', 'callers_differ', 'scope of other']],
    [['a+b'], ['allow', 'a']],
    [['a+certificate'], ['allow', 'a']],
    // each of them opens by itself where the document says so
    [['other'], ['allow', 'other']],
    [
      ['a+other', 'other'],
      ['allow', 'other'],
    ],
  ])('%j', async (texts, expected) => {
    expect(await outcomeOf(...texts)).toEqual(expected);
  });
});

describe('AUTHZ-01 who calls does not depend on the order in which the document names joint schemes', () => {
  test.each([['certificate+a'], ['a+certificate']])('%s', async (text) => {
    expect(await decide(alternatives(text), CHECKS, REQUEST)).toMatchObject({
      verdict: 'allow',
      caller: { ...caller('a'), certificate: CERTIFICATE },
    });
  });

  test('a certificate alone is the caller itself', async () => {
    expect(await decide(alternatives('certificate'), CHECKS, REQUEST)).toMatchObject({
      verdict: 'allow',
      caller: { subject: 'CN=till 7', scopes: [], certificate: CERTIFICATE },
    });
  });

  test('the sign-in is that of whichever credential tells of one', async () => {
    for (const text of ['certificate+signedIn', 'signedIn+certificate', 'a+signedIn']) {
      expect(await decide(alternatives(text), CHECKS, REQUEST)).toMatchObject({
        verdict: 'allow',
        session: { id: 's1', endsAt: 1 },
      });
    }
  });
});

describe('where nothing opens, the strongest failure is answered, wherever it stands', () => {
  test.each<[string[], unknown[]]>([
    [['missing'], ['deny', 'missing', 'credentials_missing', 'scope of missing']],
    [['invalid'], ['deny', 'invalid', 'token_expired', 'scope of invalid']],
    [['unavailable'], ['forbid', 'unavailable', 'keys_unavailable', 'scope of unavailable']],
    [['forbidden'], ['forbid', 'forbidden', 'scope_missing', 'scope of forbidden']],
    [
      ['missing', 'invalid'],
      ['deny', 'invalid', 'token_expired', 'scope of invalid'],
    ],
    [
      ['invalid', 'missing'],
      ['deny', 'invalid', 'token_expired', 'scope of invalid'],
    ],
    [
      ['unavailable', 'invalid'],
      ['forbid', 'unavailable', 'keys_unavailable', 'scope of unavailable'],
    ],
    [
      ['invalid', 'unavailable'],
      ['forbid', 'unavailable', 'keys_unavailable', 'scope of unavailable'],
    ],
    [
      ['forbidden', 'unavailable'],
      ['forbid', 'forbidden', 'scope_missing', 'scope of forbidden'],
    ],
    [
      ['unavailable', 'forbidden', 'missing'],
      ['forbid', 'forbidden', 'scope_missing', 'scope of forbidden'],
    ],
  ])('%j', async (texts, expected) => {
    expect(await outcomeOf(...texts)).toEqual(expected);
  });
});

describe('nothing opens by being absent', () => {
  test.each<[string, string[], unknown[]]>([
    ['no alternative', [], ['deny', 'missing', 'credentials_missing']],
    ['an empty alternative', [''], ['deny', 'missing', 'credentials_missing']],
    ['only empty alternatives', ['', ''], ['deny', 'missing', 'credentials_missing']],
    ['a scheme without a check', ['nobody'], ['forbid', 'unavailable', 'check_failed', 'scope of nobody']],
    ['a check that throws', ['throwing'], ['forbid', 'unavailable', 'check_failed', 'scope of throwing']],
    ['a check that rejects', ['rejecting'], ['forbid', 'unavailable', 'check_failed', 'scope of rejecting']],
    [
      'a scheme named like a member of every object',
      ['constructor'],
      ['forbid', 'unavailable', 'check_failed', 'scope of constructor'],
    ],
    [
      'the same, first of two',
      ['toString+a'],
      ['forbid', 'unavailable', 'check_failed', 'scope of toString'],
    ],
    ['the prototype itself', ['__proto__'], ['forbid', 'unavailable', 'check_failed', 'scope of __proto__']],
  ])('%s', async (_name, texts, expected) => {
    expect(await outcomeOf(...texts)).toEqual(expected);
  });
});

test('checks run in document order, none after the first that fails in its alternative, none after one that opens', async () => {
  const verdict = await decide(alternatives('a+invalid+b', 'missing', 'b+a', 'a'), CHECKS, REQUEST);

  expect(verdict.trail).toEqual([
    { scheme: 'a', outcome: 'ok' },
    { scheme: 'invalid', outcome: 'token_expired' },
    { scheme: 'missing', outcome: 'credentials_missing' },
    { scheme: 'b', outcome: 'ok' },
    { scheme: 'a', outcome: 'ok' },
  ]);
  expect(verdict).toMatchObject({ verdict: 'allow', caller: { scheme: 'b' } });
});

test('a check is given the request and the scopes of its own place', async () => {
  const given: unknown[] = [];
  const check: Check = (request, scopes) => {
    given.push([request, scopes]);
    return Promise.resolve({ ok: false, failure: 'missing', reason: 'credentials_missing' });
  };
  await decide(
    [[{ scheme: 'x', scopes: ['read'] }], [{ scheme: 'x', scopes: ['write', 'admin'] }]],
    { x: check },
    REQUEST,
  );

  expect(given).toEqual([
    [REQUEST, ['read']],
    [REQUEST, ['write', 'admin']],
  ]);
});
