/** What the construct, the check of the front door and the functions of step-up agree on. */
import { envContract, integer, optional, text } from '../_kernel/env';

/**
 * Ways to prove more, the strongest first; `PROVIDER` is a fresh sign-in at the identity provider, the others are checked
 * here.
 */
export const OWN_FACTORS = ['PASSKEY', 'SOFTWARE_TOKEN', 'SMS', 'EMAIL'] as const;
export type OwnFactor = (typeof OWN_FACTORS)[number];
export type Factor = OwnFactor | 'PROVIDER';

/** What an operation demands: `x-step-up` of the document. */
export interface Demand {
  /** Lowest level that suffices, one of the policy's. */
  readonly acr: string;
  /** Seconds after which a proof is too old. */
  readonly maxAge: number;
  /** Proofs that suffice. */
  readonly factors: readonly Factor[];
  /** Whether a proof opens one request only: this method, path and body. */
  readonly singleUse: boolean;
}

/** What the document says of step-up, compiled. */
export interface StepUpPolicy {
  /** From the lowest to the highest. */
  readonly levels: readonly string[];
  /** Level that a proof by each factor reaches; a factor that is missing is not offered. */
  readonly grants: Readonly<Partial<Record<OwnFactor, string>>>;
  /** What an operation demands that only the setting table makes require step-up. */
  readonly byDefault: Demand;
  /** Every operation that is not public, keyed `METHOD /template`; `null` where the document demands nothing. */
  readonly operations: Readonly<Record<string, Demand | null>>;
  /** Those of `FACTOR_CHANGES` that the document has, keyed alike: they ask for the strongest factor the caller has. */
  readonly factorChanges: readonly string[];
}

/** Operations, by id, that change what somebody can step up with. */
export const FACTOR_CHANGES = [
  'enrolTotp',
  'enrolPasskey',
  'preferFactor',
  'removeTotp',
  'removePasskey',
] as const;

/** File beside the handlers in the deployed asset. */
export const STEP_UP_FILE = 'step-up.json';

/** State of an operation in the setting table. */
export const SETTING_STATES = ['STEP_UP_NOT_REQUIRED', 'STEP_UP_REQUIRED', 'STEP_UP_DENY'] as const;
export type SettingState = (typeof SETTING_STATES)[number];

/** Partition keys of the tables. */
export const KEYS = { setting: 'id', session: 'sessionId', factor: 'subject' } as const;
/** Attribute of the session table with a row's expiry in epoch seconds. */
export const TTL_ATTRIBUTE = 'ttl';

/** Of the front door, where it checks step-up. */
export const stepUpCheckEnv = envContract({
  STEP_UP_SETTING_TABLE_NAME: text(),
  STEP_UP_SESSION_TABLE_NAME: text(),
});

/** Of the functions behind initiate-auth, respond-to-challenge and the factors. */
export const stepUpEnv = envContract({
  STEP_UP_SESSION_TABLE_NAME: text(),
  STEP_UP_FACTOR_TABLE_NAME: text(),
  /** Key that seals secrets of authenticator apps. */
  STEP_UP_KEY_ARN: text(),
  STEP_UP_EVENT_BUS_NAME: text(),
  /** Most seconds a completed step-up is kept; the articles' name and default. */
  SESSION_TABLE_ITEM_TTL: integer({ min: 60, max: 86_400 }),
  /** Pool that knows addresses and numbers; without it there are no codes by mail or message. */
  STEP_UP_USER_POOL_ID: optional(text()),
  /** Sender of codes by mail. */
  STEP_UP_EMAIL_FROM: optional(text()),
  /** What authenticator apps show beside the code. */
  STEP_UP_ISSUER: text(),
  /** Origin whose pages ask for passkeys, and whose host they are bound to; without it there are none. */
  STEP_UP_PASSKEY_ORIGIN: optional(text()),
});

/** Of the function that seeds the setting table. */
export const seedEnv = envContract({ STEP_UP_SETTING_TABLE_NAME: text() });

/** One operation as the seed knows it. */
export interface SettingSeed {
  readonly id: string;
  readonly state: SettingState;
  readonly group: string;
}

/** Source of the events that tell of step-ups; the functions may send no others. */
export const AUDIT_SOURCE = 'sallyport.step-up';

/** Metrics that alarms stand on. */
export const LOCKOUT_METRIC = 'StepUpLockouts';
export const AUDIT_LOST_METRIC = 'StepUpAuditLost';
