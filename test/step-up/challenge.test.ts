/** Challenges, answers and enrolments: the core over the real adapters. */
import { TOTP } from 'otpauth';

import { MOST_FAILURES } from '../../lambdas/step-up/core/challenge';
import { hashOf, isCodeOf, newCode } from '../../lambdas/step-up/core/code';
import { beginTotp, confirmTotp, listed, prefer } from '../../lambdas/step-up/core/enrolment';
import { chosenFactor } from '../../lambdas/step-up/core/person';
import { type Asker, initiate, respond } from '../../lambdas/step-up/core/step-up';
import { targetOf } from '../../lambdas/step-up/core/target';
import { POLICY, withApp, World } from './world';

const STATEMENTS = { method: 'GET', path: '/statements' };
const LIMITS = { method: 'POST', path: '/limits' };

async function challengeOf(world: World, asker: Asker, wanted = STATEMENTS): Promise<string> {
  const challenge = await initiate(asker, wanted, world.ports);
  if (!('challengeId' in challenge)) throw new Error(JSON.stringify(challenge));
  return challenge.challengeId;
}

function status(result: { ok: boolean; status?: number }): number {
  return result.ok ? 200 : (result.status ?? 0);
}

describe('the choice of the factor', () => {
  const all = ['SOFTWARE_TOKEN', 'SMS', 'EMAIL'] as const;
  const any = { acr: 'loa:2', maxAge: 60, factors: [...all], singleUse: false };

  test.each([
    ['the preferred one', all, 'EMAIL', 'EMAIL'],
    ['the preferred one', all, 'SMS', 'SMS'],
    ['else the app', all, undefined, 'SOFTWARE_TOKEN'],
    ['else a phone', ['SMS', 'EMAIL'], undefined, 'SMS'],
    ['else an address', ['EMAIL'], undefined, 'EMAIL'],
    ['a preferred one that is gone does not count', ['EMAIL'], 'SOFTWARE_TOKEN', 'EMAIL'],
    ['none', [], 'EMAIL', undefined],
  ] as const)('STEP-05 %s of %j, preferred %s: %s', (_, usable, preferred, chosen) => {
    expect(chosenFactor(usable, { preferred, asksForPasskey: false }, any, POLICY)).toBe(chosen);
  });

  test('STEP-05 the preferred one is passed over where the operation does not take it, or it reaches too little', () => {
    const client = { preferred: 'SMS', asksForPasskey: false } as const;
    expect(chosenFactor(all, client, { ...any, factors: ['EMAIL'] }, POLICY)).toBe('EMAIL');
    expect(chosenFactor(all, client, { ...any, acr: 'loa:3' }, POLICY)).toBe('SOFTWARE_TOKEN');
    expect(chosenFactor(['SMS'], client, { ...any, acr: 'loa:3' }, POLICY)).toBeUndefined();
  });

  test('a literal segment goes before a parameter', () => {
    const operations = { 'GET /a/{id}': null, 'GET /a/me': POLICY.byDefault, 'POST /a/{id}': null };
    const policy = { ...POLICY, operations };
    const operationOf = (path: string): unknown => {
      const target = targetOf({ method: 'GET', path }, policy);
      return typeof target === 'string' ? target : target.operation;
    };

    expect(['/a/me', '/a/7', '/a/', '/a', '/a/7/b', '/A/me'].map(operationOf)).toEqual([
      'GET /a/me',
      'GET /a/{id}',
      'unknown',
      'unknown',
      'unknown',
      'unknown',
    ]);
  });
});

describe('answering', () => {
  test('STEP-04 success is told only when the step-up is kept: a write that fails is no success', async () => {
    const world = new World();
    const asker = world.asker();
    const id = await challengeOf(world, asker);
    const { code } = world.sent[0]!;
    const broken = {
      ...world.ports,
      sessions: { ...world.ports.sessions, complete: () => Promise.reject(new Error('table')) },
    };

    await expect(respond(asker, { challengeId: id, answer: code }, broken)).rejects.toThrow('table');
    expect(await world.request(asker, 'GET /statements')).toMatchObject({ ok: false });
    // the code is used up; a new one works
    expect(status(await respond(asker, { challengeId: id, answer: code }, world.ports))).toBe(401);
    const next = await challengeOf(world, asker);
    expect(
      status(await respond(asker, { challengeId: next, answer: world.sent[1]!.code }, world.ports)),
    ).toBe(200);
  });

  test('STEP-04 a later challenge, or an earlier proof that arrives late, leaves a completed step-up as it is', async () => {
    const world = new World();
    const asker = world.asker();
    const early = await challengeOf(world, asker);
    const slow = { ...world.ports, clock: (): number => world.now - 20_000 };
    const late = await challengeOf(world, asker);
    await respond(asker, { challengeId: late, answer: world.sent[1]!.code }, world.ports);
    const kept = world.tables.items.get('sessions session-one-000000');
    await challengeOf(world, asker);
    expect(await world.request(asker, 'GET /statements')).toMatchObject({ ok: true });
    await respond(asker, { challengeId: early, answer: world.sent[0]!.code }, slow);

    expect(world.tables.items.get('sessions session-one-000000')).toEqual(kept);
  });

  test('STEP-02 a challenge ends with its sign-in, and an answer that comes too late is no guess', async () => {
    const world = new World();
    const asker = world.asker('session-short-0000', { endsAt: world.seconds(100) });
    const [first, second] = [await challengeOf(world, asker), await challengeOf(world, asker)];
    world.now += 99_000;
    expect(
      status(await respond(asker, { challengeId: first, answer: world.sent[0]!.code }, world.ports)),
    ).toBe(200);
    world.now += 1_000;
    for (let sent = 0; sent < 6; sent += 1) {
      const late = { challengeId: second, answer: world.sent[1]!.code };
      expect(status(await respond(asker, late, world.ports))).toBe(401);
      expect(world.events.at(-1)).toMatchObject({ outcome: 'refused', reason: 'challenge_expired' });
    }
    const next = world.asker('session-next-00000');
    const third = await challengeOf(world, next);
    expect(
      status(await respond(next, { challengeId: third, answer: world.sent[2]!.code }, world.ports)),
    ).toBe(200);
  });

  test('STEP-06 a code works once, for its own challenge, sign-in and person, and for five minutes', async () => {
    const world = new World();
    const asker = world.asker();
    const id = await challengeOf(world, asker);
    const answer = { challengeId: id, answer: world.sent[0]!.code };
    const others = [
      world.asker('session-two-000000'),
      { ...asker, subject: 'bob' },
      { ...asker, clientId: 'other' },
    ];
    for (const other of others) expect(status(await respond(other, answer, world.ports))).toBe(401);
    expect(status(await respond(asker, { ...answer, claimed: 'SMS_STEP_UP' }, world.ports))).toBe(401);
    expect(status(await respond(asker, answer, world.ports))).toBe(200);
    expect(status(await respond(asker, answer, world.ports))).toBe(401);

    const late = await challengeOf(world, asker);
    const second = { challengeId: late, answer: world.sent[1]!.code };
    world.now += 300_000;
    expect(status(await respond(asker, second, world.ports))).toBe(401);
    const last = await challengeOf(world, asker);
    world.now += 299_000;
    expect(
      status(await respond(asker, { challengeId: last, answer: world.sent[2]!.code }, world.ports)),
    ).toBe(200);
  });

  test('STEP-06 guesses in parallel are no more than guesses in a row', async () => {
    const world = new World();
    const asker = world.asker();
    const ids = [
      await challengeOf(world, asker),
      await challengeOf(world, asker),
      await challengeOf(world, asker),
    ];
    const wrong = ['000000', '111111', '222222', '333333'].filter(
      (code) => !world.sent.some((sent) => sent.code === code),
    );
    const answers = ids.flatMap((challengeId) => wrong.map((answer) => ({ challengeId, answer })));
    const all = await Promise.all(answers.map(async (answer) => respond(asker, answer, world.ports)));
    const looked = world.events.filter(({ reason }) => reason === 'code_wrong');

    expect(all.every(({ ok }) => !ok)).toBe(true);
    expect(looked.length).toBeLessThanOrEqual(MOST_FAILURES);
    // locked: the right code is not looked at
    const right = { challengeId: ids[2]!, answer: world.sent[2]!.code };
    expect(status(await respond(asker, right, world.ports))).toBe(429);
    expect(world.events.some(({ outcome }) => outcome === 'locked')).toBe(true);

    world.now += 1_800_000;
    const id = await challengeOf(world, asker);
    expect(status(await respond(asker, { challengeId: id, answer: world.sent[3]!.code }, world.ports))).toBe(
      200,
    );
  });

  test('STEP-06 a code of an app works once, whichever challenge it answers, and not before the last one used', async () => {
    const world = new World();
    const { asker, codeAt } = await withApp(world);
    const answer = async (step: number): Promise<number> =>
      status(
        await respond(
          asker,
          { challengeId: await challengeOf(world, asker, LIMITS), answer: codeAt(step) },
          world.ports,
        ),
      );

    expect([await answer(2), await answer(-2)]).toEqual([401, 401]);
    expect([await answer(0), await answer(0), await answer(-1), await answer(1)]).toEqual([
      200, 401, 401, 200,
    ]);
  });

  test('every step-up and refusal is told, and no code is in it', async () => {
    const world = new World();
    const asker = world.asker();
    const id = await challengeOf(world, asker);
    await respond(asker, { challengeId: id, answer: 'abcdef' }, world.ports);
    await respond(asker, { challengeId: id, answer: world.sent[0]!.code }, world.ports);

    expect(world.events.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['challenged', undefined],
      ['refused', 'code_wrong'],
      ['elevated', undefined],
    ]);
    expect(JSON.stringify(world.events)).not.toContain(world.sent[0]!.code);
    // nor is it in any row
    expect(JSON.stringify([...world.tables.items])).not.toContain(world.sent[0]!.code);
  });
});

describe('factors', () => {
  test('STEP-05 whoever has none enrols within ten minutes of a sign-in, and not later', async () => {
    const world = new World();
    world.contacts = {};
    const fresh = (age: number): Asker =>
      world.asker('session-one-000000', { authTime: world.seconds(-age) });
    const untold = { ...fresh(0), session: { id: 'session-one-000000', endsAt: world.seconds(3600) } };

    expect(await beginTotp(fresh(601), world.ports)).toEqual({ ok: false, status: 401, maxAge: 600 });
    expect(await beginTotp(untold, world.ports)).toMatchObject({ ok: false });
    expect(await beginTotp(fresh(600), world.ports)).toMatchObject({ ok: true });
  });

  test('STEP-05 where there is a factor, changing takes a step-up by the strongest of them', async () => {
    const world = new World();
    const stranger = world.asker('session-one-000000', { authTime: world.seconds(-5) });
    // an address is a factor
    expect(await beginTotp(stranger, world.ports)).toEqual({
      ok: false,
      status: 401,
      acr: 'loa:2',
      maxAge: 300,
    });
    const { asker, codeAt } = await withApp(world);
    const id = await challengeOf(world, asker, { method: 'POST', path: '/limits' });
    expect(await beginTotp(asker, world.ports)).toEqual({
      ok: false,
      status: 401,
      acr: 'loa:3',
      maxAge: 300,
    });
    expect(await prefer(asker, 'EMAIL', world.ports)).toMatchObject({ ok: false, status: 401 });
    await respond(asker, { challengeId: id, answer: codeAt(0) }, world.ports);

    expect(await prefer(asker, 'SMS', world.ports)).toBe('unknown');
    expect(await prefer(asker, 'EMAIL', world.ports)).toEqual({ ok: true });
    // a step-up by mail, weaker than the app, does not change the app
    const mail = await challengeOf(world, asker, STATEMENTS);
    world.now += 1_000;
    await respond(asker, { challengeId: mail, answer: world.sent.at(-1)!.code }, world.ports);
    expect(await beginTotp(asker, world.ports)).toMatchObject({ ok: false, acr: 'loa:3' });
  });

  test('STEP-05 an app is no factor of the sign-in that enrolled it, nor of one before', async () => {
    const world = new World();
    const { asker } = await withApp(world);
    const first = world.asker('session-enrols-000', { authTime: world.seconds(-61) });
    const refreshed = world.asker('session-refreshed0', { authTime: world.seconds(-61) });

    for (const old of [first, refreshed])
      expect(await initiate(old, LIMITS, world.ports)).toEqual({
        ok: true,
        code: 'MAYBE_SOFTWARE_TOKEN_STEP_UP',
      });
    expect((await listed(first, world.ports)).factors).toContainEqual({
      factor: 'SOFTWARE_TOKEN',
      usable: false,
    });
    expect(await initiate(asker, LIMITS, world.ports)).toMatchObject({ code: 'SOFTWARE_TOKEN_STEP_UP' });
  });

  test('an app that replaces another by a step-up with it can be used at once; the old one is over', async () => {
    const world = new World();
    const { asker, codeAt } = await withApp(world);
    const id = await challengeOf(world, asker, LIMITS);
    await respond(asker, { challengeId: id, answer: codeAt(0) }, world.ports);
    const begun = await beginTotp(asker, world.ports);
    if (!begun.ok) throw new Error('not begun');
    const fresh = new TOTP({ secret: begun.secret });

    expect(await confirmTotp(asker, fresh.generate({ timestamp: world.now }), world.ports)).toEqual({
      ok: true,
      usableNow: true,
    });
    const next = await challengeOf(world, asker, LIMITS);
    expect(status(await respond(asker, { challengeId: next, answer: codeAt(1) }, world.ports))).toBe(401);
    const answer = fresh.generate({ timestamp: world.now + 30_000 });
    expect(status(await respond(asker, { challengeId: next, answer }, world.ports))).toBe(200);
  });

  test('a secret is confirmed by the sign-in that began, within ten minutes, by a code of its own', async () => {
    const world = new World();
    world.contacts = {};
    const asker = world.asker();
    const begun = await beginTotp(asker, world.ports);
    if (!begun.ok) throw new Error('not begun');
    const code = (): string => new TOTP({ secret: begun.secret }).generate({ timestamp: world.now });

    expect(status(await confirmTotp(world.asker('session-two-000000'), code(), world.ports))).toBe(401);
    world.now += 600_000;
    expect(status(await confirmTotp(asker, code(), world.ports))).toBe(401);
    world.now -= 1_000;
    expect(status(await confirmTotp(asker, code(), world.ports))).toBe(200);
  });
});

describe('codes that are sent', () => {
  test('are six digits, drawn without favour, and kept as a salted hash', () => {
    // beyond the greatest multiple of a million that four bytes hold, another is drawn
    const draws = [Buffer.from('ffffffff', 'hex'), Buffer.from('0000002a', 'hex')];
    expect(newCode(() => draws.shift()!)).toBe('000042');
    const [one, two] = [
      hashOf('000042', () => Buffer.alloc(16, 1)),
      hashOf('000042', () => Buffer.alloc(16, 2)),
    ];

    expect(one).not.toBe(two);
    expect([
      isCodeOf(one, '000042'),
      isCodeOf(one, '000043'),
      isCodeOf(one, '42'),
      isCodeOf('', '000042'),
    ]).toEqual([true, false, false, false]);
  });
});
