/** Enrolling an authenticator app and choosing a factor: changes that demand a step-up themselves. */
import type { Demand, OwnFactor, StepUpPolicy } from '../contract';
import type { Pending } from './challenge';
import { type ContactHint, contactHints } from './contact-hints';
import { type Elevation, elevationKey, suffices } from './elevation';
import { changeDemand, type Contacts, FIRST_ENROLMENT_SECONDS, type Person, usableFactors } from './person';
import type { Asker, StepUpPorts } from './step-up';
import { enrolmentOf, SECRET_BYTES, stepOf } from './totp';

export interface EnrolmentPorts extends StepUpPorts {
  readonly seal: (subject: string, secret: Uint8Array) => Promise<string>;
  readonly elevation: (key: string) => Promise<Elevation | undefined>;
  /** What apps show beside the code. */
  readonly issuer: string;
}

/** What the caller still has to prove; `acr` is absent where a recent sign-in does. */
export interface Insufficient {
  readonly ok: false;
  readonly status: 401;
  readonly acr?: string;
  readonly maxAge: number;
}

type Permission = {
  readonly ok: true;
  readonly person: Person;
  readonly contacts: Contacts;
  readonly by?: OwnFactor;
};

/**
 * Whether this sign-in may change factors: by a step-up with the strongest factor there is, or, of somebody who has
 * none, by having signed in within the last ten minutes.
 */
export async function mayChange(asker: Asker, ports: EnrolmentPorts): Promise<Permission | Insufficient> {
  const { subject, session } = asker;
  const [person, contacts] = await Promise.all([ports.factors.read(subject), ports.contacts(subject)]);
  const demand = changeDemand(person, contacts, ports.policy);
  const now = ports.clock();
  if (demand === undefined) {
    const age = session.authTime === undefined ? Number.POSITIVE_INFINITY : now / 1000 - session.authTime;
    return age <= FIRST_ENROLMENT_SECONDS
      ? { ok: true, person, contacts }
      : { ok: false, status: 401, maxAge: FIRST_ENROLMENT_SECONDS };
  }
  const by = await steppedUpBy(asker, demand, now, ports);
  return by === undefined
    ? { ok: false, status: 401, acr: demand.acr, maxAge: demand.maxAge }
    : { ok: true, person, contacts, by };
}

async function steppedUpBy(
  { subject, clientId, session }: Asker,
  demand: Demand,
  now: number,
  { policy, elevation }: EnrolmentPorts,
): Promise<OwnFactor | undefined> {
  const key = elevationKey(session.id);
  const found = await elevation(key);
  const asked = { key, operation: '*', subject, clientId, now };
  return found !== undefined && suffices(policy, demand, found, asked) ? found.factor : undefined;
}

/** Seconds in which a new secret can be confirmed. */
const PENDING_SECONDS = 600;

/** Makes a secret, which counts for nothing until a code of it has been shown. */
export async function beginTotp(
  asker: Asker,
  ports: EnrolmentPorts,
): Promise<{ ok: true; secret: string; uri: string } | Insufficient> {
  const permission = await mayChange(asker, ports);
  if (!permission.ok) return permission;
  const { subject, session } = asker;
  const secret = ports.random(SECRET_BYTES);
  await ports.factors.begin(subject, {
    secret: await ports.seal(subject, secret),
    sessionId: session.id,
    until: Math.floor(ports.clock() / 1000) + PENDING_SECONDS,
    byApp: permission.by === 'SOFTWARE_TOKEN',
  });
  const account = permission.contacts.email ?? subject;
  return { ok: true, ...enrolmentOf(secret, { issuer: ports.issuer, account }) };
}

/**
 * Makes the pending secret the person's, once a code of it is right.
 *
 * The code is used up by that. An app that replaces one by a step-up with the old one can be used at once; any other
 * only by sign-ins that come after.
 */
export async function confirmTotp(
  asker: Asker,
  code: string,
  ports: EnrolmentPorts,
): Promise<
  | { ok: true; usableNow: boolean }
  | { ok: false; status: 401 }
  | { ok: false; status: 429; retryAfter: number }
> {
  const { subject, clientId, session } = asker;
  const { factors, audit, clock } = ports;
  const now = Math.floor(clock() / 1000);
  const refuse = async (reason: string): Promise<{ ok: false; status: 401 }> => {
    await audit({ outcome: 'refused', reason, subject, clientId, factor: 'SOFTWARE_TOKEN' });
    return { ok: false, status: 401 };
  };
  const counted = await factors.attempt(subject, now);
  if (!counted.ok) {
    await refuse('locked');
    return { ok: false, status: 429, retryAfter: counted.retryAfter };
  }
  const pending = await factors.pending(subject);
  if (!isOpen(pending, session.id, now)) return refuse('enrolment_unknown');
  const secret = await ports.unseal(subject, pending.secret);
  const step = secret === undefined ? undefined : stepOf(secret, code, clock());
  if (step === undefined) return refuse('code_wrong');
  const usableAfter = pending.byApp ? 0 : now;
  if (!(await factors.confirm(subject, { secret: pending.secret, step, usableAfter })))
    return refuse('enrolment_unknown');
  await factors.succeeded(subject);
  await audit({ outcome: 'enrolled', subject, clientId, factor: 'SOFTWARE_TOKEN' });
  return { ok: true, usableNow: pending.byApp };
}

function isOpen(pending: Pending | undefined, sessionId: string, now: number): pending is Pending {
  return pending !== undefined && pending.sessionId === sessionId && pending.until > now;
}

/** Chooses the factor that challenges take first. @returns `unknown` for one the person does not have */
export async function prefer(
  asker: Asker,
  factor: OwnFactor,
  ports: EnrolmentPorts,
): Promise<{ ok: true } | Insufficient | 'unknown'> {
  const permission = await mayChange(asker, ports);
  if (!permission.ok) return permission;
  if (!enrolled(permission.person, permission.contacts, ports.policy).includes(factor)) return 'unknown';
  await ports.factors.prefer(asker.subject, factor);
  const { subject, clientId } = asker;
  await ports.audit({ outcome: 'preferred', subject, clientId, factor });
  return { ok: true };
}

/** What a person has, and what of it this sign-in may use. */
export async function listed(
  { subject, session }: Asker,
  ports: StepUpPorts,
): Promise<{
  factors: { factor: OwnFactor; usable: boolean }[];
  contacts: ContactHint[];
  preferred?: OwnFactor;
}> {
  const [person, contacts] = await Promise.all([ports.factors.read(subject), ports.contacts(subject)]);
  const usable = usableFactors(person, contacts, session, ports.policy);
  const { preferred } = person;
  return {
    factors: enrolled(person, contacts, ports.policy).map((factor) => ({
      factor,
      usable: usable.includes(factor),
    })),
    contacts: contactHints(contacts),
    ...(preferred === undefined ? {} : { preferred }),
  };
}

function enrolled(person: Person, contacts: Contacts, policy: StepUpPolicy): OwnFactor[] {
  const all: readonly (OwnFactor | undefined)[] = [
    person.secret === undefined ? undefined : 'SOFTWARE_TOKEN',
    contacts.phone === undefined ? undefined : 'SMS',
    contacts.email === undefined ? undefined : 'EMAIL',
  ];
  return all.filter(
    (factor): factor is OwnFactor => factor !== undefined && policy.grants[factor] !== undefined,
  );
}
