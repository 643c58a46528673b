/** Divides a document between the API of the site and the API that only client certificates reach. */
import { METHODS, escapePointer, isObject, resolve } from './document';
import type { JsonObject, JsonValue, OpenApiDocument } from './document';
import { isMutualTls, securitySchemes } from './security';

/** One document for each API; neither has an alternative that could not be met there. */
export interface Partition {
  /** Everything but alternatives with `mutualTLS`. */
  readonly site: OpenApiDocument;
  /** Alternatives with `mutualTLS` alone. */
  readonly partner: OpenApiDocument;
}

/**
 * Divides by alternatives of `security`: those with a `mutualTLS` scheme hold behind a mutual TLS domain only, all
 * others in front of the site only. An operation with both kinds is served by both APIs, each under its own.
 *
 * What does not say who may call it stays in the document of the site, whose lowering refuses it.
 */
export function partitionDocument(document: OpenApiDocument): Partition {
  const schemes = securitySchemes(document);
  const withCertificate = (alternative: JsonValue): boolean =>
    isObject(alternative) && Object.keys(alternative).some((name) => isMutualTls(schemes[name]));
  return {
    site: keep(document, (alternative) => !withCertificate(alternative), true),
    partner: keep(document, withCertificate, false),
  };
}

/** @param open whether operations without alternatives are kept: public ones, and those that say nothing */
function keep(
  document: OpenApiDocument,
  belongs: (alternative: JsonValue) => boolean,
  open: boolean,
): OpenApiDocument {
  const paths: JsonObject = {};
  for (const [path, raw] of Object.entries(isObject(document['paths']) ? document['paths'] : {})) {
    if (!path.startsWith('/')) {
      paths[path] = raw;
      continue;
    }
    const item = resolve(document, raw, `/paths/${escapePointer(path)}`).value;
    const kept = Object.entries(item).flatMap(([key, operation]) => {
      if (!isMethod(key) || !isObject(operation)) return [[key, operation] as const];
      const security = Array.isArray(operation['security']) ? operation['security'] : [];
      if (security.length === 0) return open ? [[key, operation] as const] : [];
      const alternatives = security.filter(belongs);
      return alternatives.length === 0 ? [] : [[key, { ...operation, security: alternatives }] as const];
    });
    if (kept.some(([key]) => isMethod(key))) paths[path] = Object.fromEntries(kept);
  }
  return { ...document, paths };
}

function isMethod(key: string): boolean {
  return METHODS.some((method) => method === key);
}
