/** The typed contract of a function's environment, shared by the construct that sets it and the handler that reads it. */

/** Every code an error of this tree can carry; codes are public and never change their meaning. */
type ErrorCode = 'ENVIRONMENT_INVALID';

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
interface EnvironmentProblem {
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

/** One environment variable: how a value is written and how it is read back. */
interface Variable<Value extends string | number, Needed extends boolean = true> {
  /** What a good value is, for messages. */
  readonly expected: string;
  readonly required: Needed;
  /** The value, or `undefined` when the text does not fit. */
  readonly parse: (text: string) => Value | undefined;
}

type AnyVariable = Variable<string | number, boolean>;
type Variables = Readonly<Record<string, AnyVariable>>;
type ValueOf<V extends AnyVariable> = V extends Variable<infer Value, boolean> ? Value : never;
type RequiredKeys<S extends Variables> = {
  [K in keyof S]: S[K]['required'] extends true ? K : never;
}[keyof S];

/** What {@link EnvContract.provide} takes: every required key; optional keys may be left out or `undefined`. */
type Provided<S extends Variables> = { readonly [K in RequiredKeys<S>]: ValueOf<S[K]> } & {
  readonly [K in Exclude<keyof S, RequiredKeys<S>>]?: ValueOf<S[K]> | undefined;
};

/** What {@link EnvContract.read} answers: optional keys are absent when they are not set. */
type Environment<S extends Variables> = { readonly [K in RequiredKeys<S>]: ValueOf<S[K]> } & {
  readonly [K in Exclude<keyof S, RequiredKeys<S>>]?: ValueOf<S[K]>;
};

/** Both sides of one contract. */
interface EnvContract<S extends Variables> {
  /**
   * Renders the environment for the construct; a missing or misspelt key does not compile.
   *
   * @param values one value per key; a text may be a CDK token
   * @throws EnvironmentError for a value that {@link EnvContract.read} would refuse, so that the synth fails first
   */
  provide(values: Provided<S>): Record<string, string>;
  /**
   * Reads the environment in the handler; keys that are not of the contract are ignored.
   *
   * @param env usually `process.env`
   * @throws EnvironmentError naming every missing or malformed key
   */
  read(env: Readonly<Record<string, string | undefined>>): Environment<S>;
}

/** A text of at least one character. */
export function text(): Variable<string> {
  return {
    expected: 'a text that is not empty',
    required: true,
    parse: (value) => (value === '' ? undefined : value),
  };
}

/**
 * A decimal integer within bounds, both inclusive.
 *
 * @param bounds smallest and greatest value; both must be safe integers
 */
export function integer(bounds: { min: number; max: number }): Variable<number> {
  return {
    expected: `an integer from ${bounds.min} to ${bounds.max}`,
    required: true,
    parse: (value) => {
      if (!/^-?(?:0|[1-9]\d{0,15})$/.test(value)) return undefined;
      const number = Number(value);
      return number >= bounds.min && number <= bounds.max ? number : undefined;
    },
  };
}

/** One of the given texts, compared exactly. */
export function oneOf<const Choices extends readonly [string, ...string[]]>(
  ...choices: Choices
): Variable<Choices[number]> {
  return {
    expected: `one of ${choices.join(', ')}`,
    required: true,
    parse: (value) => (choices.includes(value) ? value : undefined),
  };
}

/** The same variable, but it need not be set; an empty value counts as not set. */
export function optional<Value extends string | number>(variable: Variable<Value>): Variable<Value, false> {
  return { ...variable, required: false };
}

/**
 * Declares the environment of one function.
 *
 * @example
 * export const environment = envContract({ TABLE_NAME: text(), TIMEOUT_SECONDS: integer({ min: 1, max: 30 }) });
 * // construct: environment.provide({ TABLE_NAME: table.tableName, TIMEOUT_SECONDS: 5 })
 * // handler:   const { TABLE_NAME } = environment.read(process.env)
 */
export function envContract<const S extends Variables>(variables: S): EnvContract<S> {
  return {
    provide: (values) => {
      const rendered: Record<string, string> = {};
      for (const [key, value] of Object.entries<string | number | undefined>(values)) {
        if (value !== undefined) rendered[key] = String(value);
      }
      parseAll(variables, rendered);
      return rendered;
    },
    read: (env) => parseAll(variables, env) as Environment<S>,
  };
}

function parseAll(
  variables: Variables,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | number> {
  const values: Record<string, string | number> = {};
  const problems: EnvironmentProblem[] = [];
  for (const [key, { expected, required, parse }] of Object.entries(variables)) {
    const raw = Object.hasOwn(env, key) ? env[key] : undefined;
    if (raw === undefined || raw === '') {
      if (required) problems.push({ key, expected, reason: 'missing' });
      continue;
    }
    const value = parse(raw);
    if (value === undefined) problems.push({ key, expected, reason: 'malformed' });
    else values[key] = value;
  }
  if (problems.length > 0) throw new EnvironmentError(problems);
  return values;
}

/**
 * Makes a value at its first use and keeps it.
 *
 * A function whose environment is wrong then answers and logs the error, where reading at load would only crash. What
 * `make` throws is not kept, so the next use tries again.
 */
export function atFirstUse<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Counts answers that the document does not allow and that were sent all the same, by `Api`. */
export const RESPONSE_MISMATCH_METRIC = 'ResponseMismatch';

/**
 * What an API tells the functions behind its operations; a function that is told nothing compares every answer and
 * sends none that does not fit.
 */
export const responsesEnv = envContract({
  /** Share of the answers that is compared with the document; default 100. */
  RESPONSE_VALIDATION_PERCENT: optional(integer({ min: 0, max: 100 })),
  /** Whether an answer that does not fit is answered by 500, or sent as it is and counted; default `refuse`. */
  RESPONSE_MISMATCH: optional(oneOf('refuse', 'report')),
  /** Under what name mismatches are counted; default `unnamed`. */
  RESPONSE_METRIC_API: optional(text()),
});
