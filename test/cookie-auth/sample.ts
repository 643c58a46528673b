/** Sessions with every port in memory: a store that obeys conditions, a provider that counts, a clock that is set. */
import { randomBytes } from 'node:crypto';

import type { LogoutStore } from '../../lambdas/cookie-auth/core/back-channel-logout';
import type { Grant, GrantResult, Identity } from '../../lambdas/cookie-auth/core/grant';
import type { Marks, Sought } from '../../lambdas/cookie-auth/core/marks';
import { type KeyRing, parseKeyRing } from '../../lambdas/cookie-auth/core/seal';
import type { SessionRow, SessionStore } from '../../lambdas/cookie-auth/core/session';
import { Sessions } from '../../lambdas/cookie-auth/core/sessions';

export const NOW = Date.UTC(2026, 10, 21);
export const AUDIENCE = 'https://site.test client-1';

export const ADA: Identity = {
  subject: 'ada',
  clientId: 'client-1',
  scopes: ['widgets/read'],
  groups: ['admins'],
  acr: 'level-2',
  authTime: 1_700_000_000,
};

export function givenRing(...ids: [string, ...string[]]): KeyRing {
  const keys = Object.fromEntries(ids.map((id) => [id, `${id}-${'k'.repeat(60)}`]));
  return parseKeyRing(JSON.stringify({ current: ids[0], ...keys }))!;
}

export const random = (bytes: number): Buffer => randomBytes(bytes);

export class MemoryStore implements SessionStore, LogoutStore {
  readonly rows = new Map<string, SessionRow & { leaseUntil?: number }>();
  readonly marks = new Map<string, Marks>();
  /** Until when logout tokens are taken, in epoch seconds. */
  readonly tokens = new Map<string, number>();
  touches = 0;

  async create(row: SessionRow, marks?: Marks): Promise<void> {
    this.rows.set(row.id, row);
    if (marks !== undefined) this.marks.set(row.id, marks);
  }

  async find({ by, mark }: Sought): Promise<string[]> {
    return [...this.rows.keys()].filter((id) => this.marks.get(id)?.[by] === mark);
  }

  async take(token: string, { now, until }: { now: number; until: number }): Promise<boolean> {
    if ((this.tokens.get(token) ?? 0) > now) return false;
    this.tokens.set(token, until);
    return true;
  }

  async keep(token: string, until: number): Promise<void> {
    this.tokens.set(token, until);
  }

  async read(id: string): Promise<SessionRow | undefined> {
    return this.rows.get(id);
  }

  async touch(id: string, expiresAt: number): Promise<void> {
    this.touches += 1;
    const row = this.rows.get(id);
    if (row !== undefined) this.rows.set(id, { ...row, expiresAt });
  }

  async lease(id: string, version: number, { now, until }: { now: number; until: number }): Promise<boolean> {
    const row = this.rows.get(id);
    if (row?.version !== version || (row.leaseUntil ?? 0) >= now) return false;
    this.rows.set(id, { ...row, leaseUntil: until });
    return true;
  }

  async release(id: string, version: number): Promise<void> {
    const row = this.rows.get(id);
    if (row?.version === version) this.rows.set(id, { ...row, leaseUntil: 0 });
  }

  async replace(row: SessionRow): Promise<boolean> {
    if (this.rows.get(row.id)?.version !== row.version - 1) return false;
    this.rows.set(row.id, row);
    return true;
  }

  async remove(id: string, version?: number): Promise<void> {
    if (version === undefined || this.rows.get(id)?.version === version) this.rows.delete(id);
  }
}

export interface World {
  readonly sessions: Sessions;
  readonly store: MemoryStore;
  /** Tokens that were sent to the provider to refresh, and grants that were revoked. */
  readonly refreshed: string[];
  readonly revoked: Grant[];
  now: number;
  ring: KeyRing;
  /** What the provider answers to a refresh; by default a rotated token that is good for five minutes. */
  answer: (grant: Grant) => Promise<GrantResult>;
}

export function givenWorld(): World {
  const store = new MemoryStore();
  let count = 1;
  const world: World = {
    store,
    refreshed: [],
    revoked: [],
    now: NOW,
    ring: givenRing('k1'),
    answer: async ({ identity }) => ({
      ok: true,
      grant: { identity, accessExpiresAt: world.now + 300_000, refreshToken: `r${++count}` },
    }),
    sessions: new Sessions(
      {
        store,
        ring: async () => world.ring,
        clock: () => world.now,
        random,
        refresh: async (given) => {
          world.refreshed.push(given.refreshToken ?? '');
          return world.answer(given);
        },
        revoke: async (given) => {
          world.revoked.push(given);
        },
        pause: async (milliseconds) => {
          world.now += milliseconds;
          await new Promise((resolve) => setImmediate(resolve));
        },
      },
      AUDIENCE,
      { sessionSeconds: 3600, idleSeconds: 600, marked: true },
    ),
  };
  return world;
}

/** A grant whose access token has so many milliseconds left. */
export function grant(left = 300_000, now = NOW): Grant {
  return { identity: ADA, accessExpiresAt: now + left, refreshToken: 'r1' };
}
