/** What checks answer and what the policy makes of it. */
import type { Caller, SignIn } from '../../_kernel/caller';
import type { Alternative } from '../contract';

/** Why a request was not let in; stable, in logs, metrics and the body of a 401. */
export type Reason =
  | 'credentials_missing'
  | 'credentials_ambiguous'
  | 'credentials_malformed'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_signature_invalid'
  | 'token_issuer_unknown'
  | 'token_client_unknown'
  | 'token_use_wrong'
  | 'token_key_unknown'
  | 'token_claims_invalid'
  | 'session_invalid'
  | 'session_expired'
  | 'session_ended'
  | 'operation_unknown'
  | 'event_not_served'
  | 'step_up_required'
  | 'digest_missing'
  | ForbidReason;

/** Why a request was answered with 401. */
export type DenyReason = Exclude<Reason, ForbidReason>;

/** Why a request was answered with 403. */
export type ForbidReason =
  | 'scope_missing'
  | 'callers_differ'
  | 'csrf_header_missing'
  | 'csrf_origin_wrong'
  | 'csrf_site_wrong'
  | 'certificate_missing'
  | 'certificate_malformed'
  | 'certificate_contradictory'
  | 'certificate_out_of_date'
  | 'certificate_revoked'
  | 'issuer_revoked'
  | 'operation_denied'
  | 'step_up_impossible'
  | (typeof TROUBLE_REASONS)[number];

/** The reasons of a 403 that are the front door's own trouble, not the caller's. */
export const TROUBLE_REASONS = [
  'keys_unavailable',
  'session_unavailable',
  'list_missing',
  'list_expired',
  'lists_unavailable',
  'ocsp_responder_not_allowed',
  'ocsp_issuer_unknown',
  'ocsp_unreachable',
  'ocsp_too_large',
  'ocsp_malformed',
  'ocsp_refused',
  'ocsp_signature_invalid',
  'ocsp_signer_not_allowed',
  'ocsp_certificate_differs',
  'ocsp_nonce_differs',
  'ocsp_out_of_date',
  'ocsp_unknown',
  'step_up_unavailable',
  'check_failed',
] as const;

/**
 * How a check failed:
 * - `missing`: the request carries no such credentials
 * - `invalid`: it carries some, and they do not hold
 * - `forbidden`: they hold, and are not enough
 * - `unavailable`: it could not be found out
 */
export type Failure = 'missing' | 'invalid' | 'forbidden' | 'unavailable';

export type CheckResult =
  | { readonly ok: true; readonly caller: Caller; readonly session?: SignIn }
  | {
      readonly ok: false;
      readonly failure: 'missing' | 'invalid';
      readonly reason: DenyReason;
    }
  | { readonly ok: false; readonly failure: 'forbidden' | 'unavailable'; readonly reason: ForbidReason };

export interface CheckedRequest {
  /** Upper case. */
  readonly method: string;
  /** Header values by lower-case name. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** `clientCert` of the event's context, as it stands there; none without mutual TLS. */
  readonly clientCertificate?: unknown;
}

/** A check of one scheme: pure but for the ports it was made with. */
export type Check = (request: CheckedRequest, scopes: readonly string[]) => Promise<CheckResult>;

/** One check that was run, for the decision log. */
export interface Trail {
  readonly scheme: string;
  readonly outcome: 'ok' | Reason;
}

export type Verdict =
  | {
      readonly verdict: 'allow';
      readonly caller: Caller;
      readonly session?: SignIn;
      readonly trail: readonly Trail[];
    }
  | {
      readonly verdict: 'deny' | 'forbid';
      readonly failure: Failure;
      readonly reason: Reason;
      readonly scopes: readonly string[];
      readonly trail: readonly Trail[];
    };

/** The stronger a failure, the more the caller has shown; the strongest decides what is answered. */
const STRENGTH: Readonly<Record<Failure, number>> = { missing: 0, invalid: 1, unavailable: 2, forbidden: 3 };

type Held = Extract<CheckResult, { ok: true }>;

/**
 * Runs the alternatives of an operation in document order: any of them opens, all schemes of one together
 * (OpenAPI 3.1, Security Requirement Object).
 *
 * `deny` asks the caller to authenticate (401), `forbid` does not (403): the credentials hold but are not enough, or
 * whether they hold could not be found out. Where several schemes of an alternative name a person, it must be the same
 * one. That is the caller, with the certificate beside; a certificate alone is the caller itself.
 *
 * @param checks the check of every scheme; a scheme without one denies
 */
export async function decide(
  alternatives: readonly Alternative[],
  checks: Readonly<Record<string, Check>>,
  request: CheckedRequest,
): Promise<Verdict> {
  const trail: Trail[] = [];
  let worst: { failure: Failure; reason: Reason; scopes: readonly string[] } = {
    failure: 'missing',
    reason: 'credentials_missing',
    scopes: alternatives[0]?.[0]?.scopes ?? [],
  };
  for (const alternative of alternatives) {
    const held: Held[] = [];
    for (const { scheme, scopes } of alternative) {
      const check = Object.hasOwn(checks, scheme) ? checks[scheme] : undefined;
      const result = ofOnePerson(held, await runCheck(check, request, scopes));
      trail.push({ scheme, outcome: result.ok ? 'ok' : result.reason });
      if (!result.ok) {
        if (STRENGTH[result.failure] > STRENGTH[worst.failure]) worst = { ...result, scopes };
        break;
      }
      held.push(result);
    }
    const [first] = held;
    if (first !== undefined && held.length === alternative.length)
      return { verdict: 'allow', ...callerOf(first, held), trail };
  }
  const forbid = worst.failure === 'forbidden' || worst.failure === 'unavailable';
  return { verdict: forbid ? 'forbid' : 'deny', ...worst, trail };
}

/** Refuses what names another person than a scheme before it: two credentials that hold do not make one caller. */
function ofOnePerson(held: readonly Held[], result: CheckResult): CheckResult {
  if (!result.ok || !namesPerson(result)) return result;
  const other = held.find(namesPerson);
  return other === undefined || other.caller.subject === result.caller.subject
    ? result
    : { ok: false, failure: 'forbidden', reason: 'callers_differ' };
}

/** A certificate names whose connection it is. */
function namesPerson({ caller }: Held): boolean {
  return caller.certificate === undefined;
}

/** In which order the document names the schemes of an alternative does not matter. */
function callerOf(first: Held, held: readonly Held[]): { caller: Caller; session?: SignIn } {
  const { caller } = held.find(namesPerson) ?? first;
  const certificate = held.find((one) => !namesPerson(one))?.caller.certificate;
  const session = held.find((one) => one.session !== undefined)?.session;
  return {
    caller: certificate === undefined ? caller : { ...caller, certificate },
    ...(session === undefined ? {} : { session }),
  };
}

async function runCheck(
  check: Check | undefined,
  request: CheckedRequest,
  scopes: readonly string[],
): Promise<CheckResult> {
  if (check === undefined) return { ok: false, failure: 'unavailable', reason: 'check_failed' };
  try {
    return await check(request, scopes);
  } catch {
    return { ok: false, failure: 'unavailable', reason: 'check_failed' };
  }
}
