/** Values that fit a schema: those the document gives as examples, else the plainest of the type. */
import {
  isObject,
  resolve,
  type JsonObject,
  type JsonValue,
  type OpenApiDocument,
} from '../../lib/api/document';
import { textOf } from './html';

const FORMATS: Readonly<Partial<Record<string, string>>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  email: 'ada@example.com',
  uri: 'https://example.com/',
  'uri-reference': '/',
  uuid: '3f1c9a52-6d0e-4b7a-9c44-2f6b8f0f9a11',
};

/** A schema that contains itself would go on for ever. */
const DEEPEST = 6;

export function exampleOf(document: OpenApiDocument, raw: JsonValue | undefined, depth = 0): JsonValue {
  if (!isObject(raw) || depth > DEEPEST) return null;
  const schema = resolve(document, raw, '/schema').value;
  const given = givenExample(schema);
  if (given !== undefined) return given;
  const part = firstOf(schema['oneOf']) ?? firstOf(schema['anyOf']);
  if (part !== undefined) return exampleOf(document, part, depth + 1);
  if (Array.isArray(schema['allOf'])) {
    const parts = schema['allOf'].map((each) => exampleOf(document, each, depth + 1)).filter(isObject);
    return Object.assign({}, ...parts) as JsonObject;
  }
  const type: unknown = firstOf(schema['type']) ?? schema['type'];
  switch (type) {
    case 'array':
      return [exampleOf(document, schema['items'], depth + 1)];
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1;
    case 'null':
      return null;
    case 'string':
      return FORMATS[textOf(schema['format'])] ?? 'text';
    default:
      return objectExample(document, schema, depth);
  }
}

function objectExample(document: OpenApiDocument, schema: JsonObject, depth: number): JsonObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const shown = Object.entries(properties).filter(
    ([name, property]) =>
      required.includes(name) ||
      (isObject(property) && givenExample(resolve(document, property, '/schema').value) !== undefined),
  );
  return Object.fromEntries(shown.map(([name, each]) => [name, exampleOf(document, each, depth + 1)]));
}

function givenExample(schema: JsonObject): JsonValue | undefined {
  for (const key of ['examples', 'enum'] as const) {
    const first = firstOf(schema[key]);
    if (first !== undefined) return first;
  }
  return schema['example'] ?? schema['const'] ?? schema['default'];
}

function firstOf(value: JsonValue | undefined): JsonValue | undefined {
  return Array.isArray(value) ? value[0] : undefined;
}
