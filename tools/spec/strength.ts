/**
 * Whether an operation opens to more callers than before.
 *
 * `security` is a list of alternatives, each a list of joint needs (OpenAPI 3.1, Security Requirement Object): a
 * monotone formula over "a credential of this scheme" and "with this scope". The new formula opens to nobody new
 * exactly when each new alternative has all needs of one old alternative.
 */
import { isDeepStrictEqual } from 'node:util';

import { isObject, type JsonObject, type SecurityRequirement } from '../../lib/api/document';

/** Who may call an operation: alternatives, and the definitions of the schemes they name. */
interface Protection {
  /** Empty: everybody. */
  readonly alternatives: readonly SecurityRequirement[];
  readonly schemes: Readonly<Record<string, JsonObject>>;
}

/** One need of an old alternative that a new one lost. */
interface Lost {
  readonly rule:
    'operation-public' | 'joint-need-removed' | 'alternative-added' | 'scope-removed' | 'scheme-weakened';
  /** Name of the scheme; absent where all credentials are gone. */
  readonly scheme?: string;
  readonly reason: string;
}

/** What opens the operation to callers it was shut to; empty when there are none. */
export function weakened(before: Protection, after: Protection): Lost[] {
  if (isOpen(before)) return [];
  if (isOpen(after)) {
    return [{ rule: 'operation-public', reason: `needed ${textOf(before.alternatives)}, now needs nothing` }];
  }
  return after.alternatives.flatMap((alternative) => {
    const candidates = before.alternatives.map((old) => lostNeeds(old, before, alternative, after));
    return candidates.reduce((nearest, lost) => (distance(lost) < distance(nearest) ? lost : nearest));
  });
}

/** How far an alternative is from an old one, to report the change that was made: another scheme is far. */
function distance(lost: readonly Lost[]): number {
  return lost.reduce((sum, { rule }) => sum + (rule === 'alternative-added' ? 100 : 1), 0);
}

function isOpen({ alternatives }: Protection): boolean {
  return alternatives.length === 0 || alternatives.some((needs) => Object.keys(needs).length === 0);
}

/** Needs of `old` that `alternative` does not have. */
function lostNeeds(
  old: SecurityRequirement,
  before: Protection,
  alternative: SecurityRequirement,
  after: Protection,
): Lost[] {
  const joint = Object.keys(alternative).every((name) => Object.hasOwn(old, name));
  return Object.entries(old).flatMap(([scheme, scopes]): Lost[] => {
    const kept = Object.hasOwn(alternative, scheme) ? alternative[scheme] : undefined;
    if (kept === undefined) {
      const shown = textOf([alternative]);
      return joint
        ? [
            {
              rule: 'joint-need-removed',
              scheme,
              reason: `${scheme} was needed together with ${shown}, now ${shown} is enough`,
            },
          ]
        : [{ rule: 'alternative-added', scheme, reason: `${shown} opens it now, without ${textOf([old])}` }];
    }
    const dropped = scopes.filter((scope) => !kept.includes(scope));
    const difference = weakerDefinition(before.schemes[scheme], after.schemes[scheme]);
    return [
      ...dropped.map((scope): Lost => ({
        rule: 'scope-removed',
        scheme,
        reason: `scope ${scope} of ${scheme} is no longer needed`,
      })),
      ...(difference === undefined
        ? []
        : [{ rule: 'scheme-weakened', scheme, reason: difference } satisfies Lost]),
    ];
  });
}

/** What only describes a scheme: `bearerFormat` is a hint (OpenAPI 3.1, Security Scheme Object). */
const DESCRIPTIVE = ['description', 'bearerFormat'];

/**
 * How a definition lets in what the old one did not, or `undefined`.
 *
 * A key that leaves the query for a header or cookie is the same key in a place that fewer logs keep. Any other
 * difference names other credentials, and counts as weaker: which of two issuers or cookies is stronger cannot be read
 * from the document.
 */
function weakerDefinition(before: JsonObject | undefined, after: JsonObject | undefined): string | undefined {
  if (before === undefined || after === undefined) return 'is not declared';
  const [old, now] = [essence(before), essence(after)];
  if (isDeepStrictEqual(old, now)) return undefined;
  const { in: oldPlace, name: oldName, ...oldRest } = old;
  const { in: newPlace, name: newName, ...newRest } = now;
  const leavesQuery = oldPlace === 'query' && (newPlace === 'header' || newPlace === 'cookie');
  if (leavesQuery && isDeepStrictEqual(oldRest, newRest)) return undefined;
  if (oldPlace !== newPlace || oldName !== newName) {
    return `was ${placeText(oldPlace, oldName)}, is ${placeText(newPlace, newName)}`;
  }
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter(
    (key) => !isDeepStrictEqual(old[key], now[key]),
  );
  return keys
    .map((key) => `${key} was ${JSON.stringify(old[key] ?? null)}, is ${JSON.stringify(now[key] ?? null)}`)
    .join('; ');
}

function placeText(place: unknown, name: unknown): string {
  return typeof place === 'string' ? `in ${place} as ${JSON.stringify(name ?? null)}` : 'no API key';
}

/** A definition without what only describes: texts, and the list of scopes of an OAuth flow. */
function essence(scheme: JsonObject): JsonObject {
  const kept = Object.fromEntries(Object.entries(scheme).filter(([key]) => !DESCRIPTIVE.includes(key)));
  // RFC 9110 section 11.1: names of authentication schemes are case-insensitive
  if (typeof kept['scheme'] === 'string') kept['scheme'] = kept['scheme'].toLowerCase();
  if (!isObject(kept['flows'])) return kept;
  const flows = Object.entries(kept['flows']).map(([name, flow]) => [
    name,
    isObject(flow) ? { ...flow, scopes: null } : flow,
  ]);
  return { ...kept, flows: Object.fromEntries(flows) as JsonObject };
}

function textOf(alternatives: readonly SecurityRequirement[]): string {
  return alternatives
    .map((needs) =>
      Object.entries(needs)
        .map(([scheme, scopes]) => (scopes.length === 0 ? scheme : `${scheme}[${scopes.join(' ')}]`))
        .join(' and '),
    )
    .join(' or ');
}
