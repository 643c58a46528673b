/** The one error tree of the run time: a stable `code` to branch on, facts as fields, and no secret in any message. */

/** Every code an error of this tree can carry; codes are public and never change their meaning. */
export type ErrorCode = 'ENVIRONMENT_INVALID';

/**
 * Base of every error thrown on purpose.
 *
 * Expected outcomes are values, not errors: what is thrown is a mistake of a deployment or of the code.
 */
export abstract class SallyportError extends Error {
  /** What failed, to be compared with `===`. */
  abstract readonly code: ErrorCode;
}

/** One environment variable that does not fit its contract; the value it had is left out on purpose. */
export interface EnvironmentProblem {
  readonly key: string;
  /** What the contract asks for, e.g. `an integer from 1 to 900`. */
  readonly expected: string;
  readonly reason: 'missing' | 'malformed';
}

/** The environment of a function does not fit its contract; names every key that is wrong, never a value. */
export class EnvironmentError extends SallyportError {
  override readonly name = 'EnvironmentError';
  readonly code = 'ENVIRONMENT_INVALID';
  readonly problems: readonly EnvironmentProblem[];

  constructor(problems: readonly EnvironmentProblem[]) {
    const list = problems.map(({ key, expected, reason }) => `${key} is ${reason}, expected ${expected}`);
    super(`environment does not fit its contract: ${list.join('; ')}; check the construct that sets it`);
    this.problems = problems;
  }
}
