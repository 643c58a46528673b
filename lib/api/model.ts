/** From a JSON Schema of the document to the model that API Gateway validates a body with. */
import { isObject, resolve } from './document';
import type { JsonObject, OpenApiDocument } from './document';

/** Deepest nesting a model keeps; recursive schemas end here, and the handler wrapper checks the rest. */
const MAX_DEPTH = 4;

/** Keywords the model expresses. Everything else is the handler wrapper's, which names the offending field. */
const KEPT = new Set(['type', 'required', 'properties', '$ref']);
const ANNOTATIONS = new Set([
  'title',
  'description',
  'default',
  'example',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$comment',
  'externalDocs',
]);

interface LoweredModel {
  readonly model: JsonObject;
  /** Keywords of the schema that the gateway does not check, sorted. */
  readonly left: readonly string[];
}

/**
 * Keeps of a schema what API Gateway checks and can name: that the body is JSON of the right kind, and which required
 * properties are missing. For a wrong type, range or pattern its message does not say which property is meant
 * (`instance type (string) does not match any allowed primitive type`), so those are left to the handler wrapper.
 */
export function lowerModel(document: OpenApiDocument, schema: JsonObject, pointer: string): LoweredModel {
  const left = new Set<string>();
  const model = lower(document, schema, pointer, 0, left);
  return { model: model ?? {}, left: [...left].sort() };
}

function lower(
  document: OpenApiDocument,
  raw: JsonObject,
  pointer: string,
  depth: number,
  left: Set<string>,
): JsonObject | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const { value: schema } = resolve(document, raw, pointer);
  for (const keyword of Object.keys(schema)) {
    if (!KEPT.has(keyword) && !ANNOTATIONS.has(keyword)) left.add(keyword);
  }
  const isTyped = schema['type'] === 'object';
  if (schema['type'] !== undefined && !(isTyped && depth === 0)) left.add('type');
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const properties: JsonObject = {};
  if (isObject(schema['properties'])) {
    for (const [name, property] of Object.entries(schema['properties'])) {
      if (!isObject(property)) continue;
      const lowered = lower(document, property, `${pointer}/properties/${name}`, depth + 1, left);
      if (lowered !== undefined) properties[name] = lowered;
    }
  }
  const hasProperties = Object.keys(properties).length > 0;
  const rootType = isTyped && depth === 0;
  if (!rootType && required.length === 0 && !hasProperties) return undefined;
  return {
    ...(rootType ? { type: 'object' } : {}),
    ...(required.length > 0 ? { required } : {}),
    ...(hasProperties ? { properties } : {}),
  };
}
