/** Removing the app, and how what changes factors is stepped up for: the core over the real adapters. */
import { contactHints } from '../../lambdas/step-up/core/contact-hints';
import { beginTotp, confirmTotp, listed, prefer } from '../../lambdas/step-up/core/enrolment';
import { removeTotp } from '../../lambdas/step-up/core/removal';
import { type Asker, initiate, respond } from '../../lambdas/step-up/core/step-up';
import { POLICY, withApp, World } from './world';

const REMOVAL = { method: 'DELETE', path: '/factors/totp' };
const PREFERENCE = { method: 'PUT', path: '/factors/preferred' };
const NEEDS_APP = { ok: false, status: 401, acr: 'loa:3', maxAge: 300 };

/** Steps up for a change of factors. @returns the factor that was asked for */
async function stepUp(world: World, asker: Asker, wanted: object, code: () => string): Promise<string> {
  const challenge = await initiate(asker, wanted as typeof REMOVAL, world.ports);
  if (!('challengeId' in challenge)) throw new Error(JSON.stringify(challenge));
  const answered = await respond(asker, { challengeId: challenge.challengeId, answer: code() }, world.ports);
  if (!answered.ok) throw new Error('refused');
  return challenge.code;
}

test('STEP-05 a stolen token removes nothing: the app takes a step-up with itself, not one by mail', async () => {
  const world = new World();
  const { asker, codeAt } = await withApp(world);
  const row = world.tables.items.get('factors ada');

  expect(await removeTotp(asker, world.ports)).toEqual(NEEDS_APP);
  await stepUp(world, asker, { method: 'GET', path: '/info' }, () => codeAt(0));
  const thief = world.asker('session-thief-0000', { authTime: world.seconds() });
  world.events.length = 0;
  expect(await removeTotp(thief, world.ports)).toEqual(NEEDS_APP);
  await prefer(asker, 'EMAIL', world.ports);
  // a proof by mail opens operations, and is too weak for this
  await stepUp(world, thief, { method: 'GET', path: '/info' }, () => world.sent.at(-1)!.code);
  expect(await removeTotp(thief, world.ports)).toEqual(NEEDS_APP);
  expect(world.events.map(({ outcome }) => outcome)).not.toContain('removed');
  expect(world.tables.items.get('factors ada')).toMatchObject({ secret: row?.['secret'] });

  expect(await removeTotp(asker, world.ports)).toEqual({ ok: true });
  expect(world.events.at(-1)).toEqual({
    outcome: 'removed',
    subject: 'ada',
    clientId: 'web',
    factor: 'SOFTWARE_TOKEN',
  });
});

test('STEP-05 nothing of a removed app stays: not its secret, a pending one, or the preference; the count of guesses does', async () => {
  const world = new World();
  const { asker, codeAt } = await withApp(world);
  const wanted = { method: 'POST', path: '/limits' };
  await stepUp(world, asker, wanted, () => codeAt(0));
  await prefer(asker, 'SOFTWARE_TOKEN', world.ports);
  const pending = await beginTotp(asker, world.ports);
  const challenge = await initiate(asker, wanted, world.ports);
  await confirmTotp(asker, '000000', world.ports);
  expect(pending.ok).toBe(true);
  expect(await removeTotp(asker, world.ports)).toEqual({ ok: true });

  const { failures, ...left } = world.tables.items.get('factors ada') ?? {};
  expect(failures).toEqual({ N: '1' });
  expect(Object.keys(left).sort()).toEqual(['attemptAt', 'subject']);
  expect(await listed(asker, world.ports)).toMatchObject({ factors: [{ factor: 'EMAIL', usable: true }] });
  // an open challenge for it opens nothing any more
  const id = 'challengeId' in challenge ? challenge.challengeId : '';
  expect(await respond(asker, { challengeId: id, answer: codeAt(1) }, world.ports)).toMatchObject({
    ok: false,
  });
  // the step-up by the app is none for what is left: that takes one by mail
  expect(await removeTotp(asker, world.ports)).toMatchObject({ ok: false, acr: 'loa:2' });
});

test('there is nothing to remove of who has no app, nor of who has just got another', async () => {
  const world = new World();
  const asker = world.asker();
  await stepUp(world, asker, REMOVAL, () => world.sent.at(-1)!.code);

  expect(await removeTotp(asker, world.ports)).toBe('unknown');
  expect(await world.ports.factors.removeApp('ada', 'another')).toBe(false);
});

test('a preference for another factor stays', async () => {
  const world = new World();
  const { asker, codeAt } = await withApp(world);
  await stepUp(world, asker, REMOVAL, () => codeAt(0));
  await prefer(asker, 'EMAIL', world.ports);
  await removeTotp(asker, world.ports);

  expect((await listed(asker, world.ports)).preferred).toBe('EMAIL');
});

describe('a challenge for what changes factors', () => {
  test('asks for the strongest factor, whatever is preferred, so that it suffices', async () => {
    const world = new World();
    const { asker, codeAt } = await withApp(world);
    expect(await stepUp(world, asker, PREFERENCE, () => codeAt(0))).toBe('SOFTWARE_TOKEN_STEP_UP');
    expect(await prefer(asker, 'EMAIL', world.ports)).toEqual({ ok: true });
    const later = world.asker('session-three-0000', { authTime: world.seconds() });
    expect(await stepUp(world, later, PREFERENCE, () => codeAt(1))).toBe('SOFTWARE_TOKEN_STEP_UP');
    expect(await prefer(later, 'SOFTWARE_TOKEN', world.ports)).toEqual({ ok: true });
    await prefer(later, 'EMAIL', world.ports);
    // elsewhere the preferred one goes first
    expect(await initiate(later, { method: 'GET', path: '/info' }, world.ports)).toMatchObject({
      code: 'EMAIL_STEP_UP',
    });
  });

  test('says that there is none where the app is of a later sign-in, though a mail could be sent', async () => {
    const world = new World();
    await withApp(world);
    const before = world.asker('session-enrols-000', { authTime: world.seconds(-61) });

    expect(await initiate(before, REMOVAL, world.ports)).toEqual({
      ok: true,
      code: 'MAYBE_SOFTWARE_TOKEN_STEP_UP',
    });
  });
});

describe('what a challenge tells', () => {
  const told = async (path: string): Promise<object> =>
    initiate(new World().asker(), { method: 'GET', path }, new World().ports);

  test('where the code went, and whether a sign-in would do', async () => {
    expect(await told('/statements')).toMatchObject({ sentTo: '…@example.com', signIn: true });
    const world = new World();
    world.contacts = {};
    expect(await initiate(world.asker(), { method: 'GET', path: '/statements' }, world.ports)).toEqual({
      ok: true,
      code: 'MAYBE_SOFTWARE_TOKEN_STEP_UP',
      signIn: true,
    });
  });

  test('no sign-in where the operation does not take one, or changes factors', async () => {
    const world = new World();
    const { asker } = await withApp(world);
    for (const wanted of [{ method: 'POST', path: '/limits' }, PREFERENCE]) {
      const challenge = await initiate(asker, wanted, world.ports);
      expect(challenge).toMatchObject({ code: 'SOFTWARE_TOKEN_STEP_UP' });
      expect(Object.keys(challenge).sort()).toEqual(['challengeId', 'code', 'expiresAt', 'ok']);
    }
  });
});

test('AUTHZ-05 of addresses and numbers only as much is told as their owner needs to know them again', async () => {
  const unverified = { phone: '+15550100', email: 'anne@b@example.com' };
  expect(contactHints({ email: 'anne@example.com', phone: '+4915112345678', unverified })).toEqual([
    { factor: 'SMS', to: '…78', verified: true },
    { factor: 'EMAIL', to: 'a…@example.com', verified: true },
    { factor: 'SMS', to: '…00', verified: false },
    { factor: 'EMAIL', to: 'a…@example.com', verified: false },
  ]);
  expect(contactHints({ email: 'a@example.com', phone: '12345' }).map(({ to }) => to)).toEqual([
    '…',
    '…@example.com',
  ]);
  expect(contactHints({ email: 'none' })).toEqual([{ factor: 'EMAIL', to: '…', verified: true }]);
  expect(contactHints({})).toEqual([]);
  const world = new World();
  world.contacts = { ...world.contacts, unverified: { phone: '+15550100' } };
  // what is not verified is shown, and is no factor
  expect(await listed(world.asker(), world.ports)).toEqual({
    passkeys: [],
    factors: [{ factor: 'EMAIL', usable: true }],
    contacts: [
      { factor: 'EMAIL', to: '…@example.com', verified: true },
      { factor: 'SMS', to: '…00', verified: false },
    ],
  });
  expect(POLICY.grants.SMS).toBeDefined();
});
