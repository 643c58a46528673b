/** What a completed step-up is good for, one fact at a time: rows are read by their key, and still not believed for it. */
import { bindingOf } from '../../lambdas/step-up/core/digest';
import { type Elevation, elevationKey, signInSuffices, suffices } from '../../lambdas/step-up/core/elevation';
import { stepUpVerdict } from '../../lambdas/step-up/core/verdict';
import type { Demand, StepUpPolicy } from '../../lambdas/step-up/contract';

const NOW = 1_800_000_000;
const GENERAL: Demand = {
  acr: 'b',
  maxAge: 300,
  factors: ['SOFTWARE_TOKEN', 'EMAIL', 'PROVIDER'],
  singleUse: false,
};
const SINGLE: Demand = { ...GENERAL, factors: ['SOFTWARE_TOKEN', 'EMAIL'], singleUse: true };
const POLICY: StepUpPolicy = {
  levels: ['a', 'b', 'c'],
  grants: { SOFTWARE_TOKEN: 'c', EMAIL: 'b' },
  byDefault: GENERAL,
  operations: {},
  factorChanges: [],
};
const ASKED = { key: 's1', operation: 'POST /transfer', subject: 'ada', clientId: 'web', now: NOW * 1000 };
const STEP_UP: Elevation = {
  key: 's1',
  subject: 'ada',
  client: 'web',
  status: 'STEP_UP_COMPLETED',
  factor: 'EMAIL',
  acr: 'b',
  amr: ['otp'],
  authTime: NOW - 10,
  opens: '*',
  ttl: NOW + 100,
};

describe('a general step-up', () => {
  test.each<[string, Partial<Elevation>]>([
    ['STEP-07 of another sign-in', { key: 's2' }],
    ['STEP-07 of another person', { subject: 'bob' }],
    ['STEP-07 through another client', { client: 'other' }],
    ['STEP-07 that is used up', { status: 'STEP_UP_CONSUMED' }],
    ['STEP-07 for one request of this operation', { opens: 'POST /transfer' }],
    ['STEP-02 at the second it ends', { ttl: NOW }],
    ['STEP-05 by a factor that the operation does not take', { factor: 'SMS' }],
    ['STEP-07 at a lower level', { acr: 'a' }],
    ['STEP-07 at a level that nobody knows', { acr: 'z' }],
    ['STEP-02 that is too old', { authTime: NOW - 301 }],
    ['STEP-02 of a time to come', { authTime: NOW + 6 }],
  ])('%s does not suffice', (_, change) => {
    expect(suffices(POLICY, GENERAL, { ...STEP_UP, ...change }, ASKED)).toBe(false);
  });

  test.each<[string, Partial<Elevation>]>([
    ['as it is', {}],
    ['at a higher level', { acr: 'c', factor: 'SOFTWARE_TOKEN' }],
    ['of the last second that counts', { authTime: NOW - 300, ttl: NOW + 1 }],
    ['by a clock that is a little ahead', { authTime: NOW + 5 }],
  ])('the good twin: %s', (_, change) => {
    expect(suffices(POLICY, GENERAL, { ...STEP_UP, ...change }, ASKED)).toBe(true);
  });

  test('where the document asks for a level that nobody knows, none suffices', () => {
    expect(suffices(POLICY, { ...GENERAL, acr: 'z' }, { ...STEP_UP, acr: 'z' }, ASKED)).toBe(false);
  });
});

describe('STEP-07 a single use', () => {
  const single = { ...STEP_UP, opens: 'POST /transfer' };

  test('opens its operation and no other, also where method, path and body are the same', () => {
    expect(suffices(POLICY, SINGLE, single, ASKED)).toBe(true);
    expect(suffices(POLICY, SINGLE, single, { ...ASKED, operation: 'POST /{anything}' })).toBe(false);
  });

  test('and a general step-up do not stand for each other', () => {
    expect(suffices(POLICY, SINGLE, STEP_UP, ASKED)).toBe(false);
    expect(suffices(POLICY, GENERAL, single, ASKED)).toBe(false);
  });
});

test('STEP-07 a binding is of one method, path and body', () => {
  const request = { method: 'POST', path: '/transfer', digest: 'a' };
  const others = [
    {},
    { method: 'PUT' },
    { path: '/transfer/' },
    { digest: 'b' },
    { method: '', path: 'POST/transfer' },
  ];
  const bindings = others.map((change) => bindingOf({ ...request, ...change }));

  expect(new Set(bindings).size).toBe(others.length);
  expect(bindings[0]).toBe(bindingOf(request));
});

test('STEP-07 a row of this very key is used up for the digest that stands in it, and no other', async () => {
  const digest = Buffer.alloc(32, 1).toString('base64');
  const key = elevationKey('s1', bindingOf({ method: 'POST', path: '/transfer', digest }));
  const consumed: unknown[] = [];
  const verdict = async (inRow: string): Promise<unknown> =>
    stepUpVerdict(
      {
        operation: 'POST /transfer',
        method: 'POST',
        path: '/transfer',
        headers: { 'content-digest': [`sha-256=:${digest}:`] },
        caller: { subject: 'ada', clientId: 'web' },
        session: { id: 's1', endsAt: NOW + 100 },
      },
      {
        policy: { ...POLICY, operations: { 'POST /transfer': SINGLE } },
        setting: async () => ({ known: 'fresh', state: 'STEP_UP_REQUIRED' }),
        elevation: async () => ({ ...STEP_UP, key, opens: 'POST /transfer', digest: inRow }),
        consume: async (elevation) => {
          consumed.push(elevation);
          return true;
        },
        clock: () => NOW * 1000,
      },
    );

  expect(await verdict(Buffer.alloc(32, 2).toString('base64'))).toMatchObject({ reason: 'step_up_required' });
  expect(consumed).toEqual([]);
  expect(await verdict(digest)).toMatchObject({ ok: true, context: { contentDigest: digest } });
  expect(consumed).toHaveLength(1);
});

describe('a sign-in at the provider', () => {
  const signIn = { id: 's1', endsAt: NOW + 100, authTime: NOW - 10, acr: 'b' };
  const enough = (demand: Demand, change: object = {}): boolean =>
    signInSuffices(POLICY, demand, { ...signIn, ...change }, NOW * 1000);

  test('STEP-07 is enough where the operation takes it, and never for a single use', () => {
    expect(enough(GENERAL)).toBe(true);
    expect(enough({ ...GENERAL, factors: ['EMAIL'] })).toBe(false);
    expect(enough({ ...GENERAL, singleUse: true })).toBe(false);
  });

  test.each<[string, object]>([
    ['STEP-08 without a time', { authTime: undefined }],
    ['STEP-08 that is too old', { authTime: NOW - 301 }],
    ['STEP-08 of a time to come', { authTime: NOW + 6 }],
    ['STEP-08 without a level', { acr: undefined }],
    ['STEP-08 at a lower level', { acr: 'a' }],
    ['STEP-08 at a level that nobody knows', { acr: '' }],
  ])('%s is not', (_, change) => {
    expect(enough(GENERAL, change)).toBe(false);
  });
});
