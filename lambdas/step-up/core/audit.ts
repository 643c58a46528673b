/** What is told of every step-up and refusal: who, when, for what, and never a code or a secret. */
import type { OwnFactor } from '../contract';

type AuditOutcome = 'challenged' | 'elevated' | 'refused' | 'locked' | 'enrolled' | 'preferred' | 'removed';

export interface AuditEvent {
  readonly outcome: AuditOutcome;
  /** Stable code. */
  readonly reason?: string;
  /** Identifier of the person at the provider, as tokens have it. */
  readonly subject: string;
  readonly clientId: string;
  readonly factor?: OwnFactor;
  /** `METHOD /template` of a single use, or `*`. */
  readonly opens?: string;
  readonly acr?: string;
}

/** Port: tells an event; never rejects. */
export type Audit = (event: AuditEvent) => Promise<void>;
