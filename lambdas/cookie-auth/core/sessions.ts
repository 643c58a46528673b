/** The life of sessions: started by a grant, kept alive by refreshes of which one goes out at a time, ended for good. */
import type { Clock } from '../../_kernel/clock';
import type { Grant, GrantResult } from './grant';
import { marksOf } from './marks';
import { keyIdOf, type KeyRing, type Random } from './seal';
import {
  expiryOf,
  isWorthTouching,
  type Lifetimes,
  newTicket,
  openContent,
  openTicket,
  sealContent,
  sealTicket,
  type SessionContent,
  type SessionRow,
  type SessionStore,
  type Ticket,
} from './session';

type SessionReason = 'session_invalid' | 'session_expired' | 'session_ended';

interface LiveSession {
  /** Id of its row; the same from sign-in to the end, whatever is refreshed. */
  readonly id: string;
  readonly content: SessionContent;
  /** Epoch seconds. */
  readonly idleExpiresAt: number;
}

export type SessionVerdict =
  | { readonly ok: true; readonly session: LiveSession }
  | { readonly ok: false; readonly failure: 'invalid'; readonly reason: SessionReason }
  | { readonly ok: false; readonly failure: 'unavailable'; readonly reason: 'session_unavailable' };

interface SessionSettings extends Lifetimes {
  /** Whether the provider ends sessions too, so that they must be found by whose they are. */
  readonly marked: boolean;
}

interface SessionPorts {
  readonly store: SessionStore;
  /** The key ring; read again, but not too often, where it lacks a key that is asked for. */
  readonly ring: (keyId?: string) => Promise<KeyRing>;
  readonly refresh: (grant: Grant) => Promise<GrantResult>;
  /** Ends a grant at the provider; never throws. */
  readonly revoke: (grant: Grant) => Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** Milliseconds before the end of an access token at which it is refreshed. */
const REFRESH_AHEAD = 60_000;
/** Milliseconds a lease holds: longer than the function lives that took it (8 s), so nobody refreshes beside it. */
const LEASE = 10_000;
/** How long, in milliseconds, a request waits for another one's refresh, and how often it looks. */
const WAIT = 5_000;
const LOOK_EVERY = 100;

export class Sessions {
  private readonly ports: SessionPorts;
  private readonly audience: string;
  private readonly settings: SessionSettings;

  /** @param audience environment and client; cookies of another one do not open */
  constructor(ports: SessionPorts, audience: string, settings: SessionSettings) {
    this.ports = ports;
    this.audience = audience;
    this.settings = settings;
  }

  /** Starts a session. @returns the value of its cookie and the seconds it may live */
  async start(grant: Grant): Promise<{ cookie: string; maxAge: number }> {
    const { store, clock, random } = this.ports;
    const ring = await this.ports.ring();
    const now = clock();
    const ticket = newTicket(now, this.settings, random);
    const content: SessionContent = { ...grant, endsAt: ticket.endsAt };
    const { identity, providerSession } = grant;
    await store.create(
      {
        id: ticket.id,
        sealed: sealContent(ticket, content, random),
        version: 1,
        expiresAt: expiryOf(ticket.endsAt, now, this.settings),
      },
      this.settings.marked
        ? marksOf(ring, this.audience, { subject: identity.subject, providerSession })
        : undefined,
    );
    return {
      cookie: sealTicket(ring, this.audience, ticket, random),
      maxAge: this.settings.sessionSeconds,
    };
  }

  /** The session of a cookie, its access token refreshed where that is due. */
  async resolve(cookie: string): Promise<SessionVerdict> {
    const ticket = await this.ticketOf(cookie);
    if (ticket === undefined) return refused('session_invalid');
    const read = await this.read(ticket);
    if (!('content' in read)) return read;
    const verdict = await this.withFreshToken(ticket, read);
    return verdict.ok
      ? { ok: true, session: await this.used(ticket, verdict.row, verdict.content) }
      : verdict;
  }

  /** Ends the session of a cookie, here and at the provider. A cookie that opens no session has nothing to end. */
  async end(cookie: string): Promise<void> {
    const ticket = await this.ticketOf(cookie);
    if (ticket === undefined) return;
    const row = await this.ports.store.read(ticket.id);
    const content = row === undefined ? undefined : openContent(ticket, row);
    if (content === undefined) return;
    // the row first: whatever the provider does, this session is over
    await this.ports.store.remove(ticket.id);
    await this.ports.revoke(content);
  }

  private async ticketOf(cookie: string): Promise<Ticket | undefined> {
    const keyId = keyIdOf(cookie);
    return keyId === undefined ? undefined : openTicket(await this.ports.ring(keyId), this.audience, cookie);
  }

  private async read(ticket: Ticket): Promise<Found | Refusal> {
    const now = this.ports.clock() / 1000;
    if (ticket.endsAt <= now) return refused('session_expired');
    const row = await this.ports.store.read(ticket.id);
    if (row === undefined) return refused('session_ended');
    // the store removes expired rows when it gets to it, which may take days
    if (row.expiresAt <= now) return refused('session_expired');
    const content = openContent(ticket, row);
    return content === undefined ? refused('session_invalid') : { row, content };
  }

  private async withFreshToken(ticket: Ticket, found: Found): Promise<({ ok: true } & Found) | Refusal> {
    const { store, clock, pause } = this.ports;
    const deadline = clock() + WAIT;
    let current = found;
    for (;;) {
      const now = clock();
      const left = current.content.accessExpiresAt - now;
      if (left > REFRESH_AHEAD) return { ok: true, ...current };
      if (current.content.refreshToken === undefined) {
        return left > 0 ? { ok: true, ...current } : refused('session_expired');
      }
      const { id, version } = current.row;
      if (await store.lease(id, version, { now, until: now + LEASE })) return this.refreshed(ticket, current);
      // somebody else refreshes: the token that is still good serves meanwhile
      if (left > 0) return { ok: true, ...current };
      if (now >= deadline) return { ok: false, failure: 'unavailable', reason: 'session_unavailable' };
      await pause(LOOK_EVERY);
      const again = await this.read(ticket);
      if (!('content' in again)) return again;
      current = again;
    }
  }

  /** Refreshes under the lease; the newest refresh token is in the row before anybody else may use it. */
  private async refreshed(
    ticket: Ticket,
    { row, content }: Found,
  ): Promise<({ ok: true } & Found) | Refusal> {
    const { store, refresh, revoke, random, clock } = this.ports;
    const result = await refresh(content);
    if (!result.ok) {
      if (result.failure === 'refused' || result.failure === 'unverified') {
        await store.remove(row.id, row.version);
        return refused('session_ended');
      }
      await store.release(row.id, row.version);
      return content.accessExpiresAt > clock()
        ? { ok: true, row, content }
        : { ok: false, failure: 'unavailable', reason: 'session_unavailable' };
    }
    const renewed: SessionContent = { ...result.grant, endsAt: content.endsAt };
    const next: SessionRow = {
      id: row.id,
      version: row.version + 1,
      sealed: sealContent(ticket, renewed, random),
      expiresAt: expiryOf(content.endsAt, clock(), this.settings),
    };
    if (await store.replace(next)) return { ok: true, row: next, content: renewed };
    // signed out meanwhile: what was granted must not outlive the session
    await revoke(result.grant);
    return refused('session_ended');
  }

  /** Renews the idle time, seldom enough that most requests do not write. */
  private async used(ticket: Ticket, row: SessionRow, content: SessionContent): Promise<LiveSession> {
    const expiresAt = expiryOf(ticket.endsAt, this.ports.clock(), this.settings);
    if (!isWorthTouching(row, expiresAt, this.settings))
      return { id: row.id, content, idleExpiresAt: row.expiresAt };
    try {
      await this.ports.store.touch(row.id, expiresAt);
      return { id: row.id, content, idleExpiresAt: expiresAt };
    } catch {
      // this request is good all the same; the session only ends sooner
      return { id: row.id, content, idleExpiresAt: row.expiresAt };
    }
  }
}

interface Found {
  readonly row: SessionRow;
  readonly content: SessionContent;
}

type Refusal = Extract<SessionVerdict, { ok: false }>;

function refused(reason: SessionReason): Refusal {
  return { ok: false, failure: 'invalid', reason };
}
