/** Compiles `x-step-up` of the document into the policy that the check and the functions run. */
import {
  type Demand,
  type Factor,
  FACTOR_CHANGES,
  OWN_FACTORS,
  type OwnFactor,
  type SettingSeed,
  type StepUpPolicy,
} from '../../lambdas/step-up/contract';
import { DocumentError, operationsOf, securedOperations } from '../api';
import type { OpenApiDocument, Operation } from '../api';

export const STEP_UP_EXTENSION = 'x-step-up';

const FACTORS: readonly Factor[] = [...OWN_FACTORS, 'PROVIDER'];
const KEYS = ['acr', 'maxAge', 'factors', 'singleUse'];
const LONGEST_AGE = 86_400;
const DEFAULT_AGE = 300;

interface Levels {
  /** From the lowest to the highest. */
  readonly levels: readonly string[];
  /** Level that a proof by each offered factor reaches. */
  readonly grants: Readonly<Partial<Record<OwnFactor, string>>>;
}

/**
 * @throws DocumentError naming operation and key of an `x-step-up` that cannot be enforced as it stands
 */
export function compileStepUp(document: OpenApiDocument, { levels, grants }: Levels): StepUpPolicy {
  const reached = Object.values(grants);
  const [lowest] = levels.filter((level) => reached.includes(level));
  if (lowest === undefined || reached.some((level) => !levels.includes(level))) {
    throw new DocumentError('step-up: grants must name levels of the list, and at least one factor');
  }
  const operations = securedOperations(document, operationsOf(document), [STEP_UP_EXTENSION]);
  return {
    levels,
    grants,
    byDefault: {
      acr: lowest,
      maxAge: DEFAULT_AGE,
      factors: [...FACTORS],
      singleUse: false,
    },
    operations: Object.fromEntries(
      operations.map((operation) => [nameOf(operation), demandOf(operation, { levels, grants })]),
    ),
    factorChanges: operations
      .filter(({ id }) => FACTOR_CHANGES.some((change) => change === id))
      .map((operation) => nameOf(operation)),
  };
}

/** One row for every operation, in the group of its first tag. */
export function seedsOf(document: OpenApiDocument, policy: StepUpPolicy): SettingSeed[] {
  return operationsOf(document)
    .filter((operation) => Object.hasOwn(policy.operations, nameOf(operation)))
    .map((operation) => ({
      id: nameOf(operation),
      group: operation.tags[0] ?? 'default',
      state: policy.operations[nameOf(operation)] === null ? 'STEP_UP_NOT_REQUIRED' : 'STEP_UP_REQUIRED',
    }));
}

function nameOf({ method, path }: Operation): string {
  return `${method} ${path}`;
}

function demandOf(operation: Operation, { levels, grants }: Levels): Demand | null {
  if (!Object.hasOwn(operation.extensions, STEP_UP_EXTENSION)) return null;
  const raw = operation.extensions[STEP_UP_EXTENSION];
  const fail = (key: string, message: string): never => {
    throw new DocumentError(`${nameOf(operation)}: ${STEP_UP_EXTENSION}${key} ${message}`);
  };
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return fail('', `is no mapping; give it ${KEYS.join(', ')}`);
  const unknown = Object.keys(raw).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) fail(`.${unknown}`, `is no key; use ${KEYS.join(', ')}`);
  const { acr, maxAge, factors, singleUse = false } = raw;
  if (typeof acr !== 'string' || !levels.includes(acr))
    return fail('.acr', `is ${JSON.stringify(acr ?? null)}; choose one of ${levels.join(', ')}`);
  if (typeof maxAge !== 'number' || !Number.isInteger(maxAge) || maxAge < 1 || maxAge > LONGEST_AGE)
    return fail('.maxAge', `is ${JSON.stringify(maxAge ?? null)}; give seconds from 1 to ${LONGEST_AGE}`);
  if (!Array.isArray(factors) || factors.length === 0 || !factors.every(isFactor))
    return fail('.factors', `is ${JSON.stringify(factors ?? null)}; list some of ${FACTORS.join(', ')}`);
  if (typeof singleUse !== 'boolean') return fail('.singleUse', 'is neither true nor false');
  if (singleUse && factors.includes('PROVIDER'))
    return fail('.factors', 'has PROVIDER, but a sign-in is bound to no request; remove it, or singleUse');
  const loose = singleUse ? looseParts(operation) : undefined;
  if (loose !== undefined)
    return fail('.singleUse', `is bound to path and body, and the operation has ${loose}`);
  const tooLow = factors.find(
    (factor) =>
      factor !== 'PROVIDER' &&
      grants[factor] !== undefined &&
      levels.indexOf(grants[factor]) < levels.indexOf(acr),
  );
  if (tooLow !== undefined)
    return fail(
      '.factors',
      `has ${tooLow}, which reaches ${grants[tooLow as OwnFactor] ?? ''} only, below ${acr}`,
    );
  if (!factors.some((factor) => factor === 'PROVIDER' || grants[factor] !== undefined))
    return fail('.factors', `has none that this deployment offers (${Object.keys(grants).join(', ')})`);
  return { acr, maxAge, factors, singleUse };
}

/** Header parameters that mean nothing (OpenAPI 3.1, Parameter Object, `name`), and the one that is the binding. */
const BOUND_HEADERS = ['accept', 'content-type', 'authorization', 'content-digest'];

/** What of a request could be another one although path and body are the same, and what to do. */
function looseParts({ parameters, requestBody }: Operation): string | undefined {
  const loose = parameters.find(
    ({ in: place, name }) =>
      place === 'query' || (place === 'header' && !BOUND_HEADERS.includes(name.toLowerCase())),
  );
  if (loose !== undefined) return `the ${loose.in} parameter ${loose.name}; move it`;
  return Object.keys(requestBody?.content ?? {}).length > 1
    ? 'a body of several media types, as which the same bytes may mean different things; keep one'
    : undefined;
}

function isFactor(value: unknown): value is Factor {
  return FACTORS.some((factor) => factor === value);
}
