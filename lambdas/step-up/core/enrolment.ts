/** Enrolling an authenticator app or a passkey, and choosing a factor: changes that demand a step-up themselves. */
import type { Demand, OwnFactor } from '../contract';
import type { Pending, PendingPasskey } from './challenge';
import { type ContactHint, contactHints } from './contact-hints';
import { type Elevation, elevationKey, suffices } from './elevation';
import {
  type Attestation,
  type CreationOptions,
  creationOptions,
  MOST_PASSKEYS,
  NONCE_BYTES,
  type Transport,
  TRANSPORTS,
} from './passkey';
import {
  changeDemand,
  type Contacts,
  enrolled,
  FIRST_ENROLMENT_SECONDS,
  isAsStrong,
  type Person,
  usableFactors,
  usablePasskeys,
} from './person';
import type { AnswerPorts, Asker, StepUpPorts } from './step-up';
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

/** Seconds in which an enrolment can be confirmed. */
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
    usableNow: isAsStrong(permission.by, 'SOFTWARE_TOKEN'),
  });
  const account = permission.contacts.email ?? subject;
  return { ok: true, ...enrolmentOf(secret, { issuer: ports.issuer, account }) };
}

/**
 * Makes the pending secret the person's, once a code of it is right.
 *
 * The code is used up by that. An app that was enrolled by a step-up with the one before, or with a passkey, can be used
 * at once; any other only by sign-ins that come after.
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
  const usableAfter = pending.usableNow ? 0 : now;
  if (!(await factors.confirm(subject, { secret: pending.secret, step, usableAfter })))
    return refuse('enrolment_unknown');
  await factors.succeeded(subject);
  await audit({ outcome: 'enrolled', subject, clientId, factor: 'SOFTWARE_TOKEN' });
  return { ok: true, usableNow: pending.usableNow };
}

function isOpen<P extends Pending | PendingPasskey>(
  pending: P | undefined,
  sessionId: string,
  now: number,
): pending is P {
  return pending !== undefined && pending.sessionId === sessionId && pending.until > now;
}

/** Asks for a new passkey, which counts for nothing until it has answered. @returns `not_offered` where there are none */
export async function beginPasskey(
  asker: Asker,
  ports: EnrolmentPorts,
): Promise<{ ok: true; publicKey: CreationOptions } | Insufficient | 'not_offered' | 'too_many'> {
  const { site, factors, issuer } = ports;
  if (site === undefined) return 'not_offered';
  const permission = await mayChange(asker, ports);
  if (!permission.ok) return permission;
  const { person, contacts, by } = permission;
  if (person.passkeys.length >= MOST_PASSKEYS) return 'too_many';
  const { subject, session } = asker;
  const nonce = ports.random(NONCE_BYTES).toString('base64url');
  await factors.beginPasskey(subject, {
    nonce,
    sessionId: session.id,
    until: Math.floor(ports.clock() / 1000) + PENDING_SECONDS,
    usableNow: isAsStrong(by, 'PASSKEY'),
  });
  const whose = { subject, account: contacts.email ?? subject, issuer, passkeys: person.passkeys };
  return { ok: true, publicKey: creationOptions(nonce, PENDING_SECONDS, site, whose) };
}

/**
 * Makes a passkey the person's, once it has answered what was asked. Wrong answers are not counted: there is nothing to
 * guess. As with an app, only sign-ins that come after may use it, unless another passkey vouched for it.
 */
export async function confirmPasskey(
  asker: Asker,
  attestation: Attestation,
  ports: EnrolmentPorts & AnswerPorts,
): Promise<{ ok: true; id: string; usableNow: boolean } | { ok: false; status: 401 } | 'not_offered'> {
  const { subject, clientId, session } = asker;
  const { factors, audit, clock, site, verifier } = ports;
  if (site === undefined) return 'not_offered';
  const now = Math.floor(clock() / 1000);
  const refuse = async (reason: string): Promise<{ ok: false; status: 401 }> => {
    await audit({ outcome: 'refused', reason, subject, clientId, factor: 'PASSKEY' });
    return { ok: false, status: 401 };
  };
  const pending = await factors.pendingPasskey(subject);
  if (!isOpen(pending, session.id, now)) return refuse('enrolment_unknown');
  const made = await verifier.attested(attestation, pending.nonce, site);
  if (made === undefined) return refuse('passkey_wrong');
  const { usableNow } = pending;
  const passkey = {
    ...made,
    transports: (attestation.response.transports ?? []).filter(isTransport),
    usableAfter: usableNow ? 0 : now,
    createdAt: now,
  };
  if (!(await factors.confirmPasskey(subject, pending.nonce, passkey))) return refuse('enrolment_unknown');
  await audit({ outcome: 'enrolled', subject, clientId, factor: 'PASSKEY' });
  return { ok: true, id: made.id, usableNow };
}

function isTransport(value: string): value is Transport {
  return TRANSPORTS.some((transport) => transport === value);
}

/** Removes a passkey, e.g. of a device that is lost; it takes what enrolling takes. @returns `unknown` for none of theirs */
export async function removePasskey(
  asker: Asker,
  id: string,
  ports: EnrolmentPorts,
): Promise<{ ok: true } | Insufficient | 'unknown'> {
  const permission = await mayChange(asker, ports);
  if (!permission.ok) return permission;
  if (!permission.person.passkeys.some((passkey) => passkey.id === id)) return 'unknown';
  const { subject, clientId } = asker;
  await ports.factors.removePasskey(subject, id);
  await ports.audit({ outcome: 'removed', subject, clientId, factor: 'PASSKEY' });
  return { ok: true };
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
  passkeys: { id: string; createdAt: number; usable: boolean }[];
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
    passkeys: person.passkeys.map(({ id, createdAt }) => ({
      id,
      createdAt,
      usable: usablePasskeys(person, session).some((one) => one.id === id),
    })),
  };
}
