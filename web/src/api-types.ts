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

/** One field that the service found wrong. */
export interface FieldError {
  readonly in: string;
  /** JSON pointer in the body (RFC 6901), e.g. `/tags/0`. */
  readonly field: string;
  readonly message: string;
}
