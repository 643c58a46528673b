import type { Answer } from '../../lambdas/_kernel/http';
import type { OperationOptions } from '../../lambdas/_kernel/operation';
import { type Called, calledWith, errorsOf, fieldsOf } from './called-operation';
import { CALLER, httpApiEvent, json, JUNK_EVENTS, type Request, restEvent } from './gateway-events';
import { sampleOperations } from './sample-operations';

type Samples = Awaited<ReturnType<typeof sampleOperations>>;

let samples: Samples;
beforeAll(async () => {
  samples = await sampleOperations();
});
afterAll(() => {
  samples.remove();
});

const whenCalled = (
  ...[id, event, run, options]: [keyof Samples['operations'], unknown, (() => Answer)?, OperationOptions?]
): Promise<Called> => calledWith(samples.operations[id], event, run, options);

const good: Request = { method: 'GET', path: { id: '7' }, headers: { 'x-kind': 'round' } };
const thing = { name: 'flange', kind: 'round' };

describe.each([
  ['a REST API', restEvent],
  ['an HTTP API', httpApiEvent],
])('an operation behind %s', (_kind, eventOf) => {
  it('SPEC-02 gets checked and typed values', async () => {
    const event = eventOf({
      ...good,
      query: [
        ['ratio', '0.25'],
        ['deep', 'true'],
        ['tag', 'a'],
        ['tag', 'b'],
        ['since', '2026-11-21'],
      ],
      headers: { 'X-Kind': 'square', 'X-PARTS': '1, 2,3' },
    });
    const { answer, inputs } = await whenCalled('readThing', event);

    expect(answer.statusCode).toBe(200);
    expect(inputs).toEqual([
      {
        params: { id: 7 },
        query: { ratio: 0.25, deep: true, tag: ['a', 'b'], since: '2026-11-21' },
        headers: { 'X-Kind': 'square', 'X-Parts': [1, 2, 3] },
        body: undefined,
        cookies: [],
        caller: CALLER,
      },
    ]);
  });

  it('SPEC-02 gets the defaults of what was left out, in parameters and body', async () => {
    const read = await whenCalled('readThing', eventOf(good));
    const written = await whenCalled('writeThing', eventOf({ method: 'POST', ...json(thing) }));

    expect(read.inputs).toMatchObject([{ query: { deep: false } }]);
    expect(written.inputs).toMatchObject([{ body: { ...thing, size: 3 } }]);
  });

  it('fails closed when it is secured and nobody has checked the caller', async () => {
    const { answer, inputs, lines } = await whenCalled('readThing', eventOf({ ...good, caller: null }));

    expect([answer.statusCode, inputs.length]).toEqual([403, 0]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(lines[0]).toMatchObject({ level: 'error', event: 'caller_missing', operation: 'readThing' });
    expect(lines[1]).toMatchObject({ OperationFailures: 1, operation: 'readThing', event: 'caller_missing' });
  });

  it('serves a public operation, and one with an anonymous alternative, without a caller', async () => {
    const posted = await whenCalled('writeThing', eventOf({ method: 'POST', ...json(thing), caller: null }));
    const patched = await whenCalled('touchThing', eventOf({ method: 'PATCH', caller: null }));

    expect([posted.answer.statusCode, patched.answer.statusCode]).toEqual([200, 200]);
    expect([...posted.inputs, ...patched.inputs]).toMatchObject([
      { caller: undefined },
      { caller: undefined },
    ]);
  });

  it('decodes a base64 body', async () => {
    const body = Buffer.from(JSON.stringify(thing)).toString('base64');
    const { answer } = await whenCalled(
      'writeThing',
      eventOf({ method: 'POST', ...json(thing), body, base64: true }),
    );

    expect(answer.statusCode).toBe(200);
  });
});

describe('SPEC-02 a parameter off schema', () => {
  it.each<[string, Request, string[]]>([
    ['an id that is no integer', { ...good, path: { id: '1e3' } }, ['path id']],
    ['an id out of bounds', { ...good, path: { id: '0' } }, ['path id']],
    ['no id', { ...good, path: {} }, ['path id']],
    ['a header that is missing', { ...good, headers: {} }, ['header X-Kind']],
    ['a header that is not of the enum', { ...good, headers: { 'x-kind': 'oval' } }, ['header X-Kind']],
    [
      'a list in a header with a word',
      { ...good, headers: { 'x-kind': 'round', 'x-parts': '1,two' } },
      ['header X-Parts'],
    ],
    [
      'AUTHZ-04 a list in a header with blanks without number, which are passed over once',
      { ...good, headers: { 'x-kind': 'round', 'x-parts': `1${' '.repeat(2_000_000)}2 , 3` } },
      ['header X-Parts'],
    ],
    ['a number in hexadecimal', { ...good, query: [['ratio', '0x1']] }, ['query ratio']],
    ['a number out of bounds', { ...good, query: [['ratio', '1.5']] }, ['query ratio']],
    ['a boolean in capitals', { ...good, query: [['deep', 'True']] }, ['query deep']],
    ['an empty boolean', { ...good, query: [['deep', '']] }, ['query deep']],
    ['a date that is none', { ...good, query: [['since', '2026-02-30']] }, ['query since']],
    [
      'a scalar given twice',
      {
        ...good,
        query: [
          ['deep', 'true'],
          ['deep', 'true'],
        ],
      },
      ['query deep'],
    ],
    [
      'a list that is too long',
      {
        ...good,
        query: [
          ['tag', 'a'],
          ['tag', 'b'],
          ['tag', 'c'],
        ],
      },
      ['query tag'],
    ],
    [
      'several at once',
      { method: 'GET', path: { id: 'x' }, query: [['deep', '1']] },
      ['path id', 'query deep', 'header X-Kind'],
    ],
  ])('is 400 for %s', async (_case, request, fields) => {
    const called = await whenCalled('readThing', restEvent(request));

    expect([called.answer.statusCode, called.inputs.length]).toEqual([400, 0]);
    expect(fieldsOf(called)).toEqual(fields);
  });

  it('does not concern parameters the document does not know', async () => {
    const { answer } = await whenCalled('readThing', restEvent({ ...good, query: [['utm', '1']] }));

    expect(answer.statusCode).toBe(200);
  });
});

/** A thing within a thing, so many times; two levels each. */
function nested(times: number): string {
  return '{"name":"a","kind":"round","parts":['.repeat(times) + ']}'.repeat(times);
}

describe('SPEC-02 the good twins of bodies that are read in one way only', () => {
  it.each<[string, string]>([
    ['the same name in two objects', '{"name":"a","kind":"round","parts":[{"name":"a","kind":"round"}]}'],
    ['the greatest integer', '{"name":"a","kind":"round","size":9007199254740991}'],
    ['the least integer', '{"name":"a","kind":"round","size":-9007199254740991}'],
    [
      'what looks like either in a text',
      '{"name":"\\"name\\":1,\\"name\\":9007199254740993","kind":"round"}',
    ],
    ['fifty things within each other', nested(50)],
  ])('%s', async (_case, body) => {
    const called = await whenCalled('writeThing', restEvent({ method: 'POST', ...json(0), body }));

    expect([called.answer.statusCode, called.inputs.length]).toEqual([200, 1]);
  });
});

describe('SPEC-02 a body off schema', () => {
  it.each<[string, unknown, string[]]>([
    ['a missing member', { name: 'a' }, ['body /kind']],
    ['an unknown member', { ...thing, nmae: 1 }, ['body /nmae']],
    ['a member that is no name', { ...thing, 'a secret <b>': 1 }, ['body /*']],
    [
      'a member that goes for the prototype',
      JSON.parse('{"name":"a","kind":"round","__proto__":{}}'),
      ['body /__proto__'],
    ],
    ['a number in a text', { ...thing, size: '3' }, ['body /size']],
    ['a date without a zone', { ...thing, when: '2026-11-21T00:00:00' }, ['body /when']],
    [
      'a place deep inside',
      { ...thing, parts: [thing, { name: '' }] },
      ['body /parts/1/kind', 'body /parts/1/name'],
    ],
    ['no object at all', null, ['body ']],
  ])('is 400 for %s', async (_case, body, fields) => {
    const called = await whenCalled('writeThing', restEvent({ method: 'POST', ...json(body) }));

    expect([called.answer.statusCode, called.inputs.length]).toEqual([400, 0]);
    expect(fieldsOf(called).sort()).toEqual(fields);
  });

  it.each<[string, Partial<Request>, string[]]>([
    ['no body and no type', {}, ['body ', 'header content-type']],
    ['no body', { headers: { 'content-type': 'application/json' } }, ['body ']],
    ['no type', { body: '{}' }, ['header content-type']],
    ['another type', { body: '{}', headers: { 'content-type': 'text/plain' } }, ['header content-type']],
    [
      'two types',
      { body: '{}', headers: { 'content-type': 'application/json, text/plain' } },
      ['header content-type'],
    ],
    [
      'another charset',
      { body: '{}', headers: { 'content-type': 'application/json; charset=utf-16' } },
      ['header content-type'],
    ],
    [
      'a name of Object.prototype for a type',
      { body: '{}', headers: { 'content-type': 'constructor' } },
      ['header content-type'],
    ],
    ['broken JSON', { ...json(0), body: '{"name":' }, ['body ']],
    ['a name twice', { ...json(0), body: '{"name":"a","kind":"round","name":"b"}' }, ['body ']],
    [
      'a name twice, once escaped',
      { ...json(0), body: '{"name":"a","kind":"round","n\\u0061me":"b"}' },
      ['body '],
    ],
    [
      'a name twice deep inside',
      {
        ...json(0),
        body: '{"name":"a","kind":"round","parts":[{"name":"a","kind":"round","kind":"square"}]}',
      },
      ['body '],
    ],
    [
      'an integer that would become another',
      { ...json(0), body: '{"name":"a","kind":"round","size":9007199254740993}' },
      ['body '],
    ],
    [
      'the same below zero',
      { ...json(0), body: '{"name":"a","kind":"round","size":-9007199254740993}' },
      ['body '],
    ],
    ['more levels than anybody means', { ...json(0), body: nested(51) }, ['body ']],
    [
      'levels without number, of a schema that refers to itself',
      { ...json(0), body: nested(50_000) },
      ['body '],
    ],
    ['lists without number', { ...json(0), body: '['.repeat(200_000) }, ['body ']],
    [
      'bytes that are not UTF-8',
      { ...json(0), body: Buffer.from([0x22, 0xff, 0x22]).toString('base64'), base64: true },
      ['body '],
    ],
  ])('is 400 for %s', async (_case, request, fields) => {
    const called = await whenCalled('writeThing', restEvent({ method: 'POST', ...request }));

    expect([called.answer.statusCode, called.inputs.length]).toEqual([400, 0]);
    expect(fieldsOf(called)).toEqual(fields);
  });

  it.each(['application/json', 'Application/JSON; charset="UTF-8"', 'application/json;charset=utf-8'])(
    'is accepted on schema as %s',
    async (type) => {
      const event = restEvent({ method: 'POST', ...json(thing), headers: { 'content-type': type } });

      expect((await whenCalled('writeThing', event)).answer.statusCode).toBe(200);
    },
  );

  it('is checked by the schema of its own media type', async () => {
    const event = restEvent({
      method: 'POST',
      body: '{"other":1}',
      headers: { 'content-type': 'application/merge-patch+json' },
    });

    expect((await whenCalled('writeThing', event)).inputs).toMatchObject([{ body: { other: 1 } }]);
  });

  it('may be left out where the document says so, and is checked where it is not', async () => {
    const absent = await whenCalled('touchThing', restEvent({ method: 'PATCH' }));
    const wrong = await whenCalled('touchThing', restEvent({ method: 'PATCH', ...json({}) }));

    expect(absent.inputs).toMatchObject([{ body: undefined }]);
    expect(wrong.answer.statusCode).toBe(400);
  });

  it('names at most 50 fields and never repeats a value', async () => {
    const parts = Array.from({ length: 500 }, () => ({
      name: 5,
      kind: 'marked-value',
      size: 'marked-value',
    }));
    const called = await whenCalled(
      'writeThing',
      restEvent({ method: 'POST', ...json({ ...thing, parts }) }),
    );

    expect(errorsOf(called)).toHaveLength(50);
    expect(called.answer.body).not.toContain('marked');
  });
});

describe('SPEC-02 a form', () => {
  const FORM = 'application/x-www-form-urlencoded';
  const post = async (body: string, type = FORM): Promise<Called> =>
    whenCalled('writeThing', restEvent({ method: 'POST', headers: { 'content-type': type }, body }));

  it.each<[string, string, object]>([
    ['with percent and plus', 'name=a%20b+c%C3%BC&__proto__=x', { name: 'a b cü', ['__proto__']: 'x' }],
    ['with names that the document does not know', 'other=&name=a', { other: '', name: 'a' }],
  ])('%s is read as an object of texts', async (_case, body, read) => {
    const { answer, inputs } = await post(body, `${FORM};charset=UTF-8`);

    expect(answer.statusCode).toBe(200);
    expect(inputs).toMatchObject([{ body: read }]);
  });

  it.each<[string, string, string[]]>([
    ['without a field it needs', 'nmae=a', ['body /name']],
    ['with a field off schema', 'name=', ['body /name']],
    ['with a name twice', 'name=a&name=b', ['body ']],
    ['that is none', '', ['body ']],
    ['that is JSON', '{"name":"a"}', ['body /name']],
  ])('%s is 400', async (_case, body, fields) => {
    const called = await post(body);

    expect([called.answer.statusCode, called.inputs.length]).toEqual([400, 0]);
    expect(fieldsOf(called)).toEqual(fields);
    expect((await post('name=a')).answer.statusCode).toBe(200);
  });
});

describe('AUTHZ-01 an event that is not of this operation', () => {
  it.each(JUNK_EVENTS)('is 403 and never throws: %s', async (_case, event) => {
    for (const id of ['readThing', 'writeThing'] as const) {
      const { answer, inputs } = await whenCalled(id, event);

      expect([answer.statusCode, inputs.length]).toEqual([403, 0]);
    }
  });

  it('is 403 when it carries another method', async () => {
    const { answer, lines } = await whenCalled('readThing', restEvent({ ...good, method: 'DELETE' }));

    expect(answer.statusCode).toBe(403);
    expect(lines[0]).toMatchObject({ event: 'unexpected_event' });
  });

  it('is refused even when its members throw', async () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('trap');
        },
      },
    );

    expect((await whenCalled('readThing', hostile)).answer.statusCode).toBe(500);
  });
});

describe('the answer of an operation', () => {
  it('is 500 without detail when the code throws', async () => {
    const { answer, lines } = await whenCalled('readThing', restEvent(good), () => {
      throw new RangeError('a marked message');
    });

    expect(JSON.parse(answer.body)).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
    });
    expect(lines[0]).toMatchObject({ event: 'handler_failed', cause: { name: 'RangeError' } });
    expect(JSON.stringify(lines)).not.toContain('marked');
  });

  it('has the media type of the document, for a range of statuses too', async () => {
    const refused = await whenCalled('readThing', restEvent(good), () => ({ status: 404, body: {} }));
    const accepted = await whenCalled('readThing', restEvent(good), () => ({ status: 202 }));

    expect(refused.answer).toMatchObject({
      statusCode: 404,
      headers: { 'content-type': 'application/problem+json' },
    });
    expect(accepted.answer).toMatchObject({ statusCode: 202, body: '' });
    expect(accepted.answer.headers).not.toHaveProperty('content-type');
  });

  it('is 500 rather than a header with a line break', async () => {
    const off = { status: 202, headers: { location: 'a\r\nSet-Cookie: b' } };

    expect((await whenCalled('readThing', restEvent(good), () => off)).answer.statusCode).toBe(500);
  });
});
