/** Marks: by what a session is found when its provider ends it, without the table saying whose it is. */
import { createHmac } from 'node:crypto';

import type { KeyRing } from './seal';

/** Whose session it is, as the provider says: `sub` and `sid` of its tokens. */
export interface Owner {
  readonly subject: string;
  /** OpenID Connect Back-Channel Logout 1.0 section 2.1; not every provider names its sessions. */
  readonly providerSession?: string | undefined;
}

/** What a row is found by. */
export interface Marks {
  readonly subject: string;
  readonly providerSession: string;
}

/** One mark to look for. */
export interface Sought {
  readonly by: keyof Marks;
  readonly mark: string;
}

/**
 * Marks of a new session, under the current key. They are keyed hashes, since a person's id or mail address is soon
 * guessed from a plain one.
 *
 * @param audience environment and client; marks of another one differ
 */
export function marksOf(ring: KeyRing, audience: string, { subject, providerSession }: Owner): Marks {
  const mark = (...what: readonly string[]): string => markWith(ring, ring.current, audience, what);
  return {
    subject: mark('sub', subject),
    providerSession: providerSession === undefined ? mark('unnamed', subject) : mark('sid', providerSession),
  };
}

/**
 * The marks that sessions of an owner may have: under every key of the ring, as a session outlives the rotation of keys.
 *
 * @param owner with a `providerSession`: that one, and those of the person that the provider had not named; else all of
 *   the person
 */
export function soughtBy(
  ring: KeyRing,
  audience: string,
  { subject, providerSession }: Partial<Owner>,
): readonly Sought[] {
  return [...ring.markKeys.keys()].flatMap((keyId): Sought[] => {
    const mark = (...what: readonly string[]): string => markWith(ring, keyId, audience, what);
    if (providerSession === undefined)
      return subject === undefined ? [] : [{ by: 'subject', mark: mark('sub', subject) }];
    return [
      { by: 'providerSession', mark: mark('sid', providerSession) },
      ...(subject === undefined ? [] : [{ by: 'providerSession', mark: mark('unnamed', subject) } as const]),
    ];
  });
}

function markWith(ring: KeyRing, keyId: string, audience: string, what: readonly string[]): string {
  const key = ring.markKeys.get(keyId);
  if (key === undefined) throw new TypeError('the key ring has no such key');
  return createHmac('sha256', key)
    .update(JSON.stringify([audience, ...what]))
    .digest('base64url');
}
