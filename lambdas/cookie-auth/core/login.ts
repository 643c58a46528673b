/** One login between the request for it and its callback, kept by the browser in a sealed cookie of its own. */
import { createHash, timingSafeEqual } from 'node:crypto';

import type { Cookie, HostCookieName } from '../../_kernel/cookies';
import { type KeyRing, openFromCookie, type Random, sealForCookie } from './seal';

/** Seconds a person has for the login pages. */
export const LOGIN_SECONDS = 600;
/** Logins one browser may have open; the oldest beyond that are dropped, so that abandoned ones do not pile up. */
const MOST_LOGINS = 5;
/** Cookies of logins looked at in one request. */
const MOST_READ = 50;
const PREFIX = '__Host-login-';
/** Names of login cookies, so that only what can be written is removed. */
const NAME = /^__Host-login-[\w-]{1,32}$/;
const STATE = /^[\w-]{43}$/;

/** What a sign-in shall prove beyond who somebody is (RFC 9470 section 4). */
export interface Wanted {
  /** Levels of which one must be reached; none where any will do. */
  readonly acrValues: readonly string[];
  /** Seconds since the person last proved who they are, at most. */
  readonly maxAge?: number;
  /** Who it must be: the person of the session that the browser has. */
  readonly subject?: string;
}

export interface Login {
  /** Ties the callback to this browser (RFC 6749 section 10.12). */
  readonly state: string;
  /** Ties the id token to this login (OpenID Connect Core section 3.1.2.1). */
  readonly nonce: string;
  /** Ties the code to this login (RFC 7636). */
  readonly verifier: string;
  /** Where to go afterwards: a full URL of this site. */
  readonly place: string;
  readonly wanted?: Wanted;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** A new login; its three secrets have 256 bits each. */
export function newLogin(place: string, now: number, random: Random, wanted?: Wanted): Login {
  const secret = (): string => random(32).toString('base64url');
  return {
    state: secret(),
    nonce: secret(),
    verifier: secret(),
    place,
    ...(wanted === undefined ? {} : { wanted }),
    expiresAt: now + LOGIN_SECONDS * 1000,
  };
}

/** Seconds by which the provider's clock may be behind. */
const CLOCK_SKEW = 5;

/**
 * Whether a sign-in proves what was wanted of it: `acr_values` is a wish to a provider and `max_age` may be ignored by
 * it, so both are compared with the verified id token (OpenID Connect Core section 3.1.3.7, steps 12 and 13).
 *
 * @param now epoch milliseconds
 */
export function provesWanted(
  wanted: Wanted | undefined,
  { subject, acr, authTime }: { subject: string; acr?: string; authTime?: number },
  now: number,
): boolean {
  if (wanted === undefined) return true;
  const { acrValues, maxAge, subject: expected } = wanted;
  if (expected !== undefined && subject !== expected) return false;
  if (acrValues.length > 0 && (acr === undefined || !acrValues.includes(acr))) return false;
  return maxAge === undefined || (authTime !== undefined && now / 1000 - authTime <= maxAge + CLOCK_SKEW);
}

/** `code_challenge` of the method S256 (RFC 7636 section 4.2). */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

/** A cookie for each login, so that two tabs that start at once do not overwrite each other's. */
export function loginCookieName(state: string): HostCookieName {
  return `${PREFIX}${state.slice(0, 8)}`;
}

export function sealLogin(ring: KeyRing, audience: string, login: Login, random: Random): string {
  return sealForCookie(
    ring,
    purposeOf(loginCookieName(login.state), audience),
    JSON.stringify(login),
    random,
  );
}

/**
 * The login that a callback belongs to.
 *
 * @param state as the callback names it
 * @param cookies of the request
 * @param audience whose login it is: environment and client
 * @returns `undefined` when this browser has no such login, or it took too long
 */
export function loginOf(
  ring: KeyRing,
  audience: string,
  { state = '', cookies, now }: { state: string | undefined; cookies: readonly Cookie[]; now: number },
): Login | undefined {
  if (!STATE.test(state)) return undefined;
  const name = loginCookieName(state);
  const [login, ...others] = cookies
    .filter(([given]) => given === name)
    .map(([, value]) => openLogin(ring, audience, name, value))
    .filter((found) => found !== undefined);
  if (login === undefined || others.length > 0 || login.expiresAt <= now) return undefined;
  // the cookie's name has only the first characters of the state
  return timingSafeEqual(Buffer.from(login.state), Buffer.from(state)) ? login : undefined;
}

/** Cookies to remove so that one more login stays within the cap: what does not open first, then the oldest. */
export function surplusLogins(
  ring: KeyRing,
  audience: string,
  cookies: readonly Cookie[],
  now: number,
): HostCookieName[] {
  const open = cookies
    .filter((cookie): cookie is readonly [HostCookieName, string] => NAME.test(cookie[0]))
    .slice(0, MOST_READ)
    .map(([name, value]) => ({ name, expiresAt: openLogin(ring, audience, name, value)?.expiresAt ?? 0 }))
    .sort((a, b) => b.expiresAt - a.expiresAt);
  const kept = open.slice(0, MOST_LOGINS - 1).filter(({ expiresAt }) => expiresAt > now);
  const names = open.map(({ name }) => name).filter((name) => !kept.some((login) => login.name === name));
  return [...new Set(names)];
}

function openLogin(ring: KeyRing, audience: string, name: string, value: string): Login | undefined {
  const text = openFromCookie(ring, purposeOf(name, audience), value);
  // sealed by us, so it has the form that sealLogin gave it
  return text === undefined ? undefined : (JSON.parse(text) as Login);
}

function purposeOf(name: string, audience: string): string {
  return `login ${name} ${audience}`;
}
