/** Answers that several operations of step-up give. */
import type { Caller } from '../../_kernel/caller';
import { problem, type ProblemDetails } from '../../_kernel/http';
import type { Insufficient } from './enrolment';
import type { Asker } from './step-up';

type Refusal<Status extends number> = { readonly status: Status; readonly body: ProblemDetails };

/** Who asks; `undefined` when the front door told of no sign-in to bind anything to. */
export function askerOf({ subject, clientId, session }: Caller): Asker | undefined {
  return session === undefined ? undefined : { subject, clientId, session };
}

/** A 401 that says what to prove (RFC 9470 section 3), in header and body. */
export function insufficient({ acr, maxAge }: Insufficient): Refusal<401> & {
  readonly headers: { readonly 'WWW-Authenticate': string };
} {
  const challenge = [
    'Bearer realm="sallyport"',
    'error="insufficient_user_authentication"',
    ...(acr === undefined ? [] : [`acr_values="${acr}"`]),
    `max_age=${maxAge}`,
  ].join(', ');
  const { body } = problem(401, {
    detail: 'changing factors takes a step-up, or a recent sign-in of who has none',
  });
  return {
    status: 401,
    headers: { 'WWW-Authenticate': challenge },
    body: { ...body, reason: 'step_up_required', challenge },
  };
}

/** The articles' words for any answer that was not right; the code tells it from a 401 of the front door. */
export function challengeFailed(): Refusal<401> {
  const { body } = problem(401, { detail: 'Challenge Failed - Code Mismatch or Expired Code' });
  return { status: 401, body: { ...body, reason: 'challenge_failed' } };
}

export function tooMany(retryAfter: number): Refusal<429> & {
  readonly headers: { readonly 'Retry-After': string };
} {
  return {
    ...problem(429, { detail: 'too many codes; wait' }),
    headers: { 'Retry-After': String(retryAfter) },
  };
}

export function noPasskeys(): Refusal<404> {
  return problem(404, { detail: 'no passkeys are used here' });
}

export function noSignIn(): Refusal<403> {
  return problem(403, { detail: 'the credentials tell of no sign-in' });
}
