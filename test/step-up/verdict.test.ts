/** Whether a request has proven enough: the check of the front door over real adapters, at any time. */
import { initiate, respond } from '../../lambdas/step-up/core/step-up';
import { announcedDigest } from '../../lambdas/step-up/core/digest';
import { BODY, digestOf, POLICY, World } from './world';

/** Steps a sign-in up by mail. */
async function stepUp(
  world: World,
  asker = world.asker(),
  wanted: { method: string; path: string; contentDigest?: string } = { method: 'GET', path: '/statements' },
): Promise<string> {
  const challenge = await initiate(asker, wanted, world.ports);
  if (!('challengeId' in challenge)) throw new Error(JSON.stringify(challenge));
  const answer = { challengeId: challenge.challengeId, answer: world.sent.at(-1)!.code };
  const done = await respond(asker, answer, world.ports);
  return done.ok ? 'ok' : String(done.status);
}

const TRANSFER = { method: 'POST', path: '/transfer', contentDigest: digestOf(BODY) };

function reasonOf(result: { ok: boolean; reason?: string }): string {
  return result.ok ? 'ok' : (result.reason ?? '');
}

test('what the document demands is asked for, and opens once it is proven', async () => {
  const world = new World();

  expect(await world.request(world.asker(), 'GET /statements')).toEqual({
    ok: false,
    failure: 'insufficient',
    reason: 'step_up_required',
    acr: 'loa:2',
    maxAge: 300,
  });
  expect(await world.request(world.asker(), 'GET /info')).toMatchObject({ ok: true });
  expect(await stepUp(world)).toBe('ok');
  expect(await world.request(world.asker(), 'GET /statements')).toEqual({
    ok: true,
    context: {
      sessionId: 'session-one-000000',
      sessionEndsAt: String(world.seconds(3600)),
      sessionAuthTime: String(world.seconds(-60)),
    },
  });
});

test('an operation the compiled policy does not know stays shut', async () => {
  const world = new World();

  expect(reasonOf(await world.request(world.asker(), 'GET /other'))).toBe('step_up_unavailable');
  expect(reasonOf(await world.request(world.asker(), 'GET /constructor'))).toBe('step_up_unavailable');
  expect(reasonOf(await world.request(world.asker(), 'GET /info'))).toBe('ok');
});

test('credentials that tell of no sign-in cannot step up', async () => {
  const world = new World();
  const nobody = { ...world.asker(), session: undefined as never };

  expect(reasonOf(await world.request(nobody, 'GET /statements'))).toBe('step_up_impossible');
  expect(reasonOf(await world.request(nobody, 'GET /info'))).toBe('ok');
});

describe('the setting table', () => {
  test('STEP-03 DENY wins over a completed step-up, and its end lets the step-up count again', async () => {
    const world = new World();
    await stepUp(world);
    world.set('GET /statements', 'STEP_UP_DENY');
    expect(await world.request(world.asker(), 'GET /statements')).toEqual({
      ok: false,
      failure: 'forbidden',
      reason: 'operation_denied',
    });
    world.set('GET /statements', 'STEP_UP_REQUIRED');
    world.now += 5_000;
    expect(reasonOf(await world.request(world.asker(), 'GET /statements'))).toBe('ok');
  });

  test('only tightens: NOT_REQUIRED does not undo the document, REQUIRED demands where it does not', async () => {
    const world = new World();
    world.set('GET /statements', 'STEP_UP_NOT_REQUIRED');
    world.set('GET /info', 'STEP_UP_REQUIRED');

    expect(reasonOf(await world.request(world.asker(), 'GET /statements'))).toBe('step_up_required');
    expect(reasonOf(await world.request(world.asker(), 'GET /info'))).toBe('step_up_required');
    await stepUp(world);
    expect(reasonOf(await world.request(world.asker(), 'GET /info'))).toBe('ok');
  });

  test('a change is in force after five seconds at most, and a row is read no more often', async () => {
    const world = new World();
    await world.request(world.asker(), 'GET /info');
    world.set('GET /info', 'STEP_UP_DENY');
    world.now += 4_999;
    expect(reasonOf(await world.request(world.asker(), 'GET /info'))).toBe('ok');
    expect(world.tables.calls).toEqual(['GetItem settings']);
    world.now += 1;
    expect(reasonOf(await world.request(world.asker(), 'GET /info'))).toBe('operation_denied');
  });

  test('STEP-01 a row that makes no sense shuts the operation', async () => {
    const world = new World();
    world.set('GET /info', 'NONSENSE');
    expect(reasonOf(await world.request(world.asker(), 'GET /info'))).toBe('step_up_unavailable');
    world.set('GET /info', 'STEP_UP_NOT_REQUIRED');
    world.now += 1_000;
    expect(reasonOf(await world.request(world.asker(), 'GET /info'))).toBe('ok');
  });

  test('STEP-01 while it cannot be read: DENY stays, REQUIRED stays for a minute, everything else shuts', async () => {
    const world = new World();
    world.set('GET /info', 'STEP_UP_DENY');
    await stepUp(world);
    for (const [operation, first] of [
      ['GET /info', 'operation_denied'],
      ['GET /statements', 'ok'],
    ] as const)
      expect(reasonOf(await world.request(world.asker(), operation))).toBe(first);
    // what cannot be understood is what cannot be read
    world.set('GET /info', 'NONSENSE');
    world.set('GET /statements', 'NONSENSE');
    world.now += 6_000;
    expect(reasonOf(await world.request(world.asker(), 'GET /info'))).toBe('operation_denied');
    expect(reasonOf(await world.request(world.asker(), 'GET /statements'))).toBe('ok');
    expect(reasonOf(await world.request(world.asker('session-two-000000'), 'GET /statements'))).toBe(
      'step_up_required',
    );
    world.now += 60_000;
    expect(reasonOf(await world.request(world.asker(), 'GET /info'))).toBe('operation_denied');
    expect(reasonOf(await world.request(world.asker(), 'GET /statements'))).toBe('step_up_unavailable');
  });

  test('STEP-01 an operation without a demand is shut as well: what cannot be read may be its DENY', async () => {
    const world = new World();
    expect(reasonOf(await world.request(world.asker(), 'GET /info'))).toBe('ok');
    world.set('GET /info', 'NONSENSE');
    world.now += 6_000;
    expect(reasonOf(await world.request(world.asker(), 'GET /info'))).toBe('step_up_unavailable');
  });
});

describe('a step-up', () => {
  test('STEP-02 is over at its ttl, although its row is still there', async () => {
    const world = new World();
    const asker = world.asker('session-one-000000', { endsAt: world.seconds(100) });
    await stepUp(world, asker);
    world.now += 99_000;
    expect(reasonOf(await world.request(asker, 'GET /statements'))).toBe('ok');
    world.now += 1_000;
    expect(world.tables.items.has('sessions session-one-000000')).toBe(true);
    expect(reasonOf(await world.request(asker, 'GET /statements'))).toBe('step_up_required');
  });

  test('is kept no longer than the item ttl, and too old for an operation after its maxAge', async () => {
    const world = new World({
      ...new World().ports.policy,
      operations: {
        'GET /statements': { acr: 'loa:2', maxAge: 86_400, factors: ['EMAIL'], singleUse: false },
        'GET /recent': { acr: 'loa:2', maxAge: 60, factors: ['EMAIL'], singleUse: false },
      },
    });
    await stepUp(world);
    world.now += 60_000;
    expect(reasonOf(await world.request(world.asker(), 'GET /recent'))).toBe('ok');
    world.now += 1_000;
    expect(reasonOf(await world.request(world.asker(), 'GET /recent'))).toBe('step_up_required');
    world.now += 838_000;
    expect(reasonOf(await world.request(world.asker(), 'GET /statements'))).toBe('ok');
    world.now += 1_000;
    expect(reasonOf(await world.request(world.asker(), 'GET /statements'))).toBe('step_up_required');
  });

  test('is of one person, client and sign-in', async () => {
    const world = new World();
    await stepUp(world);
    const mine = world.asker();

    for (const other of [
      { ...mine, subject: 'bob' },
      { ...mine, clientId: 'other' },
      world.asker('session-two-000000'),
    ])
      expect(reasonOf(await world.request(other, 'GET /statements'))).toBe('step_up_required');
    expect(reasonOf(await world.request(mine, 'GET /statements'))).toBe('ok');
  });

  test('STEP-07 does not open what demands a higher level or another factor, nor a single use', async () => {
    const world = new World();
    await stepUp(world);

    expect(reasonOf(await world.request(world.asker(), 'POST /limits'))).toBe('step_up_required');
    expect(reasonOf(await world.request(world.asker(), 'POST /transfer', { body: BODY }))).toBe(
      'step_up_required',
    );
    expect(reasonOf(await world.request(world.asker(), 'GET /statements'))).toBe('ok');
  });

  test.each([
    ['level', { acr: 'loa:3', factors: ['EMAIL', 'SOFTWARE_TOKEN'] }],
    ['factor', { acr: 'loa:2', factors: ['SOFTWARE_TOKEN'] }],
  ] as const)('STEP-07 the %s alone keeps an operation shut', async (_, demand) => {
    const more = { maxAge: 300, singleUse: false };
    const world = new World({
      ...POLICY,
      operations: { ...POLICY.operations, 'GET /other': { ...more, ...demand } },
    });
    await stepUp(world);

    expect(reasonOf(await world.request(world.asker(), 'GET /other'))).toBe('step_up_required');
    expect(reasonOf(await world.request(world.asker(), 'GET /statements'))).toBe('ok');
  });

  test('STEP-08 after a refresh of the same session it has its old times, and no other sign-in has it', async () => {
    const world = new World();
    await stepUp(world);
    world.now += 200_000;
    // a browser's session keeps its id, and is told a later end of its token
    const refreshed = world.asker('session-one-000000', {
      endsAt: world.seconds(7200),
      authTime: world.seconds(-260),
    });
    expect(reasonOf(await world.request(refreshed, 'GET /statements'))).toBe('ok');
    // a refreshed token has a new id
    expect(reasonOf(await world.request(world.asker('session-new-000000'), 'GET /statements'))).toBe(
      'step_up_required',
    );
    world.now += 101_000;
    expect(reasonOf(await world.request(refreshed, 'GET /statements'))).toBe('step_up_required');
  });

  test('a sign-in at the provider is proof where the operation takes it: level and time of the token', async () => {
    const world = new World();
    const by = (acr: string, age: number): ReturnType<World['asker']> =>
      world.asker('session-one-000000', { acr, authTime: world.seconds(-age) });

    expect(reasonOf(await world.request(by('loa:2', 300), 'GET /statements'))).toBe('ok');
    expect(reasonOf(await world.request(by('loa:3', 10), 'GET /statements'))).toBe('ok');
    expect(reasonOf(await world.request(by('loa:2', 301), 'GET /statements'))).toBe('step_up_required');
    expect(reasonOf(await world.request(by('loa:1', 10), 'GET /statements'))).toBe('step_up_required');
    expect(reasonOf(await world.request(by('loa:9', 10), 'GET /statements'))).toBe('step_up_required');
    expect(reasonOf(await world.request(by('loa:2', -60), 'GET /statements'))).toBe('step_up_required');
    // not where only an app will do, and not for a single use
    expect(reasonOf(await world.request(by('loa:3', 10), 'POST /limits'))).toBe('step_up_required');
    expect(reasonOf(await world.request(by('loa:3', 10), 'POST /transfer', { body: BODY }))).toBe(
      'step_up_required',
    );
  });
});

describe('a single use', () => {
  test('STEP-07 opens its method, path and body, once, and tells the wrapper the digest', async () => {
    const world = new World();
    await stepUp(world, world.asker(), TRANSFER);

    for (const body of [`${BODY} `, '']) {
      expect(reasonOf(await world.request(world.asker(), 'POST /transfer', { body }))).toBe(
        'step_up_required',
      );
    }
    expect(
      reasonOf(await world.request(world.asker(), 'POST /transfer', { body: BODY, path: '/transfer/' })),
    ).toBe('step_up_required');
    expect(await world.request(world.asker(), 'POST /transfer', { body: BODY })).toMatchObject({
      ok: true,
      context: { contentDigest: digestOf(BODY).slice(9, -1) },
    });
    expect(reasonOf(await world.request(world.asker(), 'POST /transfer', { body: BODY }))).toBe(
      'step_up_required',
    );
  });

  test('STEP-07 of many requests at once exactly one gets through', async () => {
    const world = new World();
    await stepUp(world, world.asker(), TRANSFER);
    const all = await Promise.all(
      Array.from({ length: 20 }, () => world.request(world.asker(), 'POST /transfer', { body: BODY })),
    );

    expect(all.filter(({ ok }) => ok)).toHaveLength(1);
  });

  test('STEP-07 is bound to the path as it is sent, not to the template', async () => {
    const world = new World();
    const wanted = { method: 'POST', path: '/accounts/1/close', contentDigest: digestOf(BODY) };
    await stepUp(world, world.asker(), wanted);
    const close = (path: string): ReturnType<World['request']> =>
      world.request(world.asker(), 'POST /accounts/{id}/close', { path, body: BODY });

    expect(reasonOf(await close('/accounts/2/close'))).toBe('step_up_required');
    expect(reasonOf(await close('/accounts/1/close'))).toBe('ok');
  });

  test('without one digest there is nothing to bind to', async () => {
    const world = new World();
    await stepUp(world, world.asker(), TRANSFER);
    const digest = digestOf(BODY);

    for (const values of [
      [],
      [digest, digest],
      [`${digest}, ${digest}`],
      ['sha-512=:AAAA:'],
      ['sha-256=AAAA'],
    ])
      expect(reasonOf(await world.request(world.asker(), 'POST /transfer', { digest: values }))).toBe(
        'digest_missing',
      );
    expect(
      reasonOf(
        await world.request(world.asker(), 'POST /transfer', { digest: [`sha-512=:AAAA:, ${digest}`] }),
      ),
    ).toBe('ok');
  });

  test('it is no general step-up', async () => {
    const world = new World();
    await stepUp(world, world.asker(), TRANSFER);
    expect(reasonOf(await world.request(world.asker(), 'GET /statements'))).toBe('step_up_required');
    await stepUp(world);
    expect(reasonOf(await world.request(world.asker(), 'GET /statements'))).toBe('ok');
  });
});

test.each([
  ['sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:', 'RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o='],
  ['sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4p=:', undefined],
  ['sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o:', undefined],
  ['SHA-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:', undefined],
  ['', undefined],
])('Content-Digest %j', (value, digest) => {
  expect(announcedDigest([value])).toBe(digest);
});
