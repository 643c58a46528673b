/** Keywords of JSON Schema that are judged by themselves: whether `sub` allows no more than `sup` does. */
import { isDeepStrictEqual } from 'node:util';

import type { JsonObject, JsonValue } from '../../lib/api/document';

type Holds = (sub: JsonObject, sup: JsonObject) => boolean;

const ALL_TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string'];
/** Formats whose values all have the wider format too (OpenAPI format registry). */
const WIDER_FORMATS: Readonly<Record<string, string>> = { int32: 'int64', float: 'double' };

export const KEYWORDS: Readonly<Record<string, Holds>> = {
  type: (sub, sup) => {
    const wanted = typesOf(sup);
    return typesOf(sub).every(
      (type) => wanted.includes(type) || (type === 'integer' && wanted.includes('number')),
    );
  },
  enum: (sub, sup) => {
    const wanted = valuesOf(sup);
    const given = valuesOf(sub);
    if (wanted === undefined) return true;
    return given?.every((value) => wanted.some((other) => isDeepStrictEqual(value, other))) ?? false;
  },
  minimum: (sub, sup) =>
    isTighter(bound(sub, 'minimum', 'exclusiveMinimum', 1), bound(sup, 'minimum', 'exclusiveMinimum', 1)),
  maximum: (sub, sup) =>
    isTighter(bound(sub, 'maximum', 'exclusiveMaximum', -1), bound(sup, 'maximum', 'exclusiveMaximum', -1)),
  multipleOf: (sub, sup) => {
    const [given, wanted] = [sub['multipleOf'], sup['multipleOf']];
    if (typeof wanted !== 'number') return true;
    return typeof given === 'number' && Number.isInteger(given / wanted);
  },
  pattern: (sub, sup) => sup['pattern'] === undefined || sub['pattern'] === sup['pattern'],
  format: (sub, sup) => {
    const [given, wanted] = [sub['format'], sup['format']];
    return (
      wanted === undefined ||
      given === wanted ||
      (typeof given === 'string' && WIDER_FORMATS[given] === wanted)
    );
  },
  minLength: atLeast('minLength'),
  maxLength: atMost('maxLength'),
  minItems: atLeast('minItems'),
  maxItems: atMost('maxItems'),
  minProperties: atLeast('minProperties'),
  maxProperties: atMost('maxProperties'),
  uniqueItems: (sub, sup) => sup['uniqueItems'] !== true || sub['uniqueItems'] === true,
  required: (sub, sup) => {
    const given = listOf(sub['required']);
    return listOf(sup['required']).every((name) => given.includes(name));
  },
};

function typesOf(schema: JsonObject): JsonValue[] {
  const type = schema['type'];
  return type === undefined ? ALL_TYPES : listOf(Array.isArray(type) ? type : [type]);
}

function valuesOf(schema: JsonObject): JsonValue[] | undefined {
  if (schema['const'] !== undefined) return [schema['const']];
  return Array.isArray(schema['enum']) ? schema['enum'] : undefined;
}

/** A lower bound (`sign` 1), or an upper one turned round (-1); of two that are given the tighter. */
function bound(
  schema: JsonObject,
  inclusive: string,
  exclusive: string,
  sign: 1 | -1,
): { value: number; exclusive: boolean } | undefined {
  const [plain, strict] = [schema[inclusive], schema[exclusive]];
  const bounds = [
    ...(typeof plain === 'number' ? [{ value: sign * plain, exclusive: false }] : []),
    ...(typeof strict === 'number' ? [{ value: sign * strict, exclusive: true }] : []),
  ];
  return bounds.sort((a, b) => b.value - a.value || Number(b.exclusive) - Number(a.exclusive))[0];
}

function isTighter(given: ReturnType<typeof bound>, wanted: ReturnType<typeof bound>): boolean {
  if (wanted === undefined) return true;
  if (given === undefined || given.value < wanted.value) return false;
  return given.value > wanted.value || given.exclusive || !wanted.exclusive;
}

function atLeast(keyword: string): Holds {
  return (sub, sup) => numberOf(sub[keyword], 0) >= numberOf(sup[keyword], 0);
}

function atMost(keyword: string): Holds {
  return (sub, sup) => numberOf(sub[keyword], Infinity) <= numberOf(sup[keyword], Infinity);
}

function numberOf(value: JsonValue | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function listOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}
