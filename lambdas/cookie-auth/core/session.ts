/** What a session is made of: a ticket in the cookie, and a row that only the ticket opens. */
import type { Grant } from './grant';
import type { Marks } from './marks';
import { type KeyRing, open, openFromCookie, type Random, rowKey, seal, sealForCookie } from './seal';

/** What the cookie holds. */
export interface Ticket {
  /** Id of the row. */
  readonly id: string;
  /** Key of the row, kept nowhere else. */
  readonly key: string;
  /** Epoch seconds; a refresh does not move it. */
  readonly endsAt: number;
}

/** What a row holds, sealed. */
export type SessionContent = Grant & { readonly endsAt: number };

/** A row as the store keeps it; only the sealed part says anything of a person. */
export interface SessionRow {
  readonly id: string;
  readonly sealed: string;
  /** Counts the contents; whoever writes says which one was read. */
  readonly version: number;
  /** Epoch seconds: the end of the session, or of its idle time where that comes first. */
  readonly expiresAt: number;
}

/** Port: where sessions are kept. Reads see every write before them. */
export interface SessionStore {
  /** @param marks what it is found by beside its id, where anybody looks for it */
  create(row: SessionRow, marks?: Marks): Promise<void>;
  read(id: string): Promise<SessionRow | undefined>;
  /** Moves the expiry of a row that is still there. */
  touch(id: string, expiresAt: number): Promise<void>;
  /**
   * Takes the right to write the next version, until a time in epoch milliseconds.
   *
   * @returns false when somebody else holds it, or the row has another version or is gone
   */
  lease(
    id: string,
    version: number,
    times: { readonly now: number; readonly until: number },
  ): Promise<boolean>;
  /** Gives the right back without a new version. */
  release(id: string, version: number): Promise<void>;
  /** Writes the version after `version`. @returns false when the row has another version or is gone */
  replace(row: SessionRow): Promise<boolean>;
  /** @param version removes this one only */
  remove(id: string, version?: number): Promise<void>;
}

export interface Lifetimes {
  readonly sessionSeconds: number;
  readonly idleSeconds: number;
}

const ID_BYTES = 16;
const KEY_BYTES = 32;
/** Part of the idle time after which its renewal is worth a write. */
const WORTH_WRITING = 0.1;

export function newTicket(now: number, { sessionSeconds }: Lifetimes, random: Random): Ticket {
  return {
    id: random(ID_BYTES).toString('base64url'),
    key: random(KEY_BYTES).toString('base64url'),
    endsAt: Math.floor(now / 1000) + sessionSeconds,
  };
}

export function sealTicket(ring: KeyRing, audience: string, ticket: Ticket, random: Random): string {
  return sealForCookie(ring, `session ${audience}`, JSON.stringify(ticket), random);
}

export function openTicket(ring: KeyRing, audience: string, cookie: string): Ticket | undefined {
  const text = openFromCookie(ring, `session ${audience}`, cookie);
  // sealed by us, so it has the form that sealTicket gave it
  return text === undefined ? undefined : (JSON.parse(text) as Ticket);
}

/** Seals a row's content with the key of its ticket, bound to the row. */
export function sealContent(ticket: Ticket, content: SessionContent, random: Random): string {
  return seal(rowKey(ticket.key), `row ${ticket.id}`, JSON.stringify(content), random);
}

export function openContent(ticket: Ticket, row: SessionRow): SessionContent | undefined {
  const text = open(rowKey(ticket.key), `row ${ticket.id}`, row.sealed);
  return text === undefined ? undefined : (JSON.parse(text) as SessionContent);
}

/** When a session that is used now would end. */
export function expiryOf(endsAt: number, now: number, { idleSeconds }: Lifetimes): number {
  return Math.min(endsAt, Math.floor(now / 1000) + idleSeconds);
}

/** Whether a row says of its idle time so much less than could be said now that it should be written. */
export function isWorthTouching(row: SessionRow, expiresAt: number, { idleSeconds }: Lifetimes): boolean {
  return expiresAt - row.expiresAt >= idleSeconds * WORTH_WRITING;
}
