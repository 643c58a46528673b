/** Start, use, refresh and end of sessions. */
import type { GrantResult } from '../../lambdas/cookie-auth/core/grant';
import { ADA, givenRing, givenWorld, grant, NOW, type World } from './sample';

async function reasonFor(world: World, cookie: string): Promise<string> {
  const verdict = await world.sessions.resolve(cookie);
  return verdict.ok ? 'ok' : verdict.reason;
}

describe('a session', () => {
  test('is found by its cookie, with what was granted, and its row says nothing without it', async () => {
    const world = givenWorld();
    const { cookie, maxAge } = await world.sessions.start(grant());
    const verdict = await world.sessions.resolve(cookie);

    expect(maxAge).toBe(3600);
    expect(verdict).toMatchObject({ ok: true, session: { content: { identity: ADA } } });
    expect(JSON.stringify([...world.store.rows.values()])).not.toMatch(/admins|widgets|client-1/);
    expect(cookie.length).toBeLessThan(400);
  });

  test('COOKIE-06 opens for no other row, key, environment or cookie, cut or flipped anywhere', async () => {
    const [world, other] = [givenWorld(), givenWorld()];
    const { cookie } = await world.sessions.start(grant());
    const { cookie: another } = await world.sessions.start({
      ...grant(),
      identity: { ...ADA, subject: 'eve' },
    });
    other.ring = givenRing('k1', 'k2');

    for (let at = 0; at < cookie.length; at += 1) {
      const bit = String.fromCharCode(cookie.charCodeAt(at) ^ 1);
      expect(await reasonFor(world, cookie.slice(0, at) + bit + cookie.slice(at + 1))).toBe(
        'session_invalid',
      );
      expect(await reasonFor(world, cookie.slice(0, at))).toBe('session_invalid');
    }
    // rows exchanged in the table open with nobody's cookie
    const [one, two] = [...world.store.rows.values()];
    world.store.rows.set(one!.id, { ...two!, id: one!.id });
    expect(await reasonFor(world, cookie)).toBe('session_invalid');
    expect(await reasonFor(world, another)).toBe('ok');
    // the same key in another environment: no row, and with the row, no key
    expect(await reasonFor(other, another)).toBe('session_ended');
    world.ring = givenRing('k3');
    expect(await reasonFor(world, another)).toBe('session_invalid');
  });

  test('COOKIE-06 survives the rotation of keys, until its key is withdrawn', async () => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start(grant());
    world.ring = givenRing('k2', 'k1');
    const { cookie: newer } = await world.sessions.start(grant());

    expect([cookie.slice(0, 3), newer.slice(0, 3)]).toEqual(['k1.', 'k2.']);
    expect([await reasonFor(world, cookie), await reasonFor(world, newer)]).toEqual(['ok', 'ok']);
    world.ring = givenRing('k2');
    expect([await reasonFor(world, cookie), await reasonFor(world, newer)]).toEqual([
      'session_invalid',
      'ok',
    ]);
  });

  test('ends when its time is over although its row is still there, and when nobody uses it', async () => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start(grant(10 * 3600_000));
    const { cookie: idle } = await world.sessions.start(grant(10 * 3600_000));
    for (let minute = 0; minute < 55; minute += 5) {
      world.now += 5 * 60_000;
      expect(await reasonFor(world, cookie)).toBe('ok');
    }
    expect(await reasonFor(world, idle)).toBe('session_expired');
    const rows = [...world.store.rows.values()];
    expect(Math.max(...rows.map(({ expiresAt }) => expiresAt))).toBe(NOW / 1000 + 3600);
    // the cookie says it too, so that no row can say otherwise
    for (const row of rows) world.store.rows.set(row.id, { ...row, expiresAt: NOW });
    expect(await reasonFor(world, cookie)).toBe('ok');
    world.now += 5 * 60_000;
    expect(await reasonFor(world, cookie)).toBe('session_expired');
    expect(world.store.rows.size).toBe(2);
  });

  test('renews its idle time by few writes, and does without when they fail', async () => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start(grant());
    for (let request = 0; request < 100; request += 1) {
      world.now += 1000;
      await world.sessions.resolve(cookie);
    }
    expect(world.store.touches).toBe(1);
    world.store.touch = async () => Promise.reject(new Error('throttled'));
    world.now += 120_000;
    expect(await reasonFor(world, cookie)).toBe('ok');
  });

  test('says who it is and when it would end, after a write, without one, and when the write failed', async () => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start(grant());
    const idleFrom = async (): Promise<unknown> => {
      const verdict = await world.sessions.resolve(cookie);
      expect(verdict).toMatchObject({ ok: true, session: { content: { identity: ADA } } });
      return verdict.ok ? verdict.session.idleExpiresAt - NOW / 1000 : verdict;
    };

    world.now += 59_000;
    expect([await idleFrom(), world.store.touches]).toEqual([600, 0]);
    // a tenth of the idle time of ten minutes
    world.now += 1_000;
    expect([await idleFrom(), world.store.touches]).toEqual([660, 1]);
    world.store.touch = async () => Promise.reject(new Error('throttled'));
    world.now += 100_000;
    expect(await idleFrom()).toBe(660);
  });

  test('is over the very second it ends, idle or not', async () => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start(grant(10 * 3600_000));
    world.now += 599_999;
    // looked at without being used, so that the idle time stays where it is
    world.store.touch = async () => Promise.reject(new Error('throttled'));
    expect(await reasonFor(world, cookie)).toBe('ok');
    world.now += 1;
    expect(await world.sessions.resolve(cookie)).toEqual({
      ok: false,
      failure: 'invalid',
      reason: 'session_expired',
    });
  });

  test('COOKIE-06 what does not look like a cookie of ours costs no look at the keys', async () => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start(grant());
    const { ring } = world;
    Object.defineProperty(world, 'ring', {
      get: () => {
        throw new Error('the key ring was asked for');
      },
    });

    for (const junk of ['', 'junk', 'k1.', '.x', 'k1.a.b', `${cookie}=`, 'k_1.x', `${'k'.repeat(33)}.x`]) {
      expect(await reasonFor(world, junk)).toBe('session_invalid');
    }
    Object.defineProperty(world, 'ring', { value: ring });
    expect(await reasonFor(world, cookie)).toBe('ok');
  });
});

describe('refreshing', () => {
  test.each([
    ['still good for half a minute', 30_000],
    ['over', -1000],
  ])(
    'SESSION-01 of twenty requests at once, with a token that is %s, one refreshes and all succeed',
    async (_, left) => {
      const world = givenWorld();
      const { cookie } = await world.sessions.start(grant(left));
      const verdicts = await Promise.all(
        Array.from({ length: 20 }, async () => world.sessions.resolve(cookie)),
      );

      expect(verdicts.every(({ ok }) => ok)).toBe(true);
      expect(world.refreshed).toEqual(['r1']);
    },
  );

  test('SESSION-02 the newest refresh token is the one that is used next', async () => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start(grant(1000));
    for (let round = 0; round < 3; round += 1) {
      await world.sessions.resolve(cookie);
      world.now += 299_000;
    }
    expect(world.refreshed).toEqual(['r1', 'r2', 'r3']);
  });

  test('keeps the session’s end where it was', async () => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start(grant(1000));
    await world.sessions.resolve(cookie);
    const verdict = await world.sessions.resolve(cookie);

    expect(verdict.ok && verdict.session.content.endsAt).toBe(world.now / 1000 + 3600);
  });

  test.each(['refused', 'unverified'] as const)('SESSION-01 that is %s ends the session', async (failure) => {
    const world = givenWorld();
    world.answer = async (): Promise<GrantResult> => ({ ok: false, failure });
    const { cookie } = await world.sessions.start(grant(30_000));

    expect(await reasonFor(world, cookie)).toBe('session_ended');
    expect(world.store.rows.size).toBe(0);
  });

  test.each(['slow', 'unavailable', 'misconfigured'] as const)(
    'AUTHZ-04 that is %s leaves a good token in use, denies without one, and is tried again',
    async (failure) => {
      const world = givenWorld();
      const well = world.answer;
      world.answer = async (): Promise<GrantResult> => ({ ok: false, failure });
      const [{ cookie: good }, { cookie: over }] = [
        await world.sessions.start(grant(30_000)),
        await world.sessions.start(grant(-1)),
      ];

      const { cookie: ending } = await world.sessions.start(grant(0));

      expect(await reasonFor(world, good)).toBe('ok');
      for (const cookie of [over, ending]) {
        expect(await world.sessions.resolve(cookie)).toEqual({
          ok: false,
          failure: 'unavailable',
          reason: 'session_unavailable',
        });
      }
      world.answer = well;
      expect(await reasonFor(world, over)).toBe('ok');
    },
  );

  test('gives up waiting for somebody who never finishes, in bounded time', async () => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start(grant(-1));
    const [id] = [...world.store.rows.keys()];
    await world.store.lease(id!, 1, { now: world.now, until: world.now + 60_000 });
    const started = world.now;

    expect(await world.sessions.resolve(cookie)).toEqual({
      ok: false,
      failure: 'unavailable',
      reason: 'session_unavailable',
    });
    expect(world.now - started).toBe(5_000);
    expect(world.refreshed).toEqual([]);
  });

  test.each([
    [60_001, 0],
    [60_000, 1],
  ])('goes out from a minute before the end on: with %i ms left, %i refreshes', async (left, refreshes) => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start(grant(left));

    expect(await reasonFor(world, cookie)).toBe('ok');
    expect(world.refreshed).toHaveLength(refreshes);
  });

  test.each([
    [1, 'ok', 0],
    [0, 'session_unavailable', 5_000],
  ])('by somebody else: a token with %i ms left is %s after %i ms', async (left, reason, waited) => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start(grant(left));
    const [id] = [...world.store.rows.keys()];
    await world.store.lease(id!, 1, { now: world.now, until: world.now + 60_000 });

    expect(await reasonFor(world, cookie)).toBe(reason);
    expect(world.now - NOW).toBe(waited);
  });

  test('by somebody else who ends the session: the one who waits is told', async () => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start(grant(-1));
    const [id] = [...world.store.rows.keys()];
    await world.store.lease(id!, 1, { now: world.now, until: world.now + 60_000 });
    const read = world.store.read.bind(world.store);
    world.store.read = async (asked) => {
      const row = await read(asked);
      await world.store.remove(asked);
      return row;
    };

    expect(await reasonFor(world, cookie)).toBe('session_ended');
  });

  test('a lease that its holder died with is taken over', async () => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start(grant(-1));
    const [id] = [...world.store.rows.keys()];
    await world.store.lease(id!, 1, { now: world.now, until: world.now + 2_000 });

    expect(await reasonFor(world, cookie)).toBe('ok');
    expect(world.refreshed).toEqual(['r1']);
  });

  test('a session without a refresh token lives as long as its access token', async () => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start({ identity: ADA, accessExpiresAt: world.now + 5000 });

    expect(await reasonFor(world, cookie)).toBe('ok');
    world.now += 5000;
    expect(await reasonFor(world, cookie)).toBe('session_expired');
  });
});

describe('signing out', () => {
  test('SESSION-03 removes the row and revokes; of another session nothing is touched', async () => {
    const world = givenWorld();
    const [{ cookie }, { cookie: other }] = [
      await world.sessions.start(grant()),
      await world.sessions.start(grant()),
    ];
    await world.sessions.end(cookie);
    await world.sessions.end('k1.nonsense');

    expect(world.revoked).toMatchObject([{ refreshToken: 'r1' }]);
    expect(await reasonFor(world, cookie)).toBe('session_ended');
    expect(await reasonFor(world, other)).toBe('ok');
  });

  test('SESSION-03 a cookie whose row is gone, or is not its own, ends nothing', async () => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start(grant());
    const { cookie: other } = await world.sessions.start(grant());
    const [mine, theirs] = [...world.store.rows.values()];
    world.store.rows.set(mine!.id, { ...theirs!, id: mine!.id });
    await world.sessions.end(cookie);
    expect(world.store.rows.size).toBe(2);
    world.store.rows.delete(mine!.id);
    await world.sessions.end(cookie);
    expect(world.revoked).toEqual([]);

    await world.sessions.end(other);
    expect(world.revoked).toHaveLength(1);
    expect(world.store.rows.size).toBe(0);
  });

  test('SESSION-03 during a refresh: what was granted meanwhile is revoked too', async () => {
    const world = givenWorld();
    const { cookie } = await world.sessions.start(grant(1000));
    const well = world.answer;
    world.answer = async (given) => {
      await world.sessions.end(cookie);
      return well(given);
    };

    expect(await reasonFor(world, cookie)).toBe('session_ended');
    expect(world.revoked.map(({ refreshToken }) => refreshToken)).toEqual(['r1', 'r2']);
    expect(world.store.rows.size).toBe(0);
  });
});
