/** What can go wrong with a request, and the words for it. */
import type { FieldError } from './api-types';
import type { Conflict } from './review-types';

/** What a challenge asks for. */
export interface Demand {
  /** Levels, separated by spaces; absent where a recent sign-in does. */
  readonly acrValues?: string;
  /** Seconds since the proof. */
  readonly maxAge?: number;
}

export type Failure =
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'unauthorized' }
  /** It takes a proof beyond the sign-in (RFC 9470). */
  | { readonly kind: 'step-up'; readonly demand: Demand }
  /** Or it is too old, or was used before: the service does not tell. */
  | { readonly kind: 'wrong-code' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'invalid'; readonly fields: readonly FieldError[] }
  /** What it is about has changed meanwhile; `over` where nothing of it can be decided any more. */
  | { readonly kind: 'conflict'; readonly over: boolean; readonly conflicts: readonly Conflict[] }
  /** `waitSeconds` is there when the service says how long. */
  | { readonly kind: 'busy'; readonly waitSeconds?: number }
  | { readonly kind: 'broken'; readonly status: number };

/**
 * @param body the answer's JSON, whatever it is
 * @param retryAfter value of the header `Retry-After`
 * @param now epoch milliseconds
 */
export function failureOf(status: number, body: unknown, retryAfter: string | null, now: number): Failure {
  switch (status) {
    case 400:
      return { kind: 'invalid', fields: fieldErrors(body) };
    case 401:
      return unauthorized(body);
    case 403:
      return { kind: 'forbidden' };
    case 404:
      return { kind: 'not-found' };
    case 409:
      return conflict(body);
    case 429: {
      const waitSeconds = secondsToWait(retryAfter, now);
      return { kind: 'busy', ...(waitSeconds === undefined ? {} : { waitSeconds }) };
    }
    default:
      return { kind: 'broken', status };
  }
}

/** The body repeats what `WWW-Authenticate` says, since API Gateway renames that header. */
function unauthorized(body: unknown): Failure {
  const { reason, challenge } = (body ?? {}) as { reason?: unknown; challenge?: unknown };
  if (reason === 'challenge_failed') return { kind: 'wrong-code' };
  if (typeof challenge !== 'string' || !challenge.includes('error="insufficient_user_authentication"'))
    return { kind: 'unauthorized' };
  const acrValues = /\bacr_values="([^"]*)"/.exec(challenge)?.[1];
  const maxAge = /\bmax_age="?(\d+)/.exec(challenge)?.[1];
  return {
    kind: 'step-up',
    demand: {
      ...(acrValues === undefined ? {} : { acrValues }),
      ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
    },
  };
}

function conflict(body: unknown): Failure {
  const { reason, conflicts } = (body ?? {}) as { reason?: unknown; conflicts?: unknown };
  const known = Array.isArray(conflicts) ? (conflicts as readonly Conflict[]) : [];
  return { kind: 'conflict', over: reason === 'review_over', conflicts: known };
}

/** `Retry-After` is a number of seconds or a date (RFC 9110 section 10.2.3). */
function secondsToWait(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

function fieldErrors(body: unknown): FieldError[] {
  const errors = (body as { errors?: unknown } | null | undefined)?.errors;
  if (!Array.isArray(errors)) return [];
  return errors.filter((error): error is FieldError => {
    const { field, message } = (error ?? {}) as Partial<FieldError>;
    return typeof field === 'string' && typeof message === 'string';
  });
}

export interface Words {
  readonly title: string;
  readonly text: string;
}

/** What to tell people, and what they can do. */
export function wordsFor(failure: Failure): Words {
  switch (failure.kind) {
    case 'unreachable':
      return {
        title: 'No connection to the service',
        text: 'Check that you are online, then try again.',
      };
    case 'unauthorized':
      return {
        title: 'Your session has ended',
        text: 'You are signed out. Sign in again to go on where you are.',
      };
    case 'step-up':
      return {
        title: 'Nothing was done',
        text: 'It takes a proof that it is you. Try again, and enter the code that you are asked for.',
      };
    case 'wrong-code':
      return {
        title: 'This code is not right',
        text: 'Or it is too old, or was used before. Enter the newest one.',
      };
    case 'forbidden':
      return {
        title: 'You may not do this',
        text: 'Your account lacks the permission, or an operator has shut this for now. Ask whoever runs this service.',
      };
    case 'not-found':
      return { title: 'This widget does not exist', text: 'It may have been deleted.' };
    case 'invalid':
      return { title: 'Some entries need another look', text: 'Mend what is marked and try again.' };
    case 'conflict':
      return {
        title: failure.over ? 'The review is over' : 'Nothing was done',
        text: failure.over
          ? 'Nothing of it can be decided any more.'
          : 'Something has changed meanwhile. Look at how it is now, and decide again.',
      };
    case 'busy':
      return { title: 'Too many requests', text: waitText(failure.waitSeconds) };
    case 'broken':
      return {
        title: 'The service has a problem',
        text: `Its answer is not what it should be (${failure.status}). Please try again in a minute.`,
      };
  }
}

/** When to try again, in words. */
export function waitText(seconds: number | undefined): string {
  if (seconds === undefined) return 'Please try again in a moment.';
  if (seconds > 90) return `Please try again in ${Math.ceil(seconds / 60)} minutes.`;
  return `Please try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`;
}

/**
 * The messages of one field of a form, with those of places inside it (`/tags/0` belongs to `/tags`).
 *
 * @param pointer JSON pointer of the field
 */
export function messagesAt(fields: readonly FieldError[], pointer: string): string[] {
  const found = fields.filter(({ field }) => field === pointer || field.startsWith(`${pointer}/`));
  return [...new Set(found.map(({ message }) => sentence(message)))];
}

/** JSON Schema's words, as the validator of the service writes them, in those of a form. */
function sentence(message: string): string {
  const [, bound = '', count = '', unit = ''] =
    /^must NOT have (fewer|more) than (\d+) (characters|items)$/.exec(message) ?? [];
  if (bound === 'fewer') return count === '1' ? 'Enter a value.' : `Enter at least ${count} ${unit}.`;
  if (bound === 'more') return `Enter at most ${count} ${unit}.`;
  if (message.startsWith('must NOT have duplicate items')) return 'Enter each only once.';
  return `This value ${message}.`;
}
