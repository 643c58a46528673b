import type { JsonObject, JsonValue } from '../../lib/api/document';
import { breakingChanges, diff } from '../../tools/spec/diff';
import { documentOf, type Parts } from './documents';

const ID: JsonObject = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };

function rulesOf(before: Parts, after: Parts): string[] {
  return breakingChanges(documentOf(before), documentOf(after)).map(({ rule }) => rule);
}

/** A request body of this schema. */
function asking(schema: JsonValue): Parts {
  return { operation: { requestBody: { content: { 'application/json': { schema } } } } };
}

/** An answer of this schema. */
function answering(schema: JsonValue): Parts {
  return {
    operation: { responses: { '200': { description: 'ok', content: { 'application/json': { schema } } } } },
  };
}

function answers(responses: JsonObject): Parts {
  return { operation: { responses: { '200': { description: 'ok' }, ...responses } } };
}

function withParameter(...parameters: JsonObject[]): Parts {
  return { operation: { parameters: [ID, ...parameters] } };
}

const NOT_FOUND = { '404': { description: 'none' } };
const LIMIT: JsonObject = { name: 'limit', in: 'query', schema: { type: 'integer' } };
const TEXT = { type: 'string' };

describe('PIPE-01 a breaking change is found, its reverse is not', () => {
  it.each<[string, string, Parts, Parts]>([
    ['an operation that is gone', 'operation-removed', {}, { paths: {} }],
    [
      'a parameter that becomes required',
      'parameter-required',
      withParameter(LIMIT),
      withParameter({ ...LIMIT, required: true }),
    ],
    ['a parameter that is gone', 'parameter-removed', withParameter(LIMIT), {}],
    ['a body that is gone', 'request-body-removed', asking({}), {}],
    ['a status that is gone', 'response-removed', answers(NOT_FOUND), {}],
    [
      'a header that is gone',
      'response-header-removed',
      answers({ '201': { description: 'x', headers: { Location: { schema: TEXT } } } }),
      answers({ '201': { description: 'x' } }),
    ],
    [
      'a header that may be missing',
      'response-header-optional',
      answers({ '201': { description: 'x', headers: { Location: { required: true, schema: TEXT } } } }),
      answers({ '201': { description: 'x', headers: { location: { schema: TEXT } } } }),
    ],
    [
      'a caller who is refused now',
      'security-tightened',
      {},
      { operation: { security: [{ token: ['w'] }] } },
    ],
    [
      'a step-up that is asked for now',
      'step-up-tightened',
      {},
      { operation: { 'x-step-up': { acr: 'high' } } },
    ],
    ['a name of a schema that is gone', 'schema-name-removed', { schemas: { A: TEXT } }, {}],
  ])('%s: %s', (_change, rule, before, after) => {
    expect(rulesOf(before, after)).toEqual([rule]);
    expect(rulesOf(after, before)).toEqual([]);
    expect(rulesOf(before, before)).toEqual([]);
  });

  it.each<[string, string, Parts, Parts]>([
    [
      'a new parameter that is required',
      'parameter-required',
      {},
      withParameter({ ...LIMIT, required: true }),
    ],
    [
      'a required body',
      'request-body-required',
      {},
      { operation: { requestBody: { required: true, content: {} } } },
    ],
    ['another operationId', 'operation-id-changed', {}, { operation: { operationId: 'readThing' } }],
    [
      'another tag',
      'operation-tag-changed',
      { operation: { tags: ['a'] } },
      { operation: { tags: ['b', 'a'] } },
    ],
    [
      'a media type that is gone',
      'response-media-type-removed',
      answers({ '201': { description: 'x', content: { 'text/plain': { schema: TEXT } } } }),
      answers({ '201': { description: 'x', content: { 'application/json': { schema: TEXT } } } }),
    ],
    [
      'another style of a parameter',
      'not-judged',
      withParameter({ ...LIMIT, explode: true }),
      withParameter({ ...LIMIT, explode: false }),
    ],
    [
      'another server',
      'not-judged',
      { servers: [{ url: 'https://a.example' }] },
      { servers: [{ url: 'https://b.example' }] },
    ],
  ])('%s: %s', (_change, rule, before, after) => {
    expect(rulesOf(before, after)).toEqual([rule]);
    expect(rulesOf(before, before)).toEqual([]);
  });

  // [keyword, narrow, wide]: a request may be widened and an answer narrowed, never the other way round
  it.each<[string, JsonValue, JsonValue]>([
    ['type', TEXT, { type: ['string', 'null'] }],
    ['type', { type: 'integer' }, { type: 'number' }],
    ['enum', { enum: ['a'] }, { enum: ['a', 'b'] }],
    ['enum', { const: 'a' }, { enum: ['a', 'b'] }],
    ['enum', { type: 'string', enum: ['a'] }, TEXT],
    ['minimum', { minimum: 1 }, { minimum: 0 }],
    ['minimum', { exclusiveMinimum: 0 }, { minimum: 0 }],
    ['maximum', { maximum: 9 }, { exclusiveMaximum: 10 }],
    ['multipleOf', { multipleOf: 4 }, { multipleOf: 2 }],
    ['minLength', { minLength: 2 }, {}],
    ['maxLength', { maxLength: 2 }, { maxLength: 3 }],
    ['pattern', { pattern: '^a' }, {}],
    ['format', { format: 'uuid' }, {}],
    ['format', { format: 'int32' }, { format: 'int64' }],
    ['minItems', { minItems: 1 }, {}],
    ['maxItems', { maxItems: 1 }, {}],
    ['uniqueItems', { uniqueItems: true }, {}],
    ['maxProperties', { maxProperties: 1 }, {}],
    ['required', { required: ['a'] }, {}],
    ['minLength', { items: { minLength: 1 } }, { items: {} }],
    ['minLength', { properties: { a: { minLength: 1 } } }, { properties: { a: {} } }],
    ['minLength', { allOf: [{ minLength: 1 }, TEXT] }, { allOf: [{}, TEXT] }],
    ['forbidden', { additionalProperties: false }, {}],
    ['anyOf', { anyOf: [TEXT] }, { anyOf: [TEXT, { type: 'null' }] }],
    [
      'oneOf',
      { oneOf: [{ properties: { k: { const: 'a' } } }], discriminator: { propertyName: 'k' } },
      {
        oneOf: [{ properties: { k: { const: 'a' } } }, { properties: { k: { const: 'b' } } }],
        discriminator: { propertyName: 'k' },
      },
    ],
  ])('%s: %j against %j', (keyword, narrow, wide) => {
    expect(rulesOf(asking(wide), asking(narrow))).toEqual([`request-${keyword}`]);
    expect(rulesOf(answering(narrow), answering(wide))).toEqual([`response-${keyword}`]);
    expect(rulesOf(asking(narrow), asking(wide))).toEqual([]);
    expect(rulesOf(answering(wide), answering(narrow))).toEqual([]);
  });

  it('a property that is gone breaks senders and readers; one that is new breaks neither', () => {
    const [one, two] = [{ properties: { a: {} } }, { properties: { a: {}, b: TEXT } }];

    expect(rulesOf(asking(two), asking(one))).toEqual(['request-property-removed']);
    expect(rulesOf(answering(two), answering(one))).toEqual(['response-property-removed']);
    expect(rulesOf(asking(one), asking(two))).toEqual([]);
    expect(rulesOf(answering(one), answering(two))).toEqual([]);
  });

  it('a new property breaks readers who were told that there are no others', () => {
    const closed = (properties: JsonObject): JsonObject => ({ properties, additionalProperties: false });

    expect(rulesOf(answering(closed({ a: {} })), answering(closed({ a: {}, b: {} })))).toEqual([
      'response-forbidden',
    ]);
    expect(rulesOf(asking(closed({ a: {} })), asking(closed({ a: {}, b: {} })))).toEqual([]);
  });

  it('parts of allOf are compared together, in any order', () => {
    const [a, b] = [{ properties: { a: TEXT } }, { properties: { b: TEXT } }];
    const number = { properties: { a: { type: 'number' } } };

    expect(rulesOf(asking({ allOf: [a, b] }), asking({ allOf: [b, a] }))).toEqual([]);
    expect(rulesOf(asking({ allOf: [a, b] }), asking({ allOf: [b, number] }))).toEqual(['request-type']);
    expect(rulesOf(asking({ allOf: [a, b] }), asking({ allOf: [a] }))).toEqual(['request-property-removed']);
  });

  it('references are followed, also in a circle', () => {
    const tree = (leaf: JsonObject): JsonObject => ({
      Tree: {
        properties: { leaf, children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } },
      },
    });
    const asked = asking({ $ref: '#/components/schemas/Tree' });

    expect(rulesOf({ ...asked, schemas: tree(TEXT) }, { ...asked, schemas: tree(TEXT) })).toEqual([]);
    expect(rulesOf({ ...asked, schemas: tree({}) }, { ...asked, schemas: tree(TEXT) })).toEqual([
      'request-type',
    ]);
  });

  it.each([
    ['not', { not: TEXT }, { not: { type: 'null' } }],
    ['if', { if: TEXT }, {}],
    ['patternProperties', { patternProperties: { '^a': TEXT } }, {}],
    ['oneOf', { oneOf: [TEXT] }, { oneOf: [TEXT, { type: 'null' }] }],
    ['keyword', {}, { madeUpKeyword: 1 }],
  ])('what is not judged counts as breaking, both ways: %s', (_keyword, one, other) => {
    expect(rulesOf(asking(one), asking(other))).toContain('not-judged');
    expect(
      rulesOf(asking(other), asking(one)).length + rulesOf(answering(other), answering(one)).length,
    ).toBeGreaterThan(0);
    expect(rulesOf(asking(one), asking(one))).toEqual([]);
  });

  it('texts and examples break nothing, and a property may be called description', () => {
    const told = { description: 'a', examples: ['x'], type: 'object', properties: { description: TEXT } };

    expect(rulesOf(asking(told), asking({ ...told, description: 'b', examples: [] }))).toEqual([]);
    expect(rulesOf(asking(told), asking({ ...told, properties: { description: {} } }))).toEqual([]);
    expect(rulesOf(answering(told), answering({ ...told, properties: { description: {} } }))).toEqual([
      'response-type',
    ]);
  });
});

describe('PIPE-01 the version says what changed', () => {
  const breaking = withParameter({ ...LIMIT, required: true });
  const addition = withParameter(LIMIT);
  const wording = { operation: { description: 'in other words' } };

  it.each<[string, Parts, string, string, string]>([
    ['nothing', {}, '1.2.3', '1.2.3', '1.2.2'],
    ['a wording', wording, '1.2.3', '1.2.4', '1.2.3'],
    ['an addition', addition, '1.2.3', '1.3.0', '1.2.4'],
    ['a breaking change', breaking, '1.2.3', '2.0.0', '1.3.0'],
    ['an addition before 1.0.0', addition, '0.2.3', '0.2.4', '0.2.3'],
    ['a breaking change before 1.0.0', breaking, '0.2.3', '0.3.0', '0.2.4'],
    ['what should need no more than a patch, by a number of two digits', wording, '1.2.9', '1.2.10', '1.2.8'],
  ])('%s', (_change, after, old, enough, short) => {
    const run = (version: string) => diff(documentOf({ version: old }), documentOf({ ...after, version }));

    expect(run(enough)).toMatchObject({ exit: 0, findings: [] });
    expect(run(short).exit).toBe(1);
    expect(run(short).findings.at(-1)).toMatchObject({ rule: 'version', place: 'info.version' });
  });

  it('shows a breaking change that its version admits', () => {
    const { notes } = diff(documentOf({ version: '1.0.0' }), documentOf({ ...breaking, version: '2.0.0' }));

    expect(notes).toEqual([
      'breaking: GET /things/{id} parameter-required query parameter limit is new and required',
      '1.0.0 to 2.0.0: breaking',
    ]);
  });

  it.each(['1', '1.0', '1.0.0-rc.1', 'v1.0.0', '01.0.0'])('refuses %s as a version', (version) => {
    expect(diff(documentOf(), documentOf({ version })).findings).toEqual([
      { rule: 'version', place: 'info.version', reason: `${JSON.stringify(version)} is not x.y.z` },
    ]);
  });
});
