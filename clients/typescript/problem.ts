/** Answers that are no success, as errors with a type. */

/** A problem document (RFC 9457); members beyond these are the API's own. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly instance?: string;
  readonly [extension: string]: unknown;
}

/** The API answered, and not with success. The message has the title and the status, never what was sent. */
export class ProblemError extends Error {
  override readonly name: string = 'ProblemError';
  readonly status: number;
  readonly problem: Problem;
  readonly response: Response;

  constructor(problem: Problem, response: Response) {
    super(`${problem.title} (${problem.status})`);
    this.status = response.status;
    this.problem = problem;
    this.response = response;
  }
}

/** What a step-up must reach (RFC 9470 section 3). */
export interface StepUpChallenge {
  /** Levels of which one is enough, as the challenge orders them; empty when it names none. */
  readonly acrValues: readonly string[];
  /** Seconds for which a sign-in is fresh enough. */
  readonly maxAge?: number;
}

/** The caller is known but must prove more: error `insufficient_user_authentication`. */
export class StepUpRequiredError extends ProblemError {
  override readonly name = 'StepUpRequiredError';
  readonly challenge: StepUpChallenge;

  constructor(problem: Problem, response: Response, challenge: StepUpChallenge) {
    super(problem, response);
    this.challenge = challenge;
  }
}

/** Reads an answer that is no success; one that is no problem document gets the words of its status. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const problem = await readProblem(response);
  const challenge = stepUpOf(response);
  return challenge === undefined
    ? new ProblemError(problem, response)
    : new StepUpRequiredError(problem, response, challenge);
}

/** The challenge of a 401 that asks for a step-up; `undefined` for every other answer. */
export function stepUpOf(response: Response): StepUpChallenge | undefined {
  if (response.status !== 401) return undefined;
  const header = response.headers.get('www-authenticate') ?? '';
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, token] of header.matchAll(
    /([\w-]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,"]+))/g,
  ))
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? token ?? '');
  if (parameters.get('error') !== 'insufficient_user_authentication') return undefined;
  const maxAge = Number(parameters.get('max_age') ?? Number.NaN);
  return {
    acrValues: (parameters.get('acr_values') ?? '').split(' ').filter((value) => value !== ''),
    ...(Number.isFinite(maxAge) ? { maxAge } : {}),
  };
}

async function readProblem(response: Response): Promise<Problem> {
  const words = { type: 'about:blank', title: response.statusText || 'Error', status: response.status };
  const type = response.headers.get('content-type') ?? '';
  if (!/^application\/(?:problem\+)?json\b/i.test(type)) return words;
  try {
    const body: unknown = await response.clone().json();
    return typeof body === 'object' && body !== null ? { ...words, ...body } : words;
  } catch {
    return words;
  }
}
