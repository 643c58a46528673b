/**
 * Whether every value of one schema is one of another: a request may still hold what it held, an answer holds nothing
 * that it did not.
 *
 * Sound, not complete: a schema that is contained in a way this cannot see is reported, as `not-judged` where a keyword
 * is compared for equality alone.
 */
import { isDeepStrictEqual } from 'node:util';

import { isObject, type JsonObject, type JsonValue, type OpenApiDocument } from '../../lib/api/document';
import { KEYWORDS } from './keywords';
import { ANNOTATIONS, followed, same } from './same';

interface SchemaIssue {
  /** Keyword, `property-removed`, or `not-judged`. */
  readonly rule: string;
  /** Place in the value, e.g. `/items/name`. */
  readonly at: string;
  readonly reason: string;
}

export type Direction = 'request' | 'response';

/** The narrower and the wider schema: of a request the old and the new, of an answer the new and the old. */
interface Pair {
  readonly sub: JsonValue | undefined;
  readonly sup: JsonValue | undefined;
}

/** Compares the schema of a value before and after. */
export class SchemaDiff {
  private readonly seen = new Set<string>();
  private readonly direction: Direction;
  private readonly documents: { readonly sub: OpenApiDocument; readonly sup: OpenApiDocument };

  constructor(direction: Direction, before: OpenApiDocument, after: OpenApiDocument) {
    this.direction = direction;
    this.documents = direction === 'request' ? { sub: before, sup: after } : { sub: after, sup: before };
  }

  compare(before: JsonValue | undefined, after: JsonValue | undefined): SchemaIssue[] {
    return this.contained(
      this.direction === 'request' ? { sub: before, sup: after } : { sub: after, sup: before },
      '',
    );
  }

  private contained({ sub = true, sup = true }: Pair, at: string): SchemaIssue[] {
    const pair = JSON.stringify([sub, sup]);
    // a circle of references: what held so far holds again
    if (isReference(sub) && isReference(sup)) {
      if (this.seen.has(pair)) return [];
      this.seen.add(pair);
    }
    if (this.unchanged(sub, sup)) return [];
    const [given, needs] = [this.conjuncts(sub, 'sub'), this.conjuncts(sup, 'sup')];
    if (given.includes(false)) return [];
    const parts = given.filter((part) => part !== false);
    const all = merged(parts);
    return [
      ...this.removed(parts, needs, at),
      ...needs.flatMap((need) => {
        if (need === false) return [{ rule: 'forbidden', at, reason: 'nothing is allowed there' }];
        return parts.some((part) => this.unchanged(part, need)) ? [] : this.plain(all, need, at);
      }),
    ];
  }

  private unchanged(sub: JsonValue, sup: JsonValue): boolean {
    return same({ document: this.documents.sub, value: sub }, { document: this.documents.sup, value: sup });
  }

  /** Properties that nobody speaks of any more; it matters to who sends or reads them, even where the rest is open. */
  private removed(
    given: readonly JsonObject[],
    needs: readonly (JsonObject | false)[],
    at: string,
  ): SchemaIssue[] {
    const wanted = needs.filter((need) => need !== false);
    const [old, now] = this.direction === 'request' ? [given, wanted] : [wanted, given];
    const kept = new Set(now.flatMap((part) => Object.keys(propertiesOf(part))));
    return [...new Set(old.flatMap((part) => Object.keys(propertiesOf(part))))]
      .filter((name) => !kept.has(name))
      .map((name) => ({ rule: 'property-removed', at: `${at}/${name}`, reason: 'the property is gone' }));
  }

  /** The parts which all hold, references and `allOf` taken apart; `false` allows nothing. */
  private conjuncts(schema: JsonValue, side: 'sub' | 'sup'): (JsonObject | false)[] {
    const { value } = followed({ document: this.documents[side], value: schema });
    if (value === false) return [false];
    if (!isObject(value)) return [{}];
    if (!Array.isArray(value['allOf'])) return isReference(value) ? this.conjuncts(value, side) : [value];
    const { allOf, ...rest } = value;
    const parts = allOf.flatMap((part) => this.conjuncts(part, side));
    const own = Object.keys(rest).some((key) => !ANNOTATIONS.includes(key));
    return own || parts.length === 0 ? [rest, ...parts] : parts;
  }

  private plain(sub: JsonObject, sup: JsonObject, at: string): SchemaIssue[] {
    const issues: SchemaIssue[] = [];
    for (const [keyword, holds] of Object.entries(KEYWORDS)) {
      if (!holds(sub, sup)) issues.push({ rule: keyword, at, reason: this.change(keyword, sub, sup) });
    }
    issues.push(...this.items(sub, sup, at), ...this.members(sub, sup, at));
    issues.push(...this.alternatives(sub, sup, at), ...this.defaults(sub, sup, at));
    return [...issues, ...this.others(sub, sup, at)];
  }

  private items(sub: JsonObject, sup: JsonObject, at: string): SchemaIssue[] {
    const [given, wanted] = [sub['items'], sup['items']];
    return given === undefined && wanted === undefined
      ? []
      : this.contained(pairOf(given, wanted), `${at}/items`);
  }

  private members(sub: JsonObject, sup: JsonObject, at: string): SchemaIssue[] {
    const [given, wanted] = [propertiesOf(sub), propertiesOf(sup)];
    const issues: SchemaIssue[] = [];
    for (const [name, schema] of Object.entries(given)) {
      if (Object.hasOwn(wanted, name)) {
        issues.push(...this.contained(pairOf(schema, wanted[name]), `${at}/${name}`));
      } else if (this.direction === 'response') {
        // new in the answer: fits as far as the old schema left room for unknown members
        issues.push(...this.contained(pairOf(schema, sup['additionalProperties']), `${at}/${name}`));
      }
    }
    const [open, room] = [sub['additionalProperties'], sup['additionalProperties']];
    if (open === undefined && room === undefined) return issues;
    return [...issues, ...this.contained(pairOf(open, room), `${at}/*`)];
  }

  /** `anyOf`, and `oneOf` whose members a discriminator keeps apart: each member must be within one of the other's. */
  private alternatives(sub: JsonObject, sup: JsonObject, at: string): SchemaIssue[] {
    return (['anyOf', 'oneOf'] as const).flatMap((keyword) => {
      const [given, wanted] = [sub[keyword], sup[keyword]];
      if (wanted === undefined || this.unchanged(only(sub, keyword), only(sup, keyword))) return [];
      const judged =
        Array.isArray(given) &&
        Array.isArray(wanted) &&
        (keyword === 'anyOf' || (isObject(sub['discriminator']) && this.sameDiscriminator(sub, sup)));
      if (!judged) return [this.notJudged(keyword, at)];
      return given.flatMap((member) => {
        const tries = wanted.map((other) => this.trial({ sub: member, sup: other }, at));
        return tries.some((issues) => issues.length === 0)
          ? []
          : [{ rule: keyword, at, reason: `an alternative of ${keyword} is not among the others` }];
      });
    });
  }

  /** A trial that fails must not count as seen. */
  private trial(pair: Pair, at: string): SchemaIssue[] {
    const before = new Set(this.seen);
    const issues = this.contained(pair, at);
    if (issues.length > 0) {
      this.seen.clear();
      for (const key of before) this.seen.add(key);
    }
    return issues;
  }

  private sameDiscriminator(sub: JsonObject, sup: JsonObject): boolean {
    const [given, wanted] = [sub['discriminator'], sup['discriminator']];
    return isObject(given) && isObject(wanted) && given['propertyName'] === wanted['propertyName'];
  }

  /** What stands for a value that is left out; of an answer nothing is left to the default. */
  private defaults(sub: JsonObject, sup: JsonObject, at: string): SchemaIssue[] {
    if (this.direction === 'response' || isDeepStrictEqual(sub['default'], sup['default'])) return [];
    return [{ rule: 'default', at, reason: this.change('default', sub, sup) }];
  }

  private others(sub: JsonObject, sup: JsonObject, at: string): SchemaIssue[] {
    const keys = new Set([...Object.keys(sub), ...Object.keys(sup)]);
    return [...keys]
      .filter(
        (key) => !JUDGED.has(key) && !key.startsWith('x-') && !this.unchanged(only(sub, key), only(sup, key)),
      )
      .map((key) => this.notJudged(key, at));
  }

  private notJudged(keyword: string, at: string): SchemaIssue {
    return { rule: 'not-judged', at, reason: `${keyword} changed; what that means is not judged` };
  }

  private change(keyword: string, sub: JsonObject, sup: JsonObject): string {
    const [old, now] = this.direction === 'request' ? [sub, sup] : [sup, sub];
    return `${keyword} was ${textOf(old[keyword])}, is ${textOf(now[keyword])}`;
  }
}

const JUDGED = new Set([
  ...ANNOTATIONS,
  ...Object.keys(KEYWORDS),
  ...['const', 'exclusiveMinimum', 'exclusiveMaximum', 'items', 'properties', 'additionalProperties'],
  ...['anyOf', 'oneOf', 'default', '$defs', '$id', '$schema'],
]);

function only(schema: JsonObject, keyword: string): JsonObject {
  const value = schema[keyword];
  return value === undefined ? {} : { [keyword]: value };
}

function pairOf(sub: JsonValue | undefined, sup: JsonValue | undefined): Pair {
  return { sub, sup };
}

function propertiesOf(schema: JsonObject): JsonObject {
  return isObject(schema['properties']) ? schema['properties'] : {};
}

function isReference(value: JsonValue): boolean {
  return isObject(value) && typeof value['$ref'] === 'string';
}

/** One schema that allows at least what all parts together allow: of a keyword that several have, the first. */
function merged(parts: readonly JsonObject[]): JsonObject {
  const properties: JsonObject = {};
  for (const [name, schema] of parts.flatMap((part) => Object.entries(propertiesOf(part)))) {
    const known = properties[name];
    properties[name] = known === undefined ? schema : { allOf: [known, schema] };
  }
  const required = [...new Set(parts.flatMap((part) => (part['required'] ?? []) as JsonValue[]))];
  const first = Object.assign({}, ...[...parts].reverse()) as JsonObject;
  return {
    ...first,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
  };
}

function textOf(value: JsonValue | undefined): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
