/**
 * The gate against an oracle that knows nothing of its rules: it lists every set of credentials a caller may hold, asks
 * each document whether the set opens the operation, and says "weaker" when a set opens the new one alone.
 */
import fc from 'fast-check';

import type { JsonObject } from '../../lib/api/document';
import { regressionsOf } from '../../tools/spec/gate';
import { documentOf, type Parts } from './documents';

const SCOPES = ['r', 'w'];
const NAMES = ['a', 'b', 'c'];
const DEFINITIONS: JsonObject[] = [
  { type: 'apiKey', in: 'cookie', name: '__Host-s' },
  { type: 'apiKey', in: 'cookie', name: 's' },
  { type: 'http', scheme: 'bearer' },
];
const AGES = [60, 600];
const LEVELS = ['low', 'high'];

interface Operation {
  readonly alternatives: readonly Readonly<Record<string, readonly string[]>>[];
  /** Index of each scheme's definition. */
  readonly schemes: Readonly<Record<string, number>>;
  readonly stepUp: { acr: string; maxAge: number; factors: string[]; singleUse: boolean } | null;
}

/** What a caller holds: of each scheme and definition the scopes granted, or no such credential. */
type Grants = ReadonlyMap<string, readonly string[]>;

/** The caller's last step-up. */
interface Proof {
  readonly acr: string;
  readonly age: number;
  readonly factor: string;
  readonly used: boolean;
}

function isKnown({ alternatives, schemes }: Operation, grants: Grants): boolean {
  return (
    alternatives.length === 0 ||
    alternatives.some((needs) =>
      Object.entries(needs).every(([name, scopes]) => {
        const granted = grants.get(`${name} ${schemes[name] ?? ''}`);
        return granted !== undefined && scopes.every((scope) => granted.includes(scope));
      }),
    )
  );
}

function isStepped({ stepUp }: Operation, { acr, age, factor, used }: Proof): boolean {
  return (
    stepUp === null ||
    (LEVELS.indexOf(acr) >= LEVELS.indexOf(stepUp.acr) &&
      age <= stepUp.maxAge &&
      stepUp.factors.includes(factor) &&
      (!stepUp.singleUse || !used))
  );
}

/** Every set of the credentials that either document speaks of. */
function allGrants(before: Operation, after: Operation): Grants[] {
  const kinds = new Set(
    [before, after].flatMap(({ alternatives, schemes }) =>
      alternatives.flatMap((needs) => Object.keys(needs).map((name) => `${name} ${schemes[name] ?? ''}`)),
    ),
  );
  return [...kinds].reduce<Grants[]>(
    (sets, kind) =>
      sets.flatMap((set) => [set, ...subsets(SCOPES).map((scopes) => new Map([...set, [kind, scopes]]))]),
    [new Map()],
  );
}

const PROOFS: readonly Proof[] = LEVELS.flatMap((acr) =>
  [...AGES, 6000].flatMap((age) =>
    ['totp', 'sms'].flatMap((factor) => [true, false].map((used) => ({ acr, age, factor, used }))),
  ),
);

/** Whether a caller is let in now who was not; credentials and proofs come in every combination. */
function hasGrown(before: Operation, after: Operation): boolean {
  const grants = allGrants(before, after).filter((set) => isKnown(after, set));
  const proofs = PROOFS.filter((proof) => isStepped(after, proof));
  return (
    (proofs.length > 0 && grants.some((set) => !isKnown(before, set))) ||
    (grants.length > 0 && proofs.some((proof) => !isStepped(before, proof)))
  );
}

function subsets<T>(items: readonly T[]): T[][] {
  return items.reduce<T[][]>((found, item) => [...found, ...found.map((set) => [...set, item])], [[]]);
}

function partsOf({ alternatives, schemes, stepUp }: Operation): Parts {
  const declared = Object.entries(schemes).map(([name, index]) => [name, DEFINITIONS[index]]);
  return {
    schemes: Object.fromEntries(declared) as JsonObject,
    operation: {
      security: alternatives as unknown as JsonObject[],
      ...(stepUp === null ? {} : { 'x-step-up': stepUp }),
    },
  };
}

const scopes = fc.subarray(SCOPES);
const alternative = fc.dictionary(fc.constantFrom(...NAMES), scopes, { minKeys: 1, maxKeys: 3 });
const schemes = fc.record(Object.fromEntries(NAMES.map((name) => [name, fc.nat(DEFINITIONS.length - 1)])));
const stepUp = fc.option(
  fc.record({
    acr: fc.constantFrom(...LEVELS),
    maxAge: fc.constantFrom(...AGES),
    factors: fc.subarray(['totp', 'sms'], { minLength: 1 }),
    singleUse: fc.boolean(),
  }),
);
const operation = fc.record({ alternatives: fc.array(alternative, { maxLength: 3 }), schemes, stepUp });

/** A small edit, where most of a regression hides; or another operation altogether. */
const edited = operation.chain((before) =>
  fc
    .oneof(
      operation,
      fc.array(alternative, { maxLength: 1 }).map((more) => ({
        ...before,
        alternatives: [...before.alternatives, ...more],
      })),
      fc
        .nat(2)
        .map((index) => ({ ...before, alternatives: before.alternatives.filter((_, at) => at !== index) })),
      fc.tuple(fc.constantFrom(...NAMES), scopes).map(([name, kept]) => ({
        ...before,
        alternatives: before.alternatives.map((needs) =>
          name in needs ? { ...needs, [name]: kept } : needs,
        ),
      })),
      fc.constantFrom(...NAMES).map((name) => ({
        ...before,
        alternatives: before.alternatives
          .map((needs) => Object.fromEntries(Object.entries(needs).filter(([scheme]) => scheme !== name)))
          .filter((needs) => Object.keys(needs).length > 0),
      })),
      schemes.map((changed) => ({ ...before, schemes: changed })),
      stepUp.map((changed) => ({ ...before, stepUp: changed })),
    )
    .map((after): [Operation, Operation] => [before, after]),
);

describe('PIPE-01 the gate', () => {
  it('reports an operation exactly when some set of credentials opens it that did not before', () => {
    let grown = 0;
    fc.assert(
      fc.property(edited, ([before, after]) => {
        const weaker = hasGrown(before, after);
        const findings = regressionsOf(documentOf(partsOf(before)), documentOf(partsOf(after)), LEVELS);
        if (weaker) grown += 1;
        return findings.length > 0 === weaker;
      }),
    );

    expect(grown).toBeGreaterThan(10);
  });
});
