/** Ends the sessions that a logout token names (OpenID Connect Back-Channel Logout 1.0). */
import { createHash } from 'node:crypto';

import type { Clock } from '../../_kernel/clock';
import type { Claims, Verified } from './grant';
import { type Owner, type Sought, soughtBy } from './marks';
import type { KeyRing } from './seal';

/**
 * Why a logout token ended nothing:
 * - `token_unverified`: signature, algorithm, issuer, audience or end are not what they must be
 * - `keys_unavailable`: the provider's keys could not be had, so nothing is known of the token
 * - `token_type`: it says of itself that it is something else
 * - `token_stale`: too old, or not issued yet
 * - `event_missing`, `nonce_present`, `owner_missing`, `id_missing`: its claims are not those of a logout token
 * - `token_replayed`: it has been used
 * - `logout_failed`: the sessions could not be looked up or ended; the same token may be sent again
 */
type LogoutRefusal =
  | 'token_unverified'
  | 'keys_unavailable'
  | 'token_type'
  | 'token_stale'
  | 'event_missing'
  | 'nonce_present'
  | 'owner_missing'
  | 'id_missing'
  | 'token_replayed'
  | 'logout_failed';

type LogoutResult =
  | { readonly ok: true; readonly ended: number }
  | { readonly ok: false; readonly reason: LogoutRefusal; readonly cause?: unknown };

/** Port: sessions by their marks, and the logout tokens that have been used. */
export interface LogoutStore {
  /**
   * Takes a token, until a time in epoch seconds.
   *
   * @returns false when somebody has taken it
   */
  take(token: string, times: { readonly now: number; readonly until: number }): Promise<boolean>;
  /** Keeps a token from being taken, until a time in epoch seconds. */
  keep(token: string, until: number): Promise<void>;
  /** Ids of the sessions with a mark; one that was begun a moment ago may be missing. */
  find(sought: Sought): Promise<readonly string[]>;
  /** Ends a session. */
  remove(id: string): Promise<void>;
}

interface LogoutPorts {
  readonly store: LogoutStore;
  readonly ring: () => Promise<KeyRing>;
  /** Whether a token holds: signature, issuer, audience and end. */
  readonly verify: (token: string) => Promise<Verified>;
  readonly clock: Clock;
}

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Names a logout token may give its type; explicit typing is recommended only (section 2.4, RFC 7519 section 5.1). */
const TYPES = /^(application\/)?(logout\+jwt|jwt)$/i;
/** Seconds after which a token is too old, whatever end it names: for as long it is remembered. */
const LONGEST_LIFE = 600;
/** Seconds by which clocks may differ, the provider's and those of two functions. */
const CLOCK_SKEW = 60;
/** Seconds a token stays taken whose logout did not come to its end: longer than the function lives (9 s). */
const TAKEN = 10;
/** Sessions ended at once. */
const AT_ONCE = 25;

interface LogoutToken {
  readonly owner: Partial<Owner>;
  /** What it is remembered by. */
  readonly id: string;
  /** Epoch seconds from which on it is refused for its age. */
  readonly endsAt: number;
}

/** @param audience environment and client, whose sessions end */
export async function endSessionsOf(
  token: string,
  audience: string,
  { store, ring, verify, clock }: LogoutPorts,
): Promise<LogoutResult> {
  const verified = await verify(token);
  if (!verified.ok) {
    const reason = verified.failure === 'unavailable' ? 'keys_unavailable' : 'token_unverified';
    return { ok: false, reason };
  }
  const now = Math.floor(clock() / 1000);
  const read = readLogoutToken(verified, audience, now);
  if (typeof read === 'string') return { ok: false, reason: read };
  try {
    if (!(await store.take(read.id, { now, until: now + TAKEN }))) {
      return { ok: false, reason: 'token_replayed' };
    }
    const sought = soughtBy(await ring(), audience, read.owner);
    const found = await Promise.all(sought.map((one) => store.find(one)));
    const ids = [...new Set(found.flat())];
    for (let at = 0; at < ids.length; at += AT_ONCE)
      await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => store.remove(id)));
    await store.keep(read.id, read.endsAt + CLOCK_SKEW);
    return { ok: true, ended: ids.length };
  } catch (cause) {
    return { ok: false, reason: 'logout_failed', cause };
  }
}

/** What a verified token asks for, or why it is no logout token to act upon (section 2.6). */
function readLogoutToken(
  { claims, type }: { readonly claims: Claims; readonly type?: string },
  audience: string,
  now: number,
): LogoutToken | LogoutRefusal {
  const { iat, exp, jti, sub, sid, events } = claims;
  if (type !== undefined && !TYPES.test(type)) return 'token_type';
  if (typeof iat !== 'number' || typeof exp !== 'number') return 'token_stale';
  if (iat > now + CLOCK_SKEW || iat + LONGEST_LIFE <= now) return 'token_stale';
  if (!isObject(events) || !isObject(events[EVENT])) return 'event_missing';
  // what has a nonce may be an id token (section 4.1)
  if ('nonce' in claims) return 'nonce_present';
  const owner = {
    ...(isText(sub) ? { subject: sub } : {}),
    ...(isText(sid) ? { providerSession: sid } : {}),
  };
  if (Object.keys(owner).length === 0) return 'owner_missing';
  if (!isText(jti)) return 'id_missing';
  const id = createHash('sha256')
    .update(JSON.stringify([audience, jti]))
    .digest('base64url');
  return { owner, id, endsAt: Math.min(exp, iat + LONGEST_LIFE) };
}

function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
