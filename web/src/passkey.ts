/** Passkeys by the browser's own calls and its own JSON (Web Authentication Level 3, sections 5.1.8 to 5.1.10). */

/** What the browser made, or that nothing came of it: people gave up, or have none that will do. */
type Made = { readonly ok: true; readonly credential: object } | { readonly ok: false };

/** Whether this browser can use what the service sends. */
export function passkeysWork(): boolean {
  return (
    typeof PublicKeyCredential === 'function' &&
    typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function'
  );
}

/** @param options `publicKey` of `POST /factors/passkeys` */
export async function makePasskey(options: object): Promise<Made> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as PublicKeyCredentialCreationOptionsJSON,
  );
  return made(() => navigator.credentials.create({ publicKey }));
}

/** @param options `publicKey` of a challenge */
export async function signWithPasskey(options: object): Promise<Made> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as PublicKeyCredentialRequestOptionsJSON,
  );
  return made(() => navigator.credentials.get({ publicKey }));
}

async function made(ask: () => Promise<Credential | null>): Promise<Made> {
  try {
    const credential = await ask();
    if (credential instanceof PublicKeyCredential)
      return { ok: true, credential: credential.toJSON() as object };
  } catch (error) {
    // whatever the reason, the browser has told people; it tells the page as little as it can (section 13.4.5)
    if (!(error instanceof DOMException)) throw error;
  }
  return { ok: false };
}
