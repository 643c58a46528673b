/** The differ against a validator that knows nothing of it: what it lets pass must hold for every value. */
import Ajv2020 from 'ajv/dist/2020';
import fc from 'fast-check';

import type { JsonObject, JsonValue } from '../../lib/api/document';
import { SchemaDiff } from '../../tools/spec/schema-diff';
import { documentOf } from './documents';

const bound = fc.integer({ min: 0, max: 3 });
const keywords = (schema: fc.Arbitrary<JsonValue>): Record<string, fc.Arbitrary<JsonValue>> => ({
  type: fc.constantFrom<JsonValue>('string', 'integer', 'number', 'object', 'array', 'null', [
    'string',
    'null',
  ]),
  enum: fc.uniqueArray(fc.constantFrom<JsonValue>('a', 'bb', 0, 1, null), { minLength: 1, maxLength: 3 }),
  minimum: bound,
  exclusiveMaximum: bound,
  multipleOf: fc.constantFrom(1, 2),
  minLength: bound,
  maxLength: bound,
  minItems: bound,
  required: fc.subarray(['a', 'b']),
  items: schema,
  properties: fc.dictionary(fc.constantFrom('a', 'b'), schema, { maxKeys: 2 }),
  additionalProperties: fc.oneof(fc.boolean(), schema),
  allOf: fc.array(schema, { minLength: 1, maxLength: 2 }),
  anyOf: fc.array(schema, { minLength: 1, maxLength: 2 }),
  oneOf: fc.array(schema, { minLength: 1, maxLength: 2 }),
});
const { schema } = fc.letrec<{ schema: JsonValue }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    fc.boolean(),
    fc
      .subarray(Object.entries(keywords(tie('schema'))), { maxLength: 3 })
      .chain((chosen) => fc.record(Object.fromEntries(chosen)) as fc.Arbitrary<JsonValue>),
  ),
}));
const scalar = fc.constantFrom<JsonValue>('', 'a', 'bb', 'cccc', -1, 0, 1, 1.5, 2, null, true);
const member = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
const value = fc.oneof(
  member,
  fc.array(member, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('a', 'b', 'c'), member, { maxKeys: 3 }),
);

/** A change within a schema: one keyword of it, or another schema altogether. */
const pair = fc.oneof(
  fc.tuple(schema, schema),
  fc
    .tuple(schema, schema)
    .map(([base, other]): [JsonValue, JsonValue] => [
      base,
      typeof base === 'object' && typeof other === 'object'
        ? { ...(base as JsonObject), ...(other as JsonObject) }
        : other,
    ]),
  fc
    .tuple(schema, fc.nat(2))
    .map(([base, index]): [JsonValue, JsonValue] => [
      base,
      typeof base === 'object'
        ? Object.fromEntries(Object.entries(base as JsonObject).filter((_, at) => at !== index))
        : base,
    ]),
);

const ajv = new Ajv2020({ strict: false, validateSchema: false });
const document = documentOf();

describe('PIPE-01 a schema that is said to be contained', () => {
  it('is: every value of the narrower one is one of the wider', () => {
    let contained = 0;
    fc.assert(
      fc.property(pair, fc.array(value, { minLength: 10, maxLength: 10 }), ([old, now], values) => {
        // of an answer, the old schema is the wider one; a new member of an open request is let pass by convention
        const issues = new SchemaDiff('response', document, document).compare(old, now);
        if (issues.length > 0) return true;
        contained += 1;
        const [narrow, wide] = [ajv.compile(now as JsonObject), ajv.compile(old as JsonObject)];
        return values.every((candidate) => !narrow(candidate) || wide(candidate));
      }),
    );

    expect(contained).toBeGreaterThan(10);
  });

  it('is reported as unchanged when it is', () => {
    fc.assert(
      fc.property(
        schema,
        (one) => new SchemaDiff('request', document, document).compare(one, one).length === 0,
      ),
    );
  });
});
