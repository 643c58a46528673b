/** A completed step-up, and whether it suffices for a demand. */
import type { SignIn } from '../../_kernel/caller';
import type { Demand, Factor, OwnFactor, StepUpPolicy } from '../contract';

/** A completed step-up, as the session table keeps it. */
export interface Elevation {
  /** `sessionId` of the row; see `elevationKey`. */
  readonly key: string;
  readonly subject: string;
  readonly client: string;
  readonly status: 'STEP_UP_COMPLETED' | 'STEP_UP_CONSUMED';
  readonly factor: OwnFactor;
  /** Level reached. */
  readonly acr: string;
  /** Methods used (RFC 8176). */
  readonly amr: readonly string[];
  /** Epoch seconds of the proof; nothing moves it. */
  readonly authTime: number;
  /** `*` for every operation whose demand is not higher, else the one operation. */
  readonly opens: string;
  /** Digest of the one body, in base64. */
  readonly digest?: string;
  /** Epoch seconds after which it counts no more, whether the row is still there or not. */
  readonly ttl: number;
}

/**
 * Method references (RFC 8176 section 2) of a proof by each factor; `pop`, of a key that may or may not be in hardware,
 * is of OpenID Connect EAP ACR Values 1.0 section 3.
 */
export const AMR: Readonly<Record<OwnFactor, readonly string[]>> = {
  PASSKEY: ['pop', 'mfa'],
  SOFTWARE_TOKEN: ['otp'],
  SMS: ['otp', 'sms'],
  EMAIL: ['otp'],
};

/** Key of a row: the sign-in, and for a single use the request it is bound to. */
export function elevationKey(sessionId: string, binding?: string): string {
  return binding === undefined ? sessionId : `${sessionId}#${binding}`;
}

/** Whether a level is at least another; a level nobody knows is none. */
export function reaches(policy: StepUpPolicy, acr: string | undefined, wanted: string): boolean {
  const [given, least] = [policy.levels.indexOf(acr ?? ''), policy.levels.indexOf(wanted)];
  return least >= 0 && given >= least;
}

/**
 * Whether a step-up suffices: of this caller and client, alive, not used up, high and recent enough, by a factor that
 * the operation takes. A single use and a general step-up never stand for each other.
 *
 * @param now epoch milliseconds
 */
export function suffices(
  policy: StepUpPolicy,
  demand: Demand,
  elevation: Elevation,
  asked: { key: string; operation: string; subject: string; clientId: string; now: number },
): boolean {
  const seconds = asked.now / 1000;
  return (
    elevation.key === asked.key &&
    elevation.subject === asked.subject &&
    elevation.client === asked.clientId &&
    elevation.status === 'STEP_UP_COMPLETED' &&
    elevation.opens === (demand.singleUse ? asked.operation : '*') &&
    elevation.ttl > seconds &&
    isRecent(elevation.authTime, demand.maxAge, seconds) &&
    takes(demand, elevation.factor) &&
    reaches(policy, elevation.acr, demand.acr)
  );
}

/** Whether the sign-in itself is proof enough: the provider's level and time are in the verified token. */
export function signInSuffices(policy: StepUpPolicy, demand: Demand, session: SignIn, now: number): boolean {
  return (
    takes(demand, 'PROVIDER') &&
    !demand.singleUse &&
    session.authTime !== undefined &&
    isRecent(session.authTime, demand.maxAge, now / 1000) &&
    reaches(policy, session.acr, demand.acr)
  );
}

/** Seconds by which another clock may be ahead of this one. */
const CLOCK_SKEW = 5;

function isRecent(authTime: number, maxAge: number, now: number): boolean {
  return authTime <= now + CLOCK_SKEW && now - authTime <= maxAge;
}

function takes(demand: Demand, factor: Factor): boolean {
  return demand.factors.includes(factor);
}
