/** One-time codes of authenticator apps (RFC 6238): SHA-1, six digits, thirty seconds, as every app has them. */
import { Secret, TOTP } from 'otpauth';

/** Bytes of a secret (RFC 4226 section 4, R6: at least 128 bits, 160 recommended). */
export const SECRET_BYTES = 20;
const PERIOD_SECONDS = 30;
/** Steps that a code may be early or late (RFC 6238 section 5.2 recommends one). */
const WINDOW = 1;

/**
 * The time step whose code this is.
 *
 * @param secret as it was made, `SECRET_BYTES` long
 * @param now epoch milliseconds
 * @returns `undefined` for anything but a code of this step or its neighbours
 */
export function stepOf(secret: Uint8Array, code: string, now: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = totp(secret).validate({ token: code, timestamp: now, window: WINDOW });
  return delta === null ? undefined : Math.floor(now / 1000 / PERIOD_SECONDS) + delta;
}

/** The secret as people type it, and as apps read it from a QR code (`otpauth:` key URI). */
export function enrolmentOf(
  secret: Uint8Array,
  { issuer, account }: { issuer: string; account: string },
): { secret: string; uri: string } {
  const token = totp(secret, { issuer, label: account });
  return { secret: token.secret.base32, uri: token.toString() };
}

function totp(secret: Uint8Array, names: { issuer?: string; label?: string } = {}): TOTP {
  return new TOTP({
    ...names,
    secret: new Secret({ buffer: Uint8Array.from(secret).buffer }),
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_SECONDS,
  });
}
