/** Decides a review as a reviewer: by the API with their token and step-up, never around it. */
import { createInterface } from 'node:readline/promises';

import { mailName } from '../../lambdas/data-scan/core/escape';
import { EXIT, type Exit, type Say, UsageError } from './outcome';

export interface Wanted {
  readonly review: string;
  readonly decision: 'approve' | 'deny';
  /** Keys of objects; all that is open where there are none. */
  readonly objects: readonly string[];
  readonly falsePositive: boolean;
  readonly reason: string;
}

interface Reviewer {
  readonly siteUrl: string;
  /** Access token. */
  readonly token: string;
  readonly say: Say;
  /** Asks the person for a code. */
  readonly ask: (question: string) => Promise<string>;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Objects that one request decides about at most. */
const MOST_OBJECTS = 50;
const DEADLINE_MS = 20_000;

/** @throws Error that says why nothing was decided */
export async function decideReview(wanted: Wanted, reviewer: Reviewer): Promise<Exit> {
  const { decision, reason, falsePositive, objects } = wanted;
  const id = /([A-Za-z0-9_-]{22})$/.exec(wanted.review)?.[1];
  if (id === undefined)
    throw new UsageError(
      `${JSON.stringify(wanted.review)} is no review; take the link of the mail, or its id`,
    );
  const path = `/reviews/${id}/decisions`;
  const body =
    objects.length === 0
      ? { reason, decision }
      : {
          reason,
          objects: (await numbersOf(id, objects, reviewer)).map((number) => ({
            number,
            decision,
            falsePositive,
          })),
        };
  let answer = await send(reviewer, 'POST', path, body);
  if (needsStepUp(answer)) {
    await stepUp(reviewer, path);
    answer = await send(reviewer, 'POST', path, body);
  }
  if (answer.status !== 200) throw new Error(refusalOf(answer));
  const { complete, pending } = answer.body as { complete: boolean; pending: readonly string[] };
  reviewer.say(
    `${decision === 'approve' ? 'approved' : 'denied'}: ${objects.length === 0 ? 'all' : objects.map(mailName).join(', ')}`,
  );
  if (pending.length > 0) reviewer.say('another person has to approve it too');
  reviewer.say(complete ? 'nothing is left to decide' : 'the review is still open');
  return EXIT.done;
}

/** Numbers of the objects of these keys; every version of a key is meant. */
async function numbersOf(id: string, keys: readonly string[], reviewer: Reviewer): Promise<number[]> {
  const found: { readonly number: number; readonly name: string }[] = [];
  for (let page: number | undefined = 0; page !== undefined;) {
    const answer: Answer = await send(reviewer, 'GET', `/reviews/${id}?page=${page}`);
    if (answer.status !== 200) throw new Error(refusalOf(answer));
    const { items, next } = answer.body as { items: typeof found; next?: number };
    found.push(...items.filter(({ name }) => keys.includes(name)));
    page = next;
  }
  const missing = keys.filter((key) => !found.some(({ name }) => name === key));
  if (missing.length > 0)
    throw new UsageError(`no object of the review is named ${missing.map(mailName).join(', ')}`);
  if (found.length > MOST_OBJECTS)
    throw new UsageError(`at most ${MOST_OBJECTS} objects at once; these keys have ${found.length}`);
  return found.map(({ number }) => number);
}

/** The code of the factor that the service chooses (docs/step-up.md). */
async function stepUp(reviewer: Reviewer, path: string): Promise<void> {
  const begun = await send(reviewer, 'POST', '/initiate-auth', { method: 'POST', path });
  const { challengeId, sentTo } = begun.body;
  if (begun.status !== 200) throw new Error(refusalOf(begun));
  if (typeof challengeId !== 'string')
    throw new Error(
      'you have nothing to step up with; set up an authenticator app in the settings of the site',
    );
  const where = typeof sentTo === 'string' ? `sent to ${sentTo}` : 'of your authenticator app';
  const code = await reviewer.ask(`Code ${where}: `);
  const answer = { challengeId, 'challenge-response': code.replace(/\s/g, '') };
  const responded = await send(reviewer, 'POST', '/respond-to-challenge', answer);
  if (responded.status === 401) throw new Error('this code is not right, or too old; nothing was decided');
  if (responded.status !== 200) throw new Error(refusalOf(responded));
}

async function send(
  { siteUrl, token }: Reviewer,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(`${siteUrl}/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
  } catch {
    throw new Error(`${siteUrl} does not answer`);
  }
  const text = await response.text();
  try {
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Answer['body'] };
  } catch {
    throw new Error(`${siteUrl} answers ${response.status} without JSON`);
  }
}

function needsStepUp({ status, body }: Answer): boolean {
  return status === 401 && body['reason'] === 'step_up_required';
}

/** Why the API took nothing. */
function refusalOf({ status, body }: Answer): string {
  switch (status) {
    case 401:
      return `the token is not accepted (${String(body['reason'])}); get a fresh one`;
    case 403:
      return 'refused: the token is of nobody in the group of reviewers, or an operator has shut the operation';
    case 404:
      return 'there is no such review';
    case 409: {
      const conflicts = (body['conflicts'] ?? []) as readonly Readonly<Record<string, string>>[];
      const lines = conflicts.map(
        ({ object, reason = '', by, at }) =>
          `  ${object === undefined ? '' : `${object}: `}${reason}${by === undefined ? '' : ` by ${by}, ${at ?? ''}`}`,
      );
      return [`nothing was decided: ${String(body['reason'])}`, ...lines].join('\n');
    }
    case 429:
      return 'too many codes, or wrong answers; wait half an hour';
    default:
      return `the API answers ${status}`;
  }
}

/** Asks on the terminal; the answer is read from standard input. */
export async function askOnTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
