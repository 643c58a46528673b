/** A challenge between `initiate-auth` and `respond-to-challenge`, and the ports it lives on. */
import type { OwnFactor } from '../contract';
import type { Elevation } from './elevation';
import type { Person } from './person';
import type { Passkey } from './passkey';

/** An open challenge: bound to sign-in, person, client, factor, and to what it opens. */
export interface Challenge {
  /** `sessionId` of the row. */
  readonly key: string;
  readonly subject: string;
  readonly client: string;
  readonly factor: OwnFactor;
  readonly opens: string;
  readonly digest?: string;
  /** Of a single use: what its row is called after. */
  readonly binding?: string;
  /** Of a code that was sent. */
  readonly codeHash?: string;
  /** What a passkey signs, in base64url. */
  readonly nonce?: string;
  /** Epoch seconds. */
  readonly ttl: number;
}

/** Seconds in which a challenge can be answered. */
export const CHALLENGE_SECONDS = 300;
/** Answers one challenge takes. */
export const MOST_ATTEMPTS = 3;
/** Wrong answers in a row, over all challenges of a person, after which none is looked at for a while. */
export const MOST_FAILURES = 5;
export const LOCK_SECONDS = 1_800;
/** Codes sent to one person in an hour, as Cognito allows (the articles' quota). */
export const MOST_SENT = 5;
export const SENT_SECONDS = 3_600;

/** Key of a challenge's row: nobody can name one of another sign-in. */
export function challengeKey(sessionId: string, id: string): string {
  return `${sessionId}!${id}`;
}

/** Port: challenges and step-ups. Every write is conditional; a read sees every write before it. */
export interface SessionTable {
  open(challenge: Challenge, now: number): Promise<void>;
  /** @returns an open challenge, expired or not */
  challenge(key: string): Promise<Challenge | undefined>;
  /** Counts an answer before it is looked at. @returns false when the challenge takes no more */
  attempt(key: string, now: number): Promise<boolean>;
  /** Closes an open challenge for good. @returns whether this call did it */
  close(key: string, status: 'STEP_UP_COMPLETED' | 'STEP_UP_ERROR', now: number): Promise<boolean>;
  /** Keeps a step-up, unless a later one of the same key is there. Durable when it resolves. */
  complete(elevation: Elevation, now: number): Promise<void>;
}

/** Port: factors of people. */
export interface FactorTable {
  read(subject: string): Promise<Person>;
  /** Counts an answer before it is looked at. @returns false while the person is locked */
  attempt(
    subject: string,
    now: number,
  ): Promise<{ ok: true; failures: number } | { ok: false; retryAfter: number }>;
  /** Forgets the wrong answers. */
  succeeded(subject: string): Promise<void>;
  /** Counts a code that is about to be sent. @returns false when there were too many within the hour */
  sending(subject: string, now: number): Promise<boolean>;
  /** Takes a time step, once. @returns false when it, or a later one, was taken before, or the secret is another */
  take(subject: string, secret: string, step: number): Promise<boolean>;
  begin(subject: string, pending: Pending): Promise<void>;
  pending(subject: string): Promise<Pending | undefined>;
  /** Makes the pending secret the person's. @returns false when it is no longer the one that was confirmed */
  confirm(
    subject: string,
    confirmed: { secret: string; step: number; usableAfter: number },
  ): Promise<boolean>;
  prefer(subject: string, factor: OwnFactor): Promise<void>;
  /** Forgets an app, what is pending of another, and the preference for apps. @returns false when the secret is another */
  removeApp(subject: string, secret: string): Promise<boolean>;
  /** Takes what a passkey has counted. @returns false when it counted as far before, or the key is another */
  takeCount(subject: string, passkey: Passkey, count: number): Promise<boolean>;
  beginPasskey(subject: string, pending: PendingPasskey): Promise<void>;
  pendingPasskey(subject: string): Promise<PendingPasskey | undefined>;
  /** Adds the passkey that answered. @returns false when it is there already, or another enrolment has begun */
  confirmPasskey(subject: string, nonce: string, passkey: Passkey): Promise<boolean>;
  removePasskey(subject: string, id: string): Promise<void>;
}

/** An enrolment that nobody has confirmed yet. */
interface Enrolment {
  readonly sessionId: string;
  /** Epoch seconds. */
  readonly until: number;
  /** Whether the enrolment was stepped up by a factor at least as strong, so that what is enrolled can be used at once. */
  readonly usableNow: boolean;
}

export interface Pending extends Enrolment {
  /** Sealed, in base64. */
  readonly secret: string;
}

export interface PendingPasskey extends Enrolment {
  /** What the new passkey has to answer, in base64url. */
  readonly nonce: string;
}
