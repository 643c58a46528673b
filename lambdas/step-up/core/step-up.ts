/** The life of a step-up: a challenge whose factor is chosen here, an answer that is looked at once, a row that says so. */
import type { SignIn } from '../../_kernel/caller';
import type { Clock } from '../../_kernel/clock';
import type { OwnFactor, StepUpPolicy } from '../contract';
import type { Audit } from './audit';
import {
  type Challenge,
  CHALLENGE_SECONDS,
  challengeKey,
  type FactorTable,
  MOST_FAILURES,
  SENT_SECONDS,
  type SessionTable,
} from './challenge';
import { hashOf, isCodeOf, newCode, type Random } from './code';
import { hintOf } from './contact-hints';
import { AMR, type Elevation, elevationKey } from './elevation';
import {
  type Assertion,
  NONCE_BYTES,
  type PasskeyVerifier,
  type RelyingParty,
  type RequestOptions,
  requestOptions,
  userHandleOf,
} from './passkey';
import {
  changeDemand,
  chosenFactor,
  type Contacts,
  STEP_UP_CODES,
  usableFactors,
  usablePasskeys,
} from './person';
import { targetOf, type Wanted } from './target';
import { stepOf } from './totp';

/** Who asks: what the front door has checked. */
export interface Asker {
  readonly subject: string;
  readonly clientId: string;
  readonly session: SignIn;
}

export interface StepUpPorts {
  readonly policy: StepUpPolicy;
  readonly sessions: SessionTable;
  readonly factors: FactorTable;
  /** Addresses that the provider has verified. */
  readonly contacts: (subject: string) => Promise<Contacts>;
  readonly send: (factor: 'SMS' | 'EMAIL', to: string, code: string) => Promise<void>;
  /** Opens a sealed secret. @returns `undefined` when it is not this person's */
  readonly unseal: (subject: string, sealed: string) => Promise<Uint8Array | undefined>;
  /** Where passkeys are used; `undefined` where none are offered. */
  readonly site: RelyingParty | undefined;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: Random;
  /** Most seconds a step-up is kept. */
  readonly itemTtl: number;
}

/** What checking an answer takes besides. */
export interface AnswerPorts extends StepUpPorts {
  readonly verifier: PasskeyVerifier;
}

type Initiated =
  | {
      readonly ok: true;
      readonly code: (typeof STEP_UP_CODES)[OwnFactor];
      readonly challengeId: string;
      /** Epoch seconds. */
      readonly expiresAt: number;
      /** Where the code went, as much as its owner needs to know it again. */
      readonly sentTo?: string;
      /** There where a fresh sign-in at the provider would do as well. */
      readonly signIn?: true;
      /** Of a passkey. */
      readonly publicKey?: RequestOptions;
    }
  | { readonly ok: true; readonly code: 'MAYBE_SOFTWARE_TOKEN_STEP_UP'; readonly signIn?: true }
  | { readonly ok: false; readonly status: 400 | 404; readonly reason: 'digest_missing' | 'unknown' }
  | { readonly ok: false; readonly status: 429; readonly retryAfter: number };

type Responded =
  | { readonly ok: true; readonly elevation: Elevation }
  | { readonly ok: false; readonly status: 401 }
  | { readonly ok: false; readonly status: 429; readonly retryAfter: number };

/**
 * Opens a challenge for a request that the client wants to make.
 *
 * Nothing is proven by it, and nothing that was proven before is touched: the challenge is a row of its own.
 */
export async function initiate(
  asker: Asker,
  wanted: Wanted & { readonly passkey?: boolean | undefined },
  ports: StepUpPorts,
): Promise<Initiated> {
  const { policy, sessions, factors, contacts, audit, clock, random, site } = ports;
  const target = targetOf(wanted, policy);
  if (target === 'unknown') return { ok: false, status: 404, reason: 'unknown' };
  if (target === 'digest_missing') return { ok: false, status: 400, reason: 'digest_missing' };
  const { subject, clientId, session } = asker;
  const [person, known] = await Promise.all([factors.read(subject), contacts(subject)]);
  // what changes factors looks at the proof itself, and takes the strongest factor only
  const strongest = policy.factorChanges.includes(target.operation)
    ? changeDemand(person, known, policy)
    : undefined;
  const usable = usableFactors(person, known, session, policy).filter(
    (own) => strongest?.factors.includes(own) ?? true,
  );
  const client = { preferred: person.preferred, asksForPasskey: wanted.passkey === true };
  const factor = chosenFactor(usable, client, target.demand, policy);
  const signIn =
    strongest === undefined && target.demand.factors.includes('PROVIDER') ? ({ signIn: true } as const) : {};
  if (factor === undefined) return { ok: true, code: 'MAYBE_SOFTWARE_TOKEN_STEP_UP', ...signIn };
  const now = Math.floor(clock() / 1000);
  const sent = isSent(factor) ? newCode(random) : undefined;
  if (sent !== undefined && !(await factors.sending(subject, now)))
    return { ok: false, status: 429, retryAfter: SENT_SECONDS };
  const challengeId = random(16).toString('base64url');
  const nonce = factor === 'PASSKEY' ? random(NONCE_BYTES).toString('base64url') : undefined;
  const challenge: Challenge = {
    key: challengeKey(session.id, challengeId),
    subject,
    client: clientId,
    factor,
    opens: target.single === undefined ? '*' : target.operation,
    ...target.single,
    ...(sent === undefined ? {} : { codeHash: hashOf(sent, random) }),
    ...(nonce === undefined ? {} : { nonce }),
    ttl: Math.min(now + CHALLENGE_SECONDS, session.endsAt),
  };
  await sessions.open(challenge, now);
  const to = factor === 'SMS' ? known.phone : known.email;
  const sends = sent !== undefined && isSent(factor) && to !== undefined;
  if (sends) await ports.send(factor, to, sent);
  await audit({ outcome: 'challenged', subject, clientId, factor, opens: challenge.opens });
  return {
    ok: true,
    code: STEP_UP_CODES[factor],
    challengeId,
    expiresAt: challenge.ttl,
    ...(sends ? { sentTo: hintOf(factor, to) } : {}),
    ...(nonce === undefined || site === undefined
      ? {}
      : { publicKey: requestOptions(nonce, challenge.ttl - now, site, usablePasskeys(person, session)) }),
    ...signIn,
  };
}

function isSent(factor: OwnFactor): factor is 'SMS' | 'EMAIL' {
  return factor === 'SMS' || factor === 'EMAIL';
}

interface Answered {
  readonly challengeId: string;
  /** A code, or what a passkey has signed. */
  readonly answer: string | Assertion;
  /** Code of the factor that the client believes to answer; must be the challenge's where it is given. */
  readonly claimed?: string | undefined;
}

/**
 * Looks at an answer. It is counted before it is looked at, against the challenge and against the person, so that
 * guesses in parallel are no more than guesses in a row; and the step-up is stored before anybody hears of success.
 */
export async function respond(
  asker: Asker,
  { challengeId, answer, claimed }: Answered,
  ports: AnswerPorts,
): Promise<Responded> {
  const { sessions, factors, audit, clock } = ports;
  const { subject, clientId, session } = asker;
  const key = challengeKey(session.id, challengeId);
  const refuse = async (reason: string, challenge?: Challenge): Promise<Responded> => {
    const about = challenge === undefined ? {} : { factor: challenge.factor, opens: challenge.opens };
    await audit({ outcome: 'refused', reason, subject, clientId, ...about });
    return { ok: false, status: 401 };
  };
  const challenge = await sessions.challenge(key);
  const now = Math.floor(clock() / 1000);
  if (challenge?.subject !== subject || challenge.client !== clientId) return refuse('challenge_unknown');
  // the store removes expired rows when it gets to it
  if (challenge.ttl <= now) return refuse('challenge_expired', challenge);
  if (claimed !== undefined && claimed !== STEP_UP_CODES[challenge.factor])
    return refuse('factor_wrong', challenge);
  const counted = await factors.attempt(subject, now);
  if (!counted.ok) {
    await audit({ outcome: 'refused', reason: 'locked', subject, clientId, factor: challenge.factor });
    return { ok: false, status: 429, retryAfter: counted.retryAfter };
  }
  if (!(await sessions.attempt(key, now))) return refuse('challenge_used', challenge);
  if (!(await isRight(asker, challenge, answer, ports))) {
    if (counted.failures >= MOST_FAILURES) {
      await audit({ outcome: 'locked', subject, clientId, factor: challenge.factor });
      await sessions.close(key, 'STEP_UP_ERROR', now);
    }
    return refuse('code_wrong', challenge);
  }
  if (!(await sessions.close(key, 'STEP_UP_COMPLETED', now))) return refuse('challenge_used', challenge);
  const elevation = elevationBy(challenge, session, now, ports);
  await sessions.complete(elevation, now);
  await factors.succeeded(subject);
  const { factor, opens, acr } = elevation;
  await audit({ outcome: 'elevated', subject, clientId, factor, opens, acr });
  return { ok: true, elevation };
}

async function isRight(
  asker: Asker,
  challenge: Challenge,
  answer: Answered['answer'],
  ports: AnswerPorts,
): Promise<boolean> {
  // a code never answers the challenge of a passkey, nor the other way round
  if (challenge.factor === 'PASSKEY')
    return typeof answer !== 'string' && isSigned(asker, challenge, answer, ports);
  if (typeof answer !== 'string') return false;
  if (challenge.factor === 'SOFTWARE_TOKEN') return isOfApp(asker.subject, answer, ports);
  return challenge.codeHash !== undefined && isCodeOf(challenge.codeHash, answer);
}

async function isOfApp(
  subject: string,
  code: string,
  { factors, unseal, clock }: StepUpPorts,
): Promise<boolean> {
  const { secret: sealed } = await factors.read(subject);
  const secret = sealed === undefined ? undefined : await unseal(subject, sealed);
  if (sealed === undefined || secret === undefined) return false;
  const step = stepOf(secret, code, clock());
  // RFC 6238 section 5.2: a code is accepted once
  return step !== undefined && (await factors.take(subject, sealed, step));
}

/** Whether a passkey of this person, which this sign-in may use, has signed the challenge of this very row. */
async function isSigned(
  { subject, session }: Asker,
  { nonce }: Challenge,
  assertion: Assertion,
  { factors, site, verifier }: AnswerPorts,
): Promise<boolean> {
  if (nonce === undefined || site === undefined) return false;
  const { userHandle } = assertion.response;
  if (userHandle !== undefined && userHandle !== userHandleOf(subject)) return false;
  const person = await factors.read(subject);
  const passkey = usablePasskeys(person, session).find(({ id }) => id === assertion.id);
  if (passkey === undefined) return false;
  const count = await verifier.asserted(assertion, nonce, site, passkey);
  // section 7.2, step 22: of two that count as far as each other one may be a copy
  return count !== undefined && (await factors.takeCount(subject, passkey, count));
}

function elevationBy(
  challenge: Challenge,
  session: SignIn,
  now: number,
  { policy, itemTtl }: StepUpPorts,
): Elevation {
  const { subject, client, factor, opens, digest, binding } = challenge;
  return {
    key: elevationKey(session.id, binding),
    subject,
    client,
    status: 'STEP_UP_COMPLETED',
    factor,
    acr: policy.grants[factor] ?? '',
    amr: AMR[factor],
    authTime: now,
    opens,
    ...(digest === undefined ? {} : { digest }),
    ttl: Math.min(session.endsAt, now + itemTtl),
  };
}
