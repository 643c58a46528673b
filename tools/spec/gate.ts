/** `npm run spec -- gate`: stops a document that protects less than the one that was published last. */
import { isDeepStrictEqual } from 'node:util';

import {
  extensionsOf,
  type JsonObject,
  type OpenApiDocument,
  type SecurityRequirement,
} from '../../lib/api/document';
import { DESCRIPTIVE_EXTENSIONS, securitySchemes } from '../../lib/api/security';
import { predecessor, rawOperations, type RawOperation } from './operations';
import { EXIT, type Finding, type Outcome } from './outcome';
import { insecureServers, type InsecureServer } from './servers';
import { relaxed } from './step-up';
import { weakened } from './strength';
import { applyWaivers, type Waiver } from './waivers';

/** Every rule of the gate, so that a waiver of a misspelt one is found. */
export const RULES = [
  'operation-public',
  'joint-need-removed',
  'alternative-added',
  'scope-removed',
  'scheme-weakened',
  'step-up-removed',
  'step-up-relaxed',
  'extension-changed',
  'server-http',
] as const;

interface GateOptions {
  readonly waivers: readonly Waiver[];
  /** Today as `2026-01-31`, UTC. */
  readonly today: string;
  /** Authentication levels, weakest first. */
  readonly levels: readonly string[];
}

/**
 * Compares two documents.
 *
 * @returns findings: each regression without a waiver, and each waiver that is expired, unknown or unused
 */
export function gate(
  before: OpenApiDocument,
  after: OpenApiDocument,
  { waivers, today, levels }: GateOptions,
): Outcome {
  const regressions = regressionsOf(before, after, levels);
  const places = [...rawOperations(before).values(), ...rawOperations(after).values()].map(
    ({ name }) => name,
  );
  const { findings, waived } = applyWaivers(regressions, waivers, today, places);
  return {
    exit: findings.length === 0 ? EXIT.ok : EXIT.findings,
    findings,
    notes: waived.map(({ rule, place, expires }) => `waived until ${expires}: ${place} ${rule}`),
  };
}

/** Everything that became weaker, each once. */
export function regressionsOf(
  before: OpenApiDocument,
  after: OpenApiDocument,
  levels: readonly string[] = [],
): Finding[] {
  const old = rawOperations(before);
  const findings = [...rawOperations(after).values()].flatMap((operation) => {
    const previous = predecessor(old, operation);
    const side = { document: after, operation };
    return previous === undefined
      ? insecure(insecureServers(before, {}, {}, 'servers'), side)
      : compare({ document: before, operation: previous }, side, levels);
  });
  findings.push(...extensionChanges('document', before, after));
  const seen = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...seen.values()];
}

interface Side {
  readonly document: OpenApiDocument;
  readonly operation: RawOperation;
}

function compare(before: Side, after: Side, levels: readonly string[]): Finding[] {
  const { name } = after.operation;
  const [old, now] = [extensions(before.operation), extensions(after.operation)];
  const { 'x-step-up': oldStepUp, ...oldOthers } = old;
  const { 'x-step-up': newStepUp, ...newOthers } = now;
  return [
    ...weakened(protectionOf(before), protectionOf(after)).map(({ rule, scheme, reason }) => ({
      rule,
      place: rule === 'scheme-weakened' ? `security scheme ${scheme ?? ''}` : name,
      reason,
    })),
    ...relaxed(oldStepUp, newStepUp, levels).map(({ rule, reason }) => ({ rule, place: name, reason })),
    ...extensionChanges(name, oldOthers, newOthers),
    ...insecure(serversOf(before), after),
  ];
}

/** `security` of the operation, else of the document; where neither says anything, everybody may call. */
export function protectionOf({ document, operation }: Side): {
  alternatives: readonly SecurityRequirement[];
  schemes: Readonly<Record<string, JsonObject>>;
} {
  const stated = operation.operation['security'] ?? document['security'] ?? [];
  return {
    alternatives: stated as unknown as readonly SecurityRequirement[],
    schemes: securitySchemes(document),
  };
}

/** Extensions in force for an operation: its own before those of its path item. */
function extensions({ item, operation }: RawOperation): JsonObject {
  return { ...extensionsOf(item), ...extensionsOf(operation) };
}

/** An extension may be protection which this gate does not know, so every change of one is found. */
function extensionChanges(place: string, before: JsonObject, after: JsonObject): Finding[] {
  const [old, now] = [extensionsOf(before), extensionsOf(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((key) => !DESCRIPTIVE_EXTENSIONS.includes(key) && !isDeepStrictEqual(old[key], now[key]))
    .map((key) => ({
      rule: 'extension-changed',
      place,
      reason: `${key} was ${JSON.stringify(old[key] ?? null)}, is ${JSON.stringify(now[key] ?? null)}`,
    }));
}

/** @param known servers without TLS that were there before */
function insecure(known: readonly InsecureServer[], after: Side): Finding[] {
  return serversOf(after)
    .filter(({ url }) => !known.some((server) => server.url === url))
    .map(({ url, place }) => ({
      rule: 'server-http',
      place,
      reason: `${JSON.stringify(url)} is reached without TLS`,
    }));
}

function serversOf({ document, operation: { item, operation, name } }: Side): InsecureServer[] {
  return insecureServers(document, item, operation, name);
}
