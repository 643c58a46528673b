/** Checks answers of passkeys with a library that is read when the first of them comes. */
import type { PasskeyVerifier } from '../core/passkey';

export const lateVerifier: PasskeyVerifier = {
  attested: async (...asked) => (await import('./passkey-verifier')).passkeyVerifier.attested(...asked),
  asserted: async (...asked) => (await import('./passkey-verifier')).passkeyVerifier.asserted(...asked),
};
