/** What is known of one person's factors, and which of them a challenge takes. */
import type { SignIn } from '../../_kernel/caller';
import { type Demand, OWN_FACTORS, type OwnFactor, type StepUpPolicy } from '../contract';
import { reaches } from './elevation';
import type { Passkey } from './passkey';

/** A person's row of the factor table. */
export interface Person {
  /** Authenticator app: its secret, sealed, in base64. */
  readonly secret?: string;
  /** Sign-ins after this, in epoch seconds, may use the app; 0 where its enrolment was itself stepped up by one. */
  readonly usableAfter?: number;
  readonly passkeys: readonly Passkey[];
  readonly preferred?: OwnFactor;
}

/** Where codes can be sent; only what the provider has verified. */
export interface Contacts {
  readonly phone?: string;
  readonly email?: string;
  /** What the provider knows and has not verified: to be shown, never to be sent to. */
  readonly unverified?: { readonly phone?: string; readonly email?: string };
}

/** Codes of the answer to `initiate-auth`. */
export const STEP_UP_CODES = {
  PASSKEY: 'PASSKEY_STEP_UP',
  SOFTWARE_TOKEN: 'SOFTWARE_TOKEN_STEP_UP',
  SMS: 'SMS_STEP_UP',
  EMAIL: 'EMAIL_STEP_UP',
} as const;

/**
 * Factors of a person that this sign-in may use.
 *
 * An app or passkey enrolled during a sign-in is none of that sign-in's, nor of what is refreshed from it: whoever holds a
 * stolen token could else enrol one of their own and step up with it.
 */
export function usableFactors(
  person: Person,
  contacts: Contacts,
  session: SignIn,
  policy: StepUpPolicy,
): OwnFactor[] {
  const usable: Readonly<Record<OwnFactor, boolean>> = {
    PASSKEY: usablePasskeys(person, session).length > 0,
    SOFTWARE_TOKEN: isAfter(session.authTime, person.usableAfter),
    SMS: true,
    EMAIL: true,
  };
  return enrolled(person, contacts, policy).filter((factor) => usable[factor]);
}

/** Passkeys of a person that this sign-in may use. */
export function usablePasskeys(person: Person, session: SignIn): Passkey[] {
  return person.passkeys.filter(({ usableAfter }) => isAfter(session.authTime, usableAfter));
}

function isAfter(authTime: number | undefined, usableAfter: number | undefined): boolean {
  if (usableAfter === undefined) return false;
  return usableAfter === 0 || (authTime !== undefined && authTime > usableAfter);
}

/**
 * The factor a challenge is bound to, chosen here and never by the client: the preferred one, else a passkey where the
 * client says that it can use one, else the app, a verified phone, a verified address, a passkey all the same; of those
 * that the demand takes.
 *
 * @param asksForPasskey what the client says of itself; saying nothing never leads to less than before there were passkeys
 * @returns `undefined` when the person has none of them
 */
export function chosenFactor(
  usable: readonly OwnFactor[],
  { preferred, asksForPasskey }: { preferred?: OwnFactor | undefined; asksForPasskey: boolean },
  demand: Demand,
  policy: StepUpPolicy,
): OwnFactor | undefined {
  const order: readonly (OwnFactor | undefined)[] = [
    preferred,
    asksForPasskey ? 'PASSKEY' : undefined,
    ...(['SOFTWARE_TOKEN', 'SMS', 'EMAIL', 'PASSKEY'] as const),
  ];
  return order.find(
    (factor): factor is OwnFactor =>
      factor !== undefined &&
      usable.includes(factor) &&
      demand.factors.includes(factor) &&
      reaches(policy, policy.grants[factor], demand.acr),
  );
}

/** Seconds after a sign-in in which somebody without any factor may enrol the first. */
export const FIRST_ENROLMENT_SECONDS = 600;

/**
 * What changing factors demands: a step-up by the strongest factor there is.
 *
 * @returns `undefined` when there is none; then a recent sign-in must do
 */
export function changeDemand(person: Person, contacts: Contacts, policy: StepUpPolicy): Demand | undefined {
  const [strongest, ...others] = enrolled(person, contacts, policy);
  if (strongest === undefined) return undefined;
  // a phone and an address prove the same: that a message arrives
  const factors = strongest === 'SMS' ? [strongest, ...others] : [strongest];
  const levels = factors.map((factor) => policy.grants[factor] ?? '');
  const [lowest] = policy.levels.filter((level) => levels.includes(level));
  if (lowest === undefined) return undefined;
  return { acr: lowest, maxAge: policy.byDefault.maxAge, factors, singleUse: false };
}

/** Factors that a person has, the strongest first, whether this sign-in may use them or not. */
export function enrolled(person: Person, contacts: Contacts, policy: StepUpPolicy): OwnFactor[] {
  const has: Readonly<Record<OwnFactor, boolean>> = {
    PASSKEY: person.passkeys.length > 0,
    SOFTWARE_TOKEN: person.secret !== undefined,
    SMS: contacts.phone !== undefined,
    EMAIL: contacts.email !== undefined,
  };
  return OWN_FACTORS.filter((factor) => has[factor] && policy.grants[factor] !== undefined);
}

/** Whether what is enrolled by a step-up with one factor proves no more than that one did. */
export function isAsStrong(by: OwnFactor | undefined, enrolling: OwnFactor): boolean {
  return by !== undefined && OWN_FACTORS.indexOf(by) <= OWN_FACTORS.indexOf(enrolling);
}
