/** What is known of one person's factors, and which of them a challenge takes. */
import type { SignIn } from '../../_kernel/caller';
import type { Demand, OwnFactor, StepUpPolicy } from '../contract';
import { reaches } from './elevation';

/** A person's row of the factor table. */
export interface Person {
  /** Authenticator app: its secret, sealed, in base64. */
  readonly secret?: string;
  /** Sign-ins after this, in epoch seconds, may use the app; 0 where its enrolment was itself stepped up by one. */
  readonly usableAfter?: number;
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
  SOFTWARE_TOKEN: 'SOFTWARE_TOKEN_STEP_UP',
  SMS: 'SMS_STEP_UP',
  EMAIL: 'EMAIL_STEP_UP',
} as const;

/**
 * Factors of a person that this sign-in may use.
 *
 * An app enrolled during a sign-in is none of that sign-in's, nor of what is refreshed from it: whoever holds a stolen
 * token could else enrol an app of their own and step up with it.
 */
export function usableFactors(
  person: Person,
  contacts: Contacts,
  session: SignIn,
  policy: StepUpPolicy,
): OwnFactor[] {
  const app = person.secret !== undefined && isAfter(session.authTime, person.usableAfter);
  const all: OwnFactor[] = [
    ...(app ? (['SOFTWARE_TOKEN'] as const) : []),
    ...(contacts.phone === undefined ? [] : (['SMS'] as const)),
    ...(contacts.email === undefined ? [] : (['EMAIL'] as const)),
  ];
  return all.filter((factor) => policy.grants[factor] !== undefined);
}

function isAfter(authTime: number | undefined, usableAfter: number | undefined): boolean {
  if (usableAfter === undefined) return false;
  return usableAfter === 0 || (authTime !== undefined && authTime > usableAfter);
}

/**
 * The factor a challenge is bound to, chosen here and never by the client: the preferred one, else the app, a verified
 * phone, a verified address; of those that the demand takes.
 *
 * @returns `undefined` when the person has none of them
 */
export function chosenFactor(
  usable: readonly OwnFactor[],
  preferred: OwnFactor | undefined,
  demand: Demand,
  policy: StepUpPolicy,
): OwnFactor | undefined {
  const order: readonly (OwnFactor | undefined)[] = [preferred, 'SOFTWARE_TOKEN', 'SMS', 'EMAIL'];
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
  // an app that this sign-in may not use yet is a factor all the same
  const factors: OwnFactor[] =
    person.secret !== undefined
      ? ['SOFTWARE_TOKEN']
      : [
          ...(contacts.phone === undefined ? [] : (['SMS'] as const)),
          ...(contacts.email === undefined ? [] : (['EMAIL'] as const)),
        ];
  const offered = factors.filter((factor) => policy.grants[factor] !== undefined);
  const levels = offered.map((factor) => policy.grants[factor] ?? '');
  const [lowest] = policy.levels.filter((level) => levels.includes(level));
  if (lowest === undefined) return undefined;
  return { acr: lowest, maxAge: policy.byDefault.maxAge, factors: offered, singleUse: false };
}
