/** Equality of two values of two documents, references followed. */
import { isDeepStrictEqual } from 'node:util';

import { isObject, type JsonValue, type OpenApiDocument, resolve } from '../../lib/api/document';

/** A document and a place in it. */
interface Located {
  readonly document: OpenApiDocument;
  readonly value: JsonValue | undefined;
}

/** What only describes, and is left out of every comparison. */
export const ANNOTATIONS: readonly string[] = [
  'title',
  'description',
  'summary',
  'example',
  'examples',
  'deprecated',
  'externalDocs',
  'xml',
  '$comment',
];

/** Members whose keys are names that the author chose, so that one called `title` counts. */
const NAMES = new Set(
  [
    ['properties', 'patternProperties', '$defs', 'dependentSchemas', 'schemas', 'responses', 'parameters'],
    ['headers', 'requestBodies', 'securitySchemes', 'pathItems', 'paths', 'content', 'callbacks', 'links'],
    ['webhooks', 'mapping', 'variables', 'encoding'],
  ].flat(),
);
/** Members whose values are data, not part of the description. */
const DATA = new Set(['enum', 'const', 'default', 'security', 'required', 'scopes']);

/** Whether both values say the same to a program; a circle of references that was equal so far is equal. */
export function same(before: Located, after: Located, seen = new Set<string>(), names = false): boolean {
  const [old, now] = [before.value, after.value];
  if (isReference(old) || isReference(now)) {
    const pair = JSON.stringify([old, now]);
    if (isReference(old) && isReference(now) && seen.has(pair)) return true;
    seen.add(pair);
    return same(followed(before), followed(after), seen);
  }
  const inside = (a: JsonValue | undefined, b: JsonValue | undefined, areNames = false): boolean =>
    same({ ...before, value: a }, { ...after, value: b }, seen, areNames);
  if (Array.isArray(old) && Array.isArray(now)) {
    return old.length === now.length && old.every((item, index) => inside(item, now[index]));
  }
  if (isObject(old) && isObject(now)) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
    return keys
      .filter((key) => names || !(ANNOTATIONS.includes(key) || key.startsWith('x-')))
      .every((key) =>
        !names && DATA.has(key)
          ? isDeepStrictEqual(old[key], now[key])
          : inside(old[key], now[key], !names && NAMES.has(key)),
      );
  }
  return old === now;
}

function isReference(value: JsonValue | undefined): boolean {
  return isObject(value) && typeof value['$ref'] === 'string';
}

/** The target of a reference; keywords beside `$ref` hold as well (JSON Schema 2020-12, section 8.2.3.1). */
export function followed(at: Located): Located {
  if (!isObject(at.value) || typeof at.value['$ref'] !== 'string') return at;
  const { $ref, ...beside } = at.value;
  const target = resolve(at.document, { $ref }, '').value;
  const rules = Object.keys(beside).filter((key) => !ANNOTATIONS.includes(key));
  return { ...at, value: rules.length === 0 ? target : { allOf: [target, beside] } };
}
