/** A document without some of its operations. */
import { METHODS, escapePointer, isObject, resolve } from './document';
import type { JsonObject, OpenApiDocument } from './document';

/** @param operationIds what is left out; a path without any operation goes too */
export function omitOperations(document: OpenApiDocument, operationIds: readonly string[]): OpenApiDocument {
  const paths: JsonObject = {};
  for (const [path, raw] of Object.entries(isObject(document['paths']) ? document['paths'] : {})) {
    const item = path.startsWith('/') ? resolve(document, raw, `/paths/${escapePointer(path)}`).value : null;
    const kept = Object.entries(item ?? {}).filter(
      ([, operation]) => !isObject(operation) || !operationIds.some((id) => id === operation['operationId']),
    );
    if (item === null) paths[path] = raw;
    else if (kept.some(([key]) => METHODS.some((method) => method === key)))
      paths[path] = Object.fromEntries(kept);
  }
  return { ...document, paths };
}
