/** Codes that are sent: six digits, kept only as a hash that takes longer to search than the code lives. */
import { scryptSync, timingSafeEqual } from 'node:crypto';

/** Answers that many random bytes. */
export type Random = (bytes: number) => Buffer;

const DIGITS = 6;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** 16 MiB and some 40 ms for each of a million guesses (RFC 7914 section 2); a code lives five minutes. */
const COST = { N: 2 ** 14, r: 8, p: 1 };

/** A code of which every value is as likely as any other. */
export function newCode(random: Random): string {
  const most = 10 ** DIGITS;
  const limit = Math.floor(2 ** 32 / most) * most;
  for (;;) {
    const drawn = random(4).readUInt32BE();
    // beyond it some codes would be drawn more often
    if (drawn < limit) return String(drawn % most).padStart(DIGITS, '0');
  }
}

/** @returns salt and hash in base64url */
export function hashOf(code: string, random: Random): string {
  const salt = random(SALT_BYTES);
  return `${salt.toString('base64url')}.${scryptSync(code, salt, HASH_BYTES, COST).toString('base64url')}`;
}

/** Whether a code is the one that was hashed; compared in constant time. */
export function isCodeOf(hash: string, code: string): boolean {
  if (!/^\d{6}$/.test(code)) return false;
  const [salt = '', digest = ''] = hash.split('.').map((part) => Buffer.from(part, 'base64url'));
  if (typeof salt === 'string' || typeof digest === 'string' || digest.length !== HASH_BYTES) return false;
  return timingSafeEqual(scryptSync(code, salt, HASH_BYTES, COST), digest);
}
