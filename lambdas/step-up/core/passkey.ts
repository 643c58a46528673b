/** Passkeys (Web Authentication Level 3): what is kept of one, and what a browser is told to ask an authenticator for. */
import { createHash } from 'node:crypto';

/** A passkey as the factor table keeps it. */
export interface Passkey {
  /** Credential id, in base64url. */
  readonly id: string;
  /** COSE key (RFC 9052), in base64. */
  readonly publicKey: string;
  /** Signatures that the authenticator has counted; 0 for ever where it does not count. */
  readonly count: number;
  /** Ways to reach the authenticator, a hint for browsers. */
  readonly transports: readonly Transport[];
  /** Sign-ins after this, in epoch seconds, may use it; 0 where its enrolment was stepped up by another. */
  readonly usableAfter: number;
  /** Epoch seconds. */
  readonly createdAt: number;
}

export const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** The site that passkeys are bound to. */
export interface RelyingParty {
  /** Its domain. */
  readonly id: string;
  readonly origin: string;
}

/** What `PublicKeyCredential.toJSON()` gives of an assertion (section 5.1.8), as far as it is looked at. */
export interface Assertion {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  readonly response: {
    readonly clientDataJSON: string;
    readonly authenticatorData: string;
    readonly signature: string;
    readonly userHandle?: string | undefined;
  };
}

/** What `PublicKeyCredential.toJSON()` gives of a new passkey, as far as it is looked at. */
export interface Attestation {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
    readonly transports?: readonly string[] | undefined;
  };
}

/** Port: the procedures of sections 7.1 and 7.2, with user verification required. */
export interface PasskeyVerifier {
  /** @returns `undefined` for anything but a new passkey that answers this nonce at this site */
  attested(
    attestation: Attestation,
    nonce: string,
    site: RelyingParty,
  ): Promise<Pick<Passkey, 'id' | 'publicKey' | 'count'> | undefined>;
  /** @returns what the authenticator has counted; `undefined` for anything but an answer of this passkey to this nonce at this site */
  asserted(
    assertion: Assertion,
    nonce: string,
    site: RelyingParty,
    passkey: Passkey,
  ): Promise<number | undefined>;
}

/** Passkeys of one person. */
export const MOST_PASSKEYS = 10;
/** Bytes of a nonce (section 13.4.3: at least 16). */
export const NONCE_BYTES = 32;
/** ES256, EdDSA, RS256, by their number in the IANA registry of COSE algorithms: what every authenticator has one of. */
export const ALGORITHMS = [-7, -8, -257] as const;

/** @param origin as browsers name it; its host is what passkeys are bound to */
export function relyingPartyOf(origin: string): RelyingParty {
  return { id: new URL(origin).hostname, origin };
}

/** Names a person to an authenticator without telling who it is (section 14.6.1). */
export function userHandleOf(subject: string): string {
  return createHash('sha256').update(`step-up passkey ${subject}`).digest('base64url');
}

interface Descriptor {
  readonly type: 'public-key';
  readonly id: string;
  readonly transports: Transport[];
}

/** `PublicKeyCredentialRequestOptionsJSON` (section 5.1.10). */
export interface RequestOptions {
  readonly challenge: string;
  readonly rpId: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly allowCredentials: Descriptor[];
  readonly userVerification: 'required';
}

/** `PublicKeyCredentialCreationOptionsJSON` (section 5.1.9). */
export interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly pubKeyCredParams: { readonly type: 'public-key'; readonly alg: (typeof ALGORITHMS)[number] }[];
  /** Milliseconds. */
  readonly timeout: number;
  readonly excludeCredentials: Descriptor[];
  readonly authenticatorSelection: {
    readonly residentKey: 'preferred';
    readonly userVerification: 'required';
  };
  readonly attestation: 'none';
}

/** @param seconds in which it can be answered */
export function requestOptions(
  nonce: string,
  seconds: number,
  site: RelyingParty,
  passkeys: readonly Passkey[],
): RequestOptions {
  return {
    challenge: nonce,
    rpId: site.id,
    timeout: seconds * 1000,
    allowCredentials: passkeys.map(descriptorOf),
    userVerification: 'required',
  };
}

/** @param seconds in which it can be answered */
export function creationOptions(
  nonce: string,
  seconds: number,
  site: RelyingParty,
  whose: { subject: string; account: string; issuer: string; passkeys: readonly Passkey[] },
): CreationOptions {
  return {
    challenge: nonce,
    rp: { id: site.id, name: whose.issuer },
    user: { id: userHandleOf(whose.subject), name: whose.account, displayName: whose.account },
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    timeout: seconds * 1000,
    excludeCredentials: whose.passkeys.map(descriptorOf),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    attestation: 'none',
  };
}

function descriptorOf({ id, transports }: Passkey): Descriptor {
  return { type: 'public-key', id, transports: [...transports] };
}
