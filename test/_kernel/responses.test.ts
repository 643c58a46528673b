/** What the wrapper does about answers that the document does not allow. */
import type { Answer } from '../../lambdas/_kernel/http';
import type { OperationOptions } from '../../lambdas/_kernel/operation';
import { type Called, calledWith } from './called-operation';
import { json, restEvent } from './gateway-events';
import { sampleOperations } from './sample-operations';

let samples: Awaited<ReturnType<typeof sampleOperations>>;
beforeAll(async () => {
  samples = await sampleOperations();
});
afterAll(() => {
  samples.remove();
});

const THING = { name: 'flange', kind: 'round' };
const LOCATION = { Location: '/things/7' };

const read = (answer: Answer, options?: OperationOptions): Promise<Called> => {
  const event = restEvent({ method: 'GET', path: { id: '7' }, headers: { 'x-kind': 'round' } });
  return calledWith(samples.operations.readThing, event, () => answer, options);
};
const write = (body: unknown, options?: OperationOptions): Promise<Called> => {
  const event = restEvent({ method: 'POST', ...json(THING) });
  return calledWith(samples.operations.writeThing, event, () => ({ status: 200, body }), options);
};
const told = (mismatch: 'report' | 'refuse', percent: number): Pick<OperationOptions, 'responses'> => ({
  responses: () => ({
    RESPONSE_VALIDATION_PERCENT: percent,
    RESPONSE_MISMATCH: mismatch,
    RESPONSE_METRIC_API: 'sample',
  }),
});

describe('an answer that the document does not allow', () => {
  it.each<[string, () => Promise<Called>, string]>([
    ['a status it does not know', () => read({ status: 302 }), 'status'],
    ['a body without its member', () => write({ name: 'n' }), 'body required kind'],
    ['no body', () => read({ status: 200 }), 'body'],
    ['a body where there is none', () => read({ status: 202, body: { a: 1 } }), 'body'],
    [
      'a place deep inside',
      () => write({ ...THING, parts: [THING, { ...THING, size: '1' }] }),
      'body/parts/1/size type',
    ],
    ['a member nobody wrote down', () => write({ ...THING, marked: 1 }), 'body additionalProperties'],
    [
      'a key of a map',
      () => read({ status: 206, mediaType: 'application/json', body: { marked: 'x' } }),
      'body/* type',
    ],
    ['a text that is too long', () => read({ status: 206, body: 'marked' }), 'body maxLength'],
    [
      'a media type it does not know',
      () => read({ status: 206, mediaType: 'text/html', body: 'p' }),
      'header Content-Type',
    ],
    ['no header that it must have', () => read({ status: 203 }), 'header Location'],
    [
      'headers of another form',
      () => read({ status: 203, headers: { ...LOCATION, 'x-left': '-1', 'x-parts': '1, b' } }),
      'header X-Left, header X-Parts',
    ],
    [
      'one cookie of another form',
      () => read({ status: 203, headers: LOCATION, cookies: ['a=1', 'marked=1'] }),
      'header Set-Cookie',
    ],
  ])('is 500 and says where, with no value: %s', async (_case, call, at) => {
    const { answer, lines } = await call();

    expect(answer.statusCode).toBe(500);
    expect(JSON.parse(answer.body)).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: `the answer does not fit the description of this operation: ${at}`,
    });
    expect(lines[0]).toMatchObject({ level: 'error', event: 'answer_off_document', at });
    expect(lines[1]).toMatchObject({ OperationFailures: 1 });
    expect(answer.body + JSON.stringify(lines)).not.toContain('marked');
  });

  it.each<[string, () => Promise<Called>]>([
    ['its body fits', () => write({ ...THING, parts: [THING] })],
    ['an undefined member is not sent', () => write({ ...THING, marked: undefined })],
    ['a date arrives as text', () => write({ ...THING, when: new Date(0) })],
    [
      'its headers fit, in any case',
      () =>
        read({
          status: 203,
          headers: { location: '/a', 'X-LEFT': '3', 'x-parts': '1, 2' },
          cookies: ['a=1'],
        }),
    ],
    ['headers it need not have are left out', () => read({ status: 203, headers: LOCATION })],
    [
      'it is the other of two media types',
      () => read({ status: 206, mediaType: 'text/plain', body: 'hello' }),
    ],
    ['it has no body and needs none', () => read({ status: 202 })],
  ])('is not one where %s', async (_case, call) => {
    const { answer, lines } = await call();

    expect(answer.statusCode).toBeLessThan(300);
    expect(lines).toEqual([]);
  });

  it('does not get defaults of the document: it is sent as it was made', async () => {
    expect((await write({ ...THING })).answer.body).toBe(JSON.stringify(THING));
  });

  it('is sent as it is and counted where it is reported', async () => {
    const body = { ...THING, marked: 'marked' };
    const { answer, lines } = await write(body, told('report', 100));

    expect([answer.statusCode, JSON.parse(answer.body)]).toEqual([200, body]);
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'error',
        event: 'answer_off_document',
        operation: 'writeThing',
        status: 200,
        at: 'body additionalProperties',
      }),
      expect.objectContaining({
        ResponseMismatch: 1,
        Api: 'sample',
        _aws: expect.objectContaining({
          CloudWatchMetrics: [expect.objectContaining({ Dimensions: [['Api']] })],
        }) as object,
      }),
    ]);
    expect(JSON.stringify(lines)).not.toContain('marked');
  });

  it('is reported with a status, a media type and a body that the document does not know', async () => {
    const undocumented = await read({ status: 302, headers: LOCATION }, told('report', 100));
    const html = { status: 206, mediaType: 'text/html', body: '<p>' };
    const page = await read(html, told('report', 100));

    expect([undocumented.answer.statusCode, undocumented.answer.headers['location']]).toEqual([
      302,
      '/things/7',
    ]);
    expect([page.answer.headers['content-type'], page.answer.body]).toEqual([
      'text/html; charset=utf-8',
      '<p>',
    ]);
  });

  it.each([
    [0, 0, 200],
    [10, 0.099, 500],
    [10, 0.1, 200],
    [100, 0.999, 500],
  ])('is looked at in %d of 100 cases: at %d it is %d', async (percent, drawn, status) => {
    const { answer } = await write({}, { ...told('refuse', percent), random: () => drawn });

    expect(answer.statusCode).toBe(status);
  });

  it('is 500 when the function was told nonsense', async () => {
    const options: OperationOptions = {
      responses: () => {
        throw new Error('environment');
      },
    };

    expect((await write(THING, options)).answer.statusCode).toBe(500);
    expect((await write(THING, { responses: () => ({}) })).answer.statusCode).toBe(200);
  });
});
