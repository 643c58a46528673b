/** Shapes of the API as far as this app uses them; openapi.yaml describes them in full. */

/** Who is signed in. */
export interface Session {
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly groups: readonly string[];
  /** RFC 3339, as every time here. */
  readonly expiresAt: string;
  readonly idleExpiresAt: string;
  /** Level of the sign-in, where the provider names one. */
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly authTime?: string;
}

export interface WidgetInput {
  readonly name: string;
  readonly description?: string;
  readonly priceCents?: number;
  readonly tags?: readonly string[];
}

export interface Widget extends WidgetInput {
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface WidgetPage {
  readonly items: readonly Widget[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

export interface Info {
  readonly name: string;
  readonly version: string;
  readonly caller: { readonly subject: string };
}

export interface TransferInput {
  readonly amountCents: number;
  /** Account of the receiver. */
  readonly to: string;
}

export interface Transfer extends TransferInput {
  readonly id: string;
}

/** A way to prove more than a sign-in does. */
export type Factor = 'PASSKEY' | 'SOFTWARE_TOKEN' | 'SMS' | 'EMAIL';

export interface Factors {
  readonly factors: readonly {
    readonly factor: Factor;
    /** Whether this sign-in may use it. */
    readonly usable: boolean;
  }[];
  /** What the identity provider knows of the person. */
  readonly contacts: readonly {
    readonly factor: 'SMS' | 'EMAIL';
    /** As much of it as its owner needs to know it again. */
    readonly to: string;
    readonly verified: boolean;
  }[];
  readonly preferred?: Factor;
  /** Together they are one factor. */
  readonly passkeys: readonly {
    readonly id: string;
    readonly createdAt: string;
    readonly usable: boolean;
  }[];
}

/** A request that somebody has to step up for. */
export interface StepUpRequest {
  readonly method: string;
  /** Without `/api`. */
  readonly path: string;
  /** Needed where a proof opens one request only. */
  readonly contentDigest?: string;
  /** Whether this client can use a passkey. */
  readonly passkey?: boolean;
}

export interface StepUpChallenge {
  /** The factor to answer with, e.g. `EMAIL_STEP_UP`. */
  readonly code: `${Factor}_STEP_UP` | 'MAYBE_SOFTWARE_TOKEN_STEP_UP';
  /** Absent where there is no factor that this sign-in may use. */
  readonly challengeId?: string;
  readonly expiresAt?: string;
  readonly sentTo?: string;
  /** There where a fresh sign-in would do as well. */
  readonly signIn?: true;
  /** Of a passkey: what to ask the browser for. */
  readonly publicKey?: object;
}

export interface TotpSecret {
  /** In Base32. */
  readonly secret: string;
  /** `otpauth:` URI. */
  readonly uri: string;
}

/** One field that the service found wrong. */
export interface FieldError {
  readonly in: string;
  /** JSON pointer in the body (RFC 6901), e.g. `/tags/0`. */
  readonly field: string;
  readonly message: string;
}
