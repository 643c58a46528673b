/** Requests to the API. The session's cookie goes along by itself; no script can read it. */
import type {
  Factor,
  Factors,
  Info,
  Session,
  StepUpChallenge,
  StepUpRequest,
  TotpSecret,
  Transfer,
  Widget,
  WidgetInput,
  WidgetPage,
} from './api-types';
import { type ExactBody, isExact } from './digest';
import { type Failure, failureOf } from './failure';
import type { Review, ReviewDecided, ReviewDecision } from './review-types';

export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

const DEADLINE_MS = 20_000;

export const api = {
  session: async () => send<Session>('GET', '/auth/session'),
  signOut: async () => send<{ readonly logoutUrl: string }>('POST', '/auth/logout'),
  /** @param cursor where to read on, as the page before gave it */
  widgets: async (cursor?: string) =>
    send<WidgetPage>(
      'GET',
      cursor === undefined ? '/widgets' : `/widgets?cursor=${encodeURIComponent(cursor)}`,
    ),
  widget: async (id: string) => send<Widget>('GET', `/widgets/${id}`),
  createWidget: async (input: WidgetInput) => send<Widget>('POST', '/widgets', input),
  putWidget: async (id: string, input: WidgetInput) => send<Widget>('PUT', `/widgets/${id}`, input),
  deleteWidget: async (id: string) => send<undefined>('DELETE', `/widgets/${id}`),
  info: async () => send<Info>('GET', '/info'),
  transfer: async (body: ExactBody) => send<Transfer>('POST', '/transfer', body),
  initiateAuth: async (wanted: StepUpRequest) => send<StepUpChallenge>('POST', '/initiate-auth', wanted),
  respondToChallenge: async (challengeId: string, code: string) =>
    send<object>('POST', '/respond-to-challenge', { challengeId, 'challenge-response': code }),
  respondWithPasskey: async (challengeId: string, assertion: object) =>
    send<object>('POST', '/respond-to-challenge', { challengeId, assertion }),
  factors: async () => send<Factors>('GET', '/factors'),
  enrolTotp: async () => send<TotpSecret>('POST', '/factors/totp'),
  confirmTotp: async (code: string) =>
    send<{ readonly usableNow: boolean }>('POST', '/factors/totp/confirm', { code }),
  removeTotp: async () => send<undefined>('DELETE', '/factors/totp'),
  /** @param page which objects, as `next` of the page before gave it */
  review: async (id: string, page = 0) => send<Review>('GET', `/reviews/${id}?page=${page}`),
  decide: async (id: string, decision: ReviewDecision) =>
    send<ReviewDecided>('POST', `/reviews/${id}/decisions`, decision),
  enrolPasskey: async () => send<{ readonly publicKey: object }>('POST', '/factors/passkeys'),
  confirmPasskey: async (credential: object) =>
    send<{ readonly usableNow: boolean }>('POST', '/factors/passkeys/confirm', credential),
  removePasskey: async (id: string) => send<undefined>('DELETE', `/factors/passkeys/${id}`),
  preferFactor: async (factor: Factor) => send<undefined>('PUT', '/factors/preferred', { factor }),
};

/** Settings of the site that the app needs before anybody is signed in. */
export async function siteConfig(): Promise<{ readonly selfSignUp: boolean }> {
  try {
    const response = await fetch('/config.json', { signal: AbortSignal.timeout(DEADLINE_MS) });
    const body = (await response.json()) as { selfSignUp?: unknown } | null;
    return { selfSignUp: response.ok && body?.selfSignUp === true };
  } catch {
    return { selfSignUp: false };
  }
}

async function send<T>(method: string, path: string, body?: object): Promise<Result<T>> {
  let response: Response;
  let content: unknown;
  try {
    response = await fetch(`/api${path}`, {
      method,
      headers: {
        accept: 'application/json, application/problem+json',
        // what a form of another site cannot send (docs/cookie-auth.md)
        ...(method === 'GET' ? {} : { 'x-sallyport-csrf': '1' }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(body !== undefined && isExact(body) ? { 'content-digest': body.contentDigest } : {}),
      },
      ...(body === undefined ? {} : { body: isExact(body) ? body.bytes : JSON.stringify(body) }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    content = parsed(await response.text());
  } catch {
    return { ok: false, failure: { kind: 'unreachable' } };
  }
  // an answer without the JSON it must have is not the API's
  if (response.ok && (content !== undefined || response.status === 204)) {
    return { ok: true, value: content as T };
  }
  const failure = failureOf(response.status, content, response.headers.get('retry-after'), Date.now());
  return { ok: false, failure };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
