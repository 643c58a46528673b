/** Passkeys: the core over the real adapters and the real verifier, answers made by an authenticator in software. */
import { TOTP } from 'otpauth';

import { passkeyVerifier } from '../../lambdas/step-up/adapters/passkey-verifier';
import {
  beginPasskey,
  beginTotp,
  confirmPasskey,
  confirmTotp,
  listed,
  prefer,
  removePasskey,
} from '../../lambdas/step-up/core/enrolment';
import {
  type Assertion,
  MOST_PASSKEYS,
  relyingPartyOf,
  type RequestOptions,
  userHandleOf,
} from '../../lambdas/step-up/core/passkey';
import { chosenFactor } from '../../lambdas/step-up/core/person';
import { type Asker, initiate, respond } from '../../lambdas/step-up/core/step-up';
import { Authenticator, ORIGIN, type Quirks, tampered, VOUCHED_FOR } from './authenticator';
import { POLICY, World } from './world';

const LIMITS = { method: 'POST', path: '/limits', passkey: true };
const KEYS = { method: 'POST', path: '/keys' };

interface Asked {
  readonly challengeId: string;
  readonly publicKey: RequestOptions;
}

async function asked(world: World, asker: Asker, wanted: object = LIMITS): Promise<Asked> {
  const result = await initiate(asker, { method: '', path: '', ...wanted }, world.ports);
  if (!('publicKey' in result)) throw new Error(JSON.stringify(result));
  return { challengeId: result.challengeId, publicKey: result.publicKey };
}

async function answered(
  world: World,
  asker: Asker,
  challengeId: string,
  answer: Assertion | string,
): Promise<number> {
  const result = await respond(asker, { challengeId, answer }, world.ports);
  return result.ok ? 200 : result.status;
}

async function enrol(world: World, asker: Asker, authenticator: Authenticator): Promise<boolean> {
  const begun = await beginPasskey(asker, world.ports);
  if (typeof begun === 'string' || !begun.ok) throw new Error('not begun');
  const attestation = authenticator.create(begun.publicKey.challenge);
  const confirmed = await confirmPasskey(asker, attestation, world.ports);
  if (confirmed === 'not_offered' || !confirmed.ok) throw new Error('not confirmed');
  return confirmed.usableNow;
}

/** Enrols a passkey and signs in again. */
async function withPasskey(
  world: World,
  { subject = 'ada', count }: { subject?: string; count?: number } = {},
): Promise<{ asker: Asker; authenticator: Authenticator }> {
  world.contacts = {};
  const authenticator = new Authenticator(count);
  await enrol(world, world.asker(`enrols-${subject}-0000000`, { subject }), authenticator);
  world.now += 1_000;
  const asker = world.asker(`later-${subject}-000000`, { subject, authTime: world.seconds() });
  return { asker, authenticator };
}

describe('stepping up', () => {
  test('an assertion over the challenge of the row steps up, at the level of an app, and opens', async () => {
    const world = new World();
    const { asker, authenticator } = await withPasskey(world);
    const { challengeId, publicKey } = await asked(world, asker);

    expect(publicKey).toEqual({
      challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      rpId: 'www.example.com',
      timeout: 300_000,
      allowCredentials: [{ type: 'public-key', id: authenticator.id, transports: ['internal'] }],
      userVerification: 'required',
    });
    const answer = authenticator.get(publicKey.challenge, { userHandle: userHandleOf('ada') });
    const done = await respond(asker, { challengeId, answer, claimed: 'PASSKEY_STEP_UP' }, world.ports);

    expect(done).toMatchObject({
      ok: true,
      elevation: { factor: 'PASSKEY', acr: 'loa:3', amr: ['pop', 'mfa'] },
    });
    expect(await world.request(asker, 'POST /keys')).toMatchObject({ ok: true });
  });

  test.each<[string, Quirks]>([
    ['another origin', { origin: 'https://www.example.com.evil.test' }],
    ['a page of another port', { origin: `${ORIGIN}:8443` }],
    ['another site’s hash', { rpId: 'evil.test' }],
    ['no verified user', { userVerified: false }],
    ['no user present', { userPresent: false }],
    ['the type of a new passkey', { type: 'webauthn.create' }],
    ['a frame of another site', { crossOrigin: true }],
    ['the handle of another person', { userHandle: userHandleOf('bob') }],
    ['another challenge', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
  ])('STEP-05 an assertion with %s is refused; its twin without is taken', async (_, quirks) => {
    const world = new World();
    const { asker, authenticator } = await withPasskey(world);
    const { challengeId, publicKey } = await asked(world, asker);

    expect(await answered(world, asker, challengeId, authenticator.get(publicKey.challenge, quirks))).toBe(
      401,
    );
    expect(await world.request(asker, 'POST /limits')).toMatchObject({ ok: false });
    expect(await answered(world, asker, challengeId, authenticator.get(publicKey.challenge))).toBe(200);
    expect(await world.request(asker, 'POST /limits')).toMatchObject({ ok: true });
  });

  test('STEP-05 a tampered signature, another key under the same id and a code are refused', async () => {
    const world = new World();
    const { asker, authenticator } = await withPasskey(world);
    const impostor = new Authenticator(undefined, authenticator.id);
    const { challengeId, publicKey } = await asked(world, asker);
    const right = authenticator.get(publicKey.challenge);

    expect([
      await answered(world, asker, challengeId, tampered(right)),
      await answered(world, asker, challengeId, impostor.get(publicKey.challenge)),
    ]).toEqual([401, 401]);
    const other = await asked(world, asker);
    expect([
      await answered(world, asker, other.challengeId, '123456'),
      await answered(world, asker, other.challengeId, authenticator.get(other.publicKey.challenge)),
    ]).toEqual([401, 200]);
  });

  test('STEP-05 a passkey of another person is refused, in that person’s own flow it is taken', async () => {
    const world = new World();
    const ada = await withPasskey(world);
    const bob = await withPasskey(world, { subject: 'bob' });
    const { challengeId, publicKey } = await asked(world, ada.asker);

    expect(await answered(world, ada.asker, challengeId, bob.authenticator.get(publicKey.challenge))).toBe(
      401,
    );
    // nor does anybody answer the challenge of another’s row
    const own = ada.authenticator.get(publicKey.challenge);
    expect(await answered(world, bob.asker, challengeId, own)).toBe(401);
    const bobs = await asked(world, bob.asker);
    expect(
      await answered(world, bob.asker, bobs.challengeId, bob.authenticator.get(bobs.publicKey.challenge)),
    ).toBe(200);
    expect(await answered(world, ada.asker, challengeId, own)).toBe(200);
  });

  test('STEP-05 a passkey that this sign-in may not use is refused, beside one that it may', async () => {
    const world = new World();
    const { asker, authenticator } = await withPasskey(world);
    const thief = new Authenticator();
    const { site, verifier, factors } = world.ports;
    const made = await verifier.attested(thief.create('nonce'), 'nonce', site!);
    await factors.beginPasskey('ada', { nonce: 'nonce', sessionId: '', until: 0, usableNow: false });
    const times = { usableAfter: world.seconds(), createdAt: world.seconds() };
    await factors.confirmPasskey('ada', 'nonce', { ...made!, transports: [], ...times });
    const { challengeId, publicKey } = await asked(world, asker);

    expect(publicKey.allowCredentials.map(({ id }) => id)).toEqual([authenticator.id]);
    expect(await answered(world, asker, challengeId, thief.get(publicKey.challenge))).toBe(401);
    expect(await answered(world, asker, challengeId, authenticator.get(publicKey.challenge))).toBe(200);
  });

  test('STEP-06 an assertion works once, for the challenge it was made for, within its time', async () => {
    const world = new World();
    // one that does not count: nothing but the challenge stands against a replay
    const { asker, authenticator } = await withPasskey(world);
    const first = await asked(world, asker);
    const second = await asked(world, asker);
    const answer = authenticator.get(first.publicKey.challenge);

    expect(await answered(world, asker, second.challengeId, answer)).toBe(401);
    expect(await answered(world, asker, first.challengeId, answer)).toBe(200);
    expect(await answered(world, asker, first.challengeId, answer)).toBe(401);

    const late = await asked(world, asker);
    world.now += 300_000;
    expect(await answered(world, asker, late.challengeId, authenticator.get(late.publicKey.challenge))).toBe(
      401,
    );
    const last = await asked(world, asker);
    world.now += 299_000;
    expect(await answered(world, asker, last.challengeId, authenticator.get(last.publicKey.challenge))).toBe(
      200,
    );
  });

  test('STEP-06 of the same assertion sent at once, one is taken', async () => {
    const world = new World();
    const { asker, authenticator } = await withPasskey(world);
    const { challengeId, publicKey } = await asked(world, asker);
    const answer = authenticator.get(publicKey.challenge);
    const all = await Promise.all([1, 2, 3].map(async () => answered(world, asker, challengeId, answer)));

    expect(all.sort()).toEqual([200, 401, 401]);
  });

  test('STEP-06 a count that stands still or goes back is that of a copy', async () => {
    const world = new World();
    const { asker, authenticator } = await withPasskey(world, { count: 5 });
    const answer = async (count?: number): Promise<number> => {
      const { challengeId, publicKey } = await asked(world, asker);
      const quirks = count === undefined ? {} : { count };
      return answered(world, asker, challengeId, authenticator.get(publicKey.challenge, quirks));
    };

    expect([await answer(), await answer(6), await answer(5), await answer(0)]).toEqual([200, 401, 401, 401]);
    expect(await answer()).toBe(200);
  });

  test('STEP-06 of two copies that answer at once with the same count, one is taken', async () => {
    const world = new World();
    const { asker, authenticator } = await withPasskey(world, { count: 5 });
    const both = [await asked(world, asker), await asked(world, asker)];
    const all = await Promise.all(
      both.map(async ({ challengeId, publicKey }) =>
        answered(world, asker, challengeId, authenticator.get(publicKey.challenge, { count: 9 })),
      ),
    );

    expect(all.sort()).toEqual([200, 401]);
  });

  test('STEP-06 wrong assertions are counted with wrong codes', async () => {
    const world = new World();
    const { asker, authenticator } = await withPasskey(world);
    const statuses: number[] = [];
    for (let at = 0; at < 5; at += 1) {
      const { challengeId, publicKey } = await asked(world, asker);
      statuses.push(
        await answered(world, asker, challengeId, tampered(authenticator.get(publicKey.challenge))),
      );
    }
    const { challengeId, publicKey } = await asked(world, asker);
    statuses.push(await answered(world, asker, challengeId, authenticator.get(publicKey.challenge)));

    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });
});

describe('the choice of the factor', () => {
  const all = ['PASSKEY', 'SOFTWARE_TOKEN', 'SMS', 'EMAIL'] as const;
  const any = { acr: 'loa:2', maxAge: 60, factors: [...all], singleUse: false };

  test.each([
    ['asked for', all, undefined, true, 'PASSKEY'],
    ['not asked for', all, undefined, false, 'SOFTWARE_TOKEN'],
    ['preferred, whatever the client says of itself', all, 'PASSKEY', false, 'PASSKEY'],
    ['asked for, another preferred', all, 'SOFTWARE_TOKEN', true, 'SOFTWARE_TOKEN'],
    ['not asked for, but all there is', ['PASSKEY'], undefined, false, 'PASSKEY'],
    ['asked for, but not enrolled', ['SMS'], undefined, true, 'SMS'],
  ] as const)(
    'STEP-05 a passkey %s: of %j, preferred %s, asked %s: %s',
    (_, usable, preferred, asks, chosen) => {
      expect(chosenFactor(usable, { preferred, asksForPasskey: asks }, any, POLICY)).toBe(chosen);
    },
  );

  test('STEP-05 where an operation takes nothing but passkeys, no word of the client leads to less', () => {
    const strict = { ...any, factors: ['PASSKEY'] as const };
    for (const preferred of [undefined, ...all])
      for (const asksForPasskey of [true, false]) {
        expect(chosenFactor(all, { preferred, asksForPasskey }, strict, POLICY)).toBe('PASSKEY');
        expect(
          chosenFactor(['SOFTWARE_TOKEN', 'SMS'], { preferred, asksForPasskey }, strict, POLICY),
        ).toBeUndefined();
      }
  });
});

describe('enrolling', () => {
  test('STEP-05 takes what an app takes: a recent sign-in of who has none, else a step-up by the strongest', async () => {
    const world = new World();
    world.contacts = {};
    const old = world.asker('session-one-000000', { authTime: world.seconds(-601) });
    expect(await beginPasskey(old, world.ports)).toEqual({ ok: false, status: 401, maxAge: 600 });
    world.contacts = { email: 'a@example.com' };
    const stranger = world.asker('session-one-000000', { authTime: world.seconds(-5) });
    expect(await beginPasskey(stranger, world.ports)).toMatchObject({ ok: false, acr: 'loa:2' });

    const { asker, authenticator } = await withPasskey(world);
    world.contacts = { email: 'a@example.com' };
    // a code by mail is no longer enough, for an app, a passkey or a preference
    const mail = await initiate(asker, { method: 'GET', path: '/statements' }, world.ports);
    if (!('challengeId' in mail)) throw new Error('no challenge');
    await answered(world, asker, mail.challengeId, world.sent.at(-1)!.code);
    expect(await world.request(asker, 'GET /statements')).toMatchObject({ ok: true });
    expect(await beginPasskey(asker, world.ports)).toMatchObject({ ok: false, acr: 'loa:3' });
    expect(await beginTotp(asker, world.ports)).toMatchObject({ ok: false, acr: 'loa:3' });
    expect(await prefer(asker, 'EMAIL', world.ports)).toMatchObject({ ok: false });
    expect(await removePasskey(asker, authenticator.id, world.ports)).toMatchObject({ ok: false });

    world.now += 1_000;
    const { challengeId, publicKey } = await asked(world, asker);
    await answered(world, asker, challengeId, authenticator.get(publicKey.challenge));
    expect(await beginTotp(asker, world.ports)).toMatchObject({ ok: true });
    expect(await prefer(asker, 'PASSKEY', world.ports)).toEqual({ ok: true });
    expect(await beginPasskey(asker, world.ports)).toMatchObject({ ok: true });
  });

  test('STEP-05 a step-up by an app does not enrol a passkey beside one, and one enrolled by an app is not for this sign-in', async () => {
    const world = new World();
    world.contacts = {};
    const first = world.asker('session-enrols-000');
    const begun = await beginTotp(first, world.ports);
    if (!begun.ok) throw new Error('not begun');
    const codeAt = (step: number): string =>
      new TOTP({ secret: begun.secret }).generate({ timestamp: world.now + step * 30_000 });
    await confirmTotp(first, codeAt(-1), world.ports);
    world.now += 1_000;
    const asker = world.asker('session-later-0000', { authTime: world.seconds() });
    const byApp = async (step: number): Promise<number> => {
      const opened = await initiate(asker, { method: 'POST', path: '/limits' }, world.ports);
      return 'challengeId' in opened ? answered(world, asker, opened.challengeId, codeAt(step)) : 0;
    };
    expect(await byApp(0)).toBe(200);

    expect(await enrol(world, asker, new Authenticator())).toBe(false);
    expect(await initiate(asker, KEYS, world.ports)).toEqual({
      ok: true,
      code: 'MAYBE_SOFTWARE_TOKEN_STEP_UP',
    });
    expect(await byApp(1)).toBe(200);
    expect(await beginPasskey(asker, world.ports)).toMatchObject({ ok: false, acr: 'loa:3' });
    const later = world.asker('session-third-0000', { authTime: world.seconds(1) });
    expect(await initiate(later, KEYS, world.ports)).toMatchObject({ code: 'PASSKEY_STEP_UP' });
  });

  test('a passkey enrolled by a step-up with another can be used at once, and an app too', async () => {
    const world = new World();
    const { asker, authenticator } = await withPasskey(world);
    const { challengeId, publicKey } = await asked(world, asker);
    await answered(world, asker, challengeId, authenticator.get(publicKey.challenge));
    const second = new Authenticator();

    expect(await enrol(world, asker, second)).toBe(true);
    const next = await asked(world, asker);
    expect(next.publicKey.allowCredentials.map(({ id }) => id).sort()).toEqual(
      [authenticator.id, second.id].sort(),
    );
    expect(await answered(world, asker, next.challengeId, second.get(next.publicKey.challenge))).toBe(200);
    const begun = await beginTotp(asker, world.ports);
    if (!begun.ok) throw new Error('not begun');
    const code = new TOTP({ secret: begun.secret }).generate({ timestamp: world.now });
    expect(await confirmTotp(asker, code, world.ports)).toEqual({ ok: true, usableNow: true });
  });

  test.each<[string, Quirks, Buffer | undefined]>([
    ['another origin', { origin: 'https://evil.test' }, undefined],
    ['another site’s hash', { rpId: 'evil.test' }, undefined],
    ['no verified user', { userVerified: false }, undefined],
    ['the type of an assertion', { type: 'webauthn.get' }, undefined],
    ['a frame of another site', { crossOrigin: true }, undefined],
    ['another challenge', { challenge: Buffer.alloc(32, 7).toString('base64url') }, undefined],
    ['a certificate that vouches for it', {}, VOUCHED_FOR],
  ])('STEP-05 a new passkey with %s is refused; its twin without is taken', async (_, quirks, statement) => {
    const world = new World();
    world.contacts = {};
    const asker = world.asker();
    const begun = await beginPasskey(asker, world.ports);
    if (typeof begun === 'string' || !begun.ok) throw new Error('not begun');
    const { challenge } = begun.publicKey;
    const authenticator = new Authenticator();
    const wrong = authenticator.create(challenge, quirks, statement);

    expect(await confirmPasskey(asker, wrong, world.ports)).toEqual({ ok: false, status: 401 });
    expect((await listed(asker, world.ports)).passkeys).toEqual([]);
    expect(await confirmPasskey(asker, authenticator.create(challenge), world.ports)).toEqual({
      ok: true,
      id: authenticator.id,
      usableNow: false,
    });
  });

  test('what a browser is told: no attestation, a verified user, and a person by a hash alone', async () => {
    const world = new World();
    world.contacts = {};
    const begun = await beginPasskey(world.asker(), world.ports);

    expect(begun).toMatchObject({
      publicKey: {
        rp: { id: 'www.example.com', name: 'Sallyport' },
        user: { id: userHandleOf('ada') },
        attestation: 'none',
        authenticatorSelection: { userVerification: 'required' },
        excludeCredentials: [],
      },
    });
    expect(userHandleOf('ada')).not.toBe(userHandleOf('bob'));
  });

  test('is confirmed by the sign-in that began, within ten minutes, once, and not twice the same', async () => {
    const world = new World();
    world.contacts = {};
    const asker = world.asker();
    const begun = await beginPasskey(asker, world.ports);
    if (typeof begun === 'string' || !begun.ok) throw new Error('not begun');
    const attestation = new Authenticator().create(begun.publicKey.challenge);
    const other = world.asker('session-two-000000');
    expect(await confirmPasskey(other, attestation, world.ports)).toMatchObject({ ok: false });
    world.now += 600_000;
    expect(await confirmPasskey(asker, attestation, world.ports)).toMatchObject({ ok: false });
    world.now -= 1_000;
    expect(await confirmPasskey(asker, attestation, world.ports)).toMatchObject({ ok: true });
    expect(await confirmPasskey(asker, attestation, world.ports)).toMatchObject({ ok: false });
  });

  test('at most ten; one that is removed answers no more, and makes room', async () => {
    const world = new World();
    const { asker, authenticator } = await withPasskey(world);
    const { challengeId, publicKey } = await asked(world, asker);
    await answered(world, asker, challengeId, authenticator.get(publicKey.challenge));
    const others = Array.from({ length: MOST_PASSKEYS - 1 }, () => new Authenticator());
    for (const other of others) await enrol(world, asker, other);
    const lost = others[0]!;

    expect(await beginPasskey(asker, world.ports)).toBe('too_many');
    const open = await asked(world, asker);
    expect(await removePasskey(asker, 'AAAA', world.ports)).toBe('unknown');
    expect(await removePasskey(asker, lost.id, world.ports)).toEqual({ ok: true });
    expect(await beginPasskey(asker, world.ports)).toMatchObject({ ok: true });
    // of a challenge that was open already, too
    expect(await answered(world, asker, open.challengeId, lost.get(open.publicKey.challenge))).toBe(401);
    expect(await answered(world, asker, open.challengeId, others[1]!.get(open.publicKey.challenge))).toBe(
      200,
    );
    expect(world.events.map(({ outcome }) => outcome)).toContain('removed');
  });

  test('where none are offered, nothing of it is there', async () => {
    const world = new World({ ...POLICY, grants: { SOFTWARE_TOKEN: 'loa:3' } });
    const ports = { ...world.ports, site: undefined };
    world.contacts = {};
    const asker = world.asker();

    expect(await beginPasskey(asker, ports)).toBe('not_offered');
    expect(await confirmPasskey(asker, new Authenticator().create('x'), ports)).toBe('not_offered');
    expect(await initiate(asker, LIMITS, ports)).toEqual({ ok: true, code: 'MAYBE_SOFTWARE_TOKEN_STEP_UP' });
  });
});

test('STEP-05 a row that makes no sense is no lack of a passkey: nothing is changed or opened on its account', async () => {
  const world = new World();
  const { asker } = await withPasskey(world);
  const row = world.tables.items.get('factors ada')!;
  const [id] = Object.keys(row['passkeys']!.M!);
  world.tables.put('factors', 'ada', { ...row, passkeys: { M: { [id!]: { M: {} } } } });

  await expect(beginTotp(asker, world.ports)).rejects.toThrow('a passkey is none');
});

test('AUTHZ-05 what is told of passkeys names neither key nor signature', async () => {
  const world = new World();
  const { asker, authenticator } = await withPasskey(world);
  const { challengeId, publicKey } = await asked(world, asker);
  const answer = authenticator.get(publicKey.challenge);
  await answered(world, asker, challengeId, tampered(answer));
  await answered(world, asker, challengeId, answer);
  const told = JSON.stringify(world.events);

  expect(world.events.map(({ outcome }) => outcome)).toEqual([
    'enrolled',
    'challenged',
    'refused',
    'elevated',
  ]);
  for (const secret of [publicKey.challenge, answer.response.signature, authenticator.id])
    expect(told).not.toContain(secret);
});

test('the verifier takes nothing that is no answer at all', async () => {
  const junk = { id: 'AAAA', rawId: 'AAAA', type: 'public-key' } as const;
  const site = relyingPartyOf(ORIGIN);
  const passkey = { id: 'AAAA', publicKey: '', count: 0, transports: [], usableAfter: 0, createdAt: 0 };
  for (const text of ['', 'bm8', 'e30', 'bnVsbA']) {
    const response = {
      clientDataJSON: text,
      authenticatorData: text,
      signature: text,
      attestationObject: text,
    };

    expect(await passkeyVerifier.asserted({ ...junk, response }, 'x', site, passkey)).toBeUndefined();
    expect(await passkeyVerifier.attested({ ...junk, response }, 'x', site)).toBeUndefined();
  }
});
