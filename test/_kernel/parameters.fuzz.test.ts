import fc from 'fast-check';

import { decodeCaller, encodeCaller } from '../../lambdas/_kernel/caller';
import { readRequest } from '../../lambdas/_kernel/http';
import { parseScalar } from '../../lambdas/_kernel/input';

const sloppy = fc.oneof(
  fc.string(),
  fc.string({
    unit: fc.constantFrom(...'0 1 2 3 4 5 6 7 8 9 + - . e E x X _ ٣'.split(' '), ' '),
    maxLength: 20,
  }),
);

describe('the grammar of parameters', () => {
  it('reads every safe integer and writes it back the same', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(parseScalar('integer', String(value))).toBe(value);
      }),
    );
  });

  it('has one spelling for each integer', () => {
    fc.assert(
      fc.property(sloppy, (text) => {
        const value = parseScalar('integer', text);
        expect(value === undefined || String(value) === text).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads as numbers only what JSON reads as the same number', () => {
    fc.assert(
      fc.property(sloppy, (text) => {
        const value = parseScalar('number', text);
        expect(value === undefined || Object.is(value, JSON.parse(text))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads two texts as boolean and no other', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('true', 'false', 'TRUE', '1', 'yes')), (text) => {
        expect(parseScalar('boolean', text)).toBe(
          new Map([
            ['true', true],
            ['false', false],
          ]).get(text),
        );
      }),
    );
  });
});

describe('reading anything', () => {
  it('AUTHZ-01 never throws, for an event or an authorizer context', () => {
    const key = fc.constantFrom(
      'version',
      'httpMethod',
      'headers',
      'multiValueHeaders',
      'pathParameters',
      'body',
      'requestContext',
      'rawQueryString',
      'isBase64Encoded',
      'multiValueQueryStringParameters',
      'http',
      'method',
      'authorizer',
      'subject',
      'groups',
    );
    const { event } = fc.letrec((tie) => ({
      event: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('2.0', '1.0', 'GET', true, null, undefined, 7),
        fc.string(),
        fc.array(tie('event'), { maxLength: 3 }),
        fc.dictionary(key, tie('event')),
      ),
    }));
    fc.assert(
      fc.property(event, (value) => {
        const request = readRequest(value);
        expect(request === undefined || typeof request.method === 'string').toBe(true);
        decodeCaller(value);
      }),
      { numRuns: 2000 },
    );
  });

  it('brings back any caller from its context', () => {
    const name = fc.string({ minLength: 1, unit: 'grapheme' });
    const caller = fc.record({
      subject: name,
      clientId: name,
      scheme: name,
      scopes: fc.array(name),
      groups: fc.array(name),
    });
    fc.assert(
      fc.property(caller, (value) => {
        expect(decodeCaller(encodeCaller(value))).toEqual(value);
      }),
    );
  });
});
