/** Answers of passkeys, checked by SimpleWebAuthn. A module of its own, since only two functions need what it weighs. */
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { decodeAttestationObject, decodeClientDataJSON } from '@simplewebauthn/server/helpers';

import { ALGORITHMS, type PasskeyVerifier } from '../core/passkey';

export const passkeyVerifier: PasskeyVerifier = {
  attested: async ({ id, rawId, type, response }, nonce, site) =>
    unlessWrong(async () => {
      const { clientDataJSON, attestationObject } = response;
      if (isFramed(clientDataJSON) || isVouchedFor(attestationObject)) return undefined;
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response: {
          id,
          rawId,
          type,
          response: { clientDataJSON, attestationObject },
          clientExtensionResults: {},
        },
        expectedChallenge: nonce,
        expectedOrigin: site.origin,
        expectedRPID: site.id,
        requireUserVerification: true,
        supportedAlgorithmIDs: [...ALGORITHMS],
      });
      if (!verified) return undefined;
      const { credential } = registrationInfo;
      return {
        id: credential.id,
        publicKey: Buffer.from(credential.publicKey).toString('base64'),
        count: credential.counter,
      };
    }),
  asserted: async ({ id, rawId, type, response }, nonce, site, passkey) =>
    unlessWrong(async () => {
      const { clientDataJSON, authenticatorData, signature } = response;
      if (isFramed(clientDataJSON) || id !== passkey.id) return undefined;
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: {
          ...{ id, rawId, type, clientExtensionResults: {} },
          response: { clientDataJSON, authenticatorData, signature },
        },
        expectedChallenge: nonce,
        expectedOrigin: site.origin,
        expectedRPID: site.id,
        requireUserVerification: true,
        credential: {
          id,
          publicKey: Uint8Array.from(Buffer.from(passkey.publicKey, 'base64')),
          counter: passkey.count,
        },
      });
      return verified ? authenticationInfo.newCounter : undefined;
    }),
};

/** Whether it was asked for in a frame of another site: pages of ours are in none (section 7.1, step 10). */
function isFramed(clientDataJSON: string): boolean {
  const { crossOrigin, topOrigin } = decodeClientDataJSON(clientDataJSON);
  return crossOrigin === true || topOrigin !== undefined;
}

/**
 * Whether a maker vouches for the authenticator. Nobody asked for that, and to look at such a statement the library may
 * fetch lists from wherever a certificate says.
 */
function isVouchedFor(attestationObject: string): boolean {
  const decoded = decodeAttestationObject(Uint8Array.from(Buffer.from(attestationObject, 'base64url')));
  // `packed` without certificates is a signature by the new key itself (section 8.2)
  return decoded.get('fmt') === 'packed'
    ? decoded.get('attStmt').get('x5c') !== undefined
    : decoded.get('fmt') !== 'none';
}

/** The library throws for whatever does not hold; it is asked nothing that could fail in another way. */
async function unlessWrong<T>(check: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await check();
  } catch {
    return undefined;
  }
}
