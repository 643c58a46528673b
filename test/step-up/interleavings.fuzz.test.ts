/** Any interleaving of two people, two sign-ins each, their codes and passkeys, answers, retries, refreshes, time and DENY. */
import { ok, strictEqual } from 'node:assert';

import fc from 'fast-check';

import { type Asker, initiate, respond } from '../../lambdas/step-up/core/step-up';
import type { OwnFactor, SettingState, StepUpPolicy } from '../../lambdas/step-up/contract';
import type { Assertion } from '../../lambdas/step-up/core/passkey';
import { Authenticator } from './authenticator';
import { BODY, digestOf, POLICY, World } from './world';

const OPERATIONS = Object.keys(POLICY.operations).filter((name) => !name.includes('{'));
const OTHER_BODY = '{"amountCents":2}';

type Step =
  | { kind: 'initiate'; who: number; operation: string; body: string; passkey: boolean }
  | { kind: 'respond'; who: number; challenge: number; guess: number; right: boolean }
  | { kind: 'flow'; who: number; operation: string; body: string; passkey: boolean }
  | { kind: 'request'; who: number; operation: string; body: string }
  | { kind: 'race'; who: number; body: string }
  | { kind: 'wait'; seconds: number }
  | { kind: 'refresh'; who: number }
  | { kind: 'set'; operation: string; state: SettingState };

const who = fc.nat({ max: 3 });
const operation = fc.constantFrom(...OPERATIONS);
const body = fc.constantFrom(BODY, OTHER_BODY);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('initiate' as const),
      who,
      operation,
      body,
      passkey: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('flow' as const), who, operation, body, passkey: fc.boolean() }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('respond' as const),
      who,
      challenge: fc.nat({ max: 5 }),
      guess: fc.nat({ max: 5 }),
      right: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('request' as const), who, operation, body }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('race' as const), who, body }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      seconds: fc.constantFrom(1, 6, 100, 290, 310, 1000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refresh' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      operation,
      state: fc.constantFrom<SettingState>('STEP_UP_DENY', 'STEP_UP_REQUIRED', 'STEP_UP_NOT_REQUIRED'),
    }),
  },
);

/** What was proven, kept apart from every table: the oracle. */
interface Proven {
  readonly session: string;
  readonly subject: string;
  readonly factor: OwnFactor;
  readonly at: number;
  readonly until: number;
  /** Operation and body of a single use. */
  readonly single: string | undefined;
  used: boolean;
}

class Run {
  readonly world: World;
  readonly proven: Proven[] = [];
  readonly challenges: {
    id: string;
    who: number;
    session: string;
    factor: OwnFactor;
    answer: string | Assertion;
    single: string | undefined;
    until: number;
  }[] = [];
  readonly passkey = new Authenticator();
  /** When each state was set, the newest last. */
  readonly settings = new Map<string, { state: SettingState; at: number }[]>();
  readonly askers: Asker[];
  /** Requests that were opened by a proof of each factor. */
  readonly opened = { PASSKEY: 0, EMAIL: 0 };

  constructor(policy: StepUpPolicy) {
    this.world = new World(policy);
    this.askers = [0, 1, 2, 3].map((index) => this.signIn(index));
  }

  /** Gives one of the two a passkey beside the address that both have. */
  async enrol(): Promise<void> {
    const nonce = 'nonce';
    const { factors, verifier, site } = this.world.ports;
    const made = await verifier.attested(this.passkey.create(nonce), nonce, site!);
    await factors.beginPasskey('ada', { nonce, sessionId: '', until: 0, usableNow: true });
    await factors.confirmPasskey('ada', nonce, { ...made!, transports: [], usableAfter: 0, createdAt: 0 });
  }

  signIn(index: number, generation = 0): Asker {
    const id = `sign-in-${index}-${generation}-0000000`;
    return this.world.asker(id, { subject: index < 2 ? 'ada' : 'bob', endsAt: this.world.seconds(1200) });
  }

  async run(one: Step): Promise<void> {
    const { world } = this;
    switch (one.kind) {
      case 'wait':
        world.now += one.seconds * 1000;
        return;
      case 'set':
        world.set(one.operation, one.state);
        this.settings.set(one.operation, [
          ...(this.settings.get(one.operation) ?? []),
          { state: one.state, at: world.now },
        ]);
        return;
      case 'refresh': {
        // sign-ins 0 and 2 are browsers' sessions, whose id stays; 1 and 3 are tokens, whose id changes
        const old = this.askers[one.who]!;
        const generation = Number(old.session.id.split('-')[3]) + (one.who % 2);
        const refreshed = this.signIn(one.who, generation);
        const { authTime = 0 } = old.session;
        this.askers[one.who] = { ...refreshed, session: { ...refreshed.session, authTime } };
        return;
      }
      case 'initiate': {
        const asker = this.askers[one.who]!;
        const [method = '', path = ''] = one.operation.split(' ');
        const result = await initiate(
          asker,
          { method, path, contentDigest: digestOf(one.body), passkey: one.passkey },
          world.ports,
        );
        if (!result.ok || !('challengeId' in result)) return;
        this.challenges.push({
          id: result.challengeId,
          who: one.who,
          session: asker.session.id,
          factor: result.publicKey === undefined ? 'EMAIL' : 'PASSKEY',
          answer:
            result.publicKey === undefined
              ? world.sent.at(-1)!.code
              : this.passkey.get(result.publicKey.challenge),
          single: one.operation === 'POST /transfer' ? one.body : undefined,
          until: result.expiresAt,
        });
        return;
      }
      case 'respond':
        return this.respond(one);
      case 'flow':
        await this.run({ ...one, kind: 'initiate' });
        await this.respond({ ...one, kind: 'respond', challenge: 0, guess: 0, right: true });
        return this.run({ ...one, kind: 'request' });
      case 'race': {
        const asked = { asker: this.askers[one.who]!, operation: 'POST /transfer', body: one.body };
        const all = await Promise.all([1, 2, 3].map(() => this.ask(asked)));
        const open = all.filter(Boolean).length;
        ok(open <= 1, 'more than one of a race');
        if (open === 1) this.justified(asked);
        return;
      }
      case 'request': {
        const asked = { asker: this.askers[one.who]!, operation: one.operation, body: one.body };
        if (await this.ask(asked)) this.justified(asked);
      }
    }
  }

  private async respond(one: Extract<Step, { kind: 'respond' }>): Promise<void> {
    const { world } = this;
    const challenge = this.challenges.at(-1 - one.challenge);
    const guess = one.right ? challenge : this.challenges.at(-1 - one.guess);
    if (challenge === undefined || guess === undefined) return;
    const asker = this.askers[one.who]!;
    const result = await respond(asker, { challengeId: challenge.id, answer: guess.answer }, world.ports);
    if (!result.ok) return;
    // only the right answer, of an open challenge of this very sign-in
    strictEqual(guess.answer, challenge.answer);
    strictEqual(asker.session.id, challenge.session);
    ok(challenge.until > world.now / 1000, 'an expired challenge');
    this.challenges.splice(this.challenges.indexOf(challenge), 1);
    this.proven.push({
      session: asker.session.id,
      subject: asker.subject,
      factor: challenge.factor,
      at: world.now,
      until: Math.min(asker.session.endsAt * 1000, world.now + 900_000),
      single: challenge.single,
      used: false,
    });
  }

  private async ask({
    asker,
    operation: name,
    body: content,
  }: {
    asker: Asker;
    operation: string;
    body: string;
  }): Promise<boolean> {
    return (await this.world.request(asker, name, { body: content })).ok;
  }

  /** Every Allow has a live, sufficient, unconsumed proof of this very person and sign-in, unless nothing is demanded. */
  private justified({
    asker,
    operation: name,
    body: content,
  }: {
    asker: Asker;
    operation: string;
    body: string;
  }): void {
    const { now } = this.world;
    const history = this.settings.get(name) ?? [];
    // what the cache may still hold
    const possible = history.filter(
      ({ at }, index) =>
        index === history.length - 1 || (history[index + 1]?.at ?? 0) > now - 5_000 || at > now - 5_000,
    );
    const recent = (history[0]?.at ?? Number.POSITIVE_INFINITY) > now - 5_000;
    const states = [
      ...possible.map(({ state }) => state),
      ...(recent || history.length === 0 ? ['STEP_UP_NOT_REQUIRED'] : []),
    ];
    ok(
      states.some((state) => state !== 'STEP_UP_DENY'),
      'denied, and open',
    );
    const demand =
      POLICY.operations[name] ?? (states.includes('STEP_UP_NOT_REQUIRED') ? undefined : POLICY.byDefault);
    if (demand === undefined) return;
    const proof = this.proven.find(
      ({ session, subject, factor, at, until, single, used }) =>
        session === asker.session.id &&
        subject === asker.subject &&
        now - at < (demand.maxAge + 1) * 1000 &&
        // the table keeps whole seconds
        now < until + 1000 &&
        single === (demand.singleUse ? content : undefined) &&
        !used &&
        demand.factors.includes(factor),
    );
    ok(proof !== undefined, 'allowed without a proof');
    this.opened[proof.factor === 'PASSKEY' ? 'PASSKEY' : 'EMAIL'] += 1;
    if (demand.singleUse) {
      // of two proofs for the same request one row is left
      for (const one of this.proven) {
        if (one.session === proof.session && one.single === proof.single) one.used = true;
      }
    }
  }
}

test('STEP-02 STEP-03 STEP-04 STEP-07 STEP-08 allowed implies a live, sufficient, unconsumed step-up of this subject', async () => {
  const opened = { PASSKEY: 0, EMAIL: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const run = new Run(POLICY);
      await run.enrol();
      for (const one of steps) await run.run(one);
      for (const by of ['PASSKEY', 'EMAIL'] as const) opened[by] += run.opened[by];
    }),
  );
  // the property is not vacuous
  expect(Math.min(opened.PASSKEY, opened.EMAIL)).toBeGreaterThan(0);
}, 600_000);
