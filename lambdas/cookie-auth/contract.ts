/** What the construct and the functions of cookie sign-in agree on. */
import { envContract, integer, oneOf, optional, text } from '../_kernel/env';

/** Name of the session's cookie; the document's `apiKey` scheme has the same. */
export const SESSION_COOKIE = '__Host-session';

/** Attribute of the session table that holds a row's expiry in epoch seconds. */
export const EXPIRY_ATTRIBUTE = 'expiresAt';

/** Index of the session table by person, and its key. */
export const SUBJECT_INDEX = { name: 'bySubject', key: 'subjectMark' } as const;

/** Index of the session table by session at the provider, and its key. */
export const PROVIDER_SESSION_INDEX = { name: 'byProviderSession', key: 'providerSessionMark' } as const;

/** Of the operations' functions, and of the front door where it checks sessions. */
export const cookieAuthEnv = envContract({
  /** Table of the sessions, whose partition key is `id`, a string. */
  SESSION_TABLE_NAME: text(),
  /** Secret with the key ring: JSON of `current` and one member per key id. */
  SESSION_KEY_RING_ARN: text(),
  /** Issuer of the tokens, as they name it. */
  OIDC_ISSUER: text(),
  OIDC_CLIENT_ID: text(),
  /** Secret whose whole value is the client secret. */
  OIDC_CLIENT_SECRET_ARN: text(),
  /** What the authorization request asks for, separated by spaces; `openid` is among them. */
  OIDC_SCOPES: text(),
  /** Where scopes and groups are read from, and how the provider signs out: see docs/cookie-auth.md. */
  OIDC_PROVIDER: oneOf('cognito', 'standard'),
  /** Claim of the id token with the groups, of a standard provider. */
  OIDC_GROUPS_CLAIM: optional(text()),
  /** `on` where the provider sends logout tokens: sessions are then found by whose they are. */
  BACK_CHANNEL_LOGOUT: optional(oneOf('on')),
  /** Origin of the site, without a path. */
  SITE_URL: text(),
  /** Path in front of every path of the document, e.g. `/api`; none where the API is the site's root. */
  API_BASE_PATH: optional(text()),
  /** After this a session ends, whatever happens. */
  SESSION_SECONDS: integer({ min: 60, max: 2_592_000 }),
  /** After this without a request a session ends. */
  SESSION_IDLE_SECONDS: integer({ min: 60, max: 2_592_000 }),
  /**
   * Where AWS service calls go instead of AWS, as for every AWS SDK
   * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html). Of Cognito the place the discovery
   * document is read from follows it; the issuer that a token must name does not.
   */
  AWS_ENDPOINT_URL: optional(text()),
});

export type CookieAuthSettings = ReturnType<typeof cookieAuthEnv.read>;
