import { hostCookie, parseCookies, valuesOf } from '../../lambdas/_kernel/cookies';
import { readRequest, render } from '../../lambdas/_kernel/http';
import { httpApiEvent, restEvent } from './gateway-events';

describe('reading cookies', () => {
  test.each<[string, string[], [string, string][]]>([
    [
      'two pairs',
      ['a=1; b=2'],
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'no space, more space, tabs',
      ['a=1;b=2;  c=3 ;\td=4\t'],
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
        ['d', '4'],
      ],
    ],
    ['equals signs in a value', ['a=b=c=='], [['a', 'b=c==']]],
    [
      'quotes, percent and commas as they are',
      ['a="x"; b=%41; c=1,2'],
      [
        ['a', '"x"'],
        ['b', '%41'],
        ['c', '1,2'],
      ],
    ],
    ['a value without a name', ['x'], [['', 'x']]],
    ['a name without a value', ['x='], [['x', '']]],
    ['empty pairs', [';; a=1;', ''], [['a', '1']]],
    [
      'several headers',
      ['a=1', 'b=2'],
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'names that differ in case',
      ['A=1; a=2'],
      [
        ['A', '1'],
        ['a', '2'],
      ],
    ],
  ])('COOKIE-04 %s', (_, headers, pairs) => {
    expect(parseCookies(headers)).toEqual(pairs);
  });

  test('COOKIE-01 a name counts exactly', () => {
    const cookies = parseCookies(['xs=1; y=z s=2; s =3; S=4; ss=5; =s=6; s']);

    expect(valuesOf(cookies, 's')).toEqual([]);
    expect(valuesOf([...cookies, ['s', 'good']], 's')).toEqual(['good']);
  });

  test('COOKIE-01 white space of other kinds belongs to the name, as browsers see it', () => {
    const blanks = ['\u00a0', '\u2000', '\u3000', '\ufeff', '\v', '\f', '\x85'];

    for (const blank of blanks) {
      expect(valuesOf(parseCookies([`${blank}s=1; s${blank}=2; a=3;${blank}s=4`]), 's')).toEqual([]);
      expect(valuesOf(parseCookies([`${blank}s=1; s=good`]), 's')).toEqual(['good']);
    }
    expect(valuesOf(parseCookies(['a=3 ; \t s=good\t ']), 's')).toEqual(['good']);
  });

  // a pattern that goes over the blanks from each of them anew takes hours for these
  test('AUTHZ-04 blanks within a value are passed over once, however many', () => {
    const blanks = ' \t'.repeat(1_000_000);

    expect(parseCookies([`a=1${blanks}2; b=3${blanks}`])).toEqual([
      ['a', `1${blanks}2`],
      ['b', '3'],
    ]);
  });

  test('COOKIE-02 tells of different values, not of the same one twice', () => {
    expect(valuesOf(parseCookies(['s=1; s=2']), 's')).toEqual(['1', '2']);
    expect(valuesOf(parseCookies(['s=1; s=1']), 's')).toEqual(['1']);
  });

  test('of a REST API, of several lines, and of an HTTP API with and without its list', () => {
    const rest = restEvent({ method: 'GET', headers: { Cookie: 'a=1; b=2' } });
    const http = httpApiEvent({ method: 'GET', headers: { cookie: 'c=3' } });
    const lines = { ...rest, multiValueHeaders: { COOKIE: ['a=1', 'b=2'] } };
    const listed = { ...httpApiEvent({ method: 'GET' }), cookies: ['a=1', 'b=2', 7] };
    const read = (event: unknown): unknown => readRequest(event)?.cookies;

    expect([rest, lines, listed].map(read)).toEqual([
      [
        ['a', '1'],
        ['b', '2'],
      ],
      [
        ['a', '1'],
        ['b', '2'],
      ],
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ]);
    expect(read(http)).toEqual([['c', '3']]);
    expect([readRequest(rest)?.payload, readRequest(http)?.payload]).toEqual(['1.0', '2.0']);
  });
});

describe('setting cookies', () => {
  test('COOKIE-05 has every attribute the prefix demands, and no other', () => {
    expect(hostCookie('__Host-a', 'v', { maxAge: 60, sameSite: 'Strict' })).toBe(
      '__Host-a=v; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Strict',
    );
  });

  test.each([
    ['another name', 'a', 'v', 1],
    ['a name with a space', '__Host-a b', 'v', 1],
    ['a value that ends the pair', '__Host-a', 'v; Domain=x', 1],
    ['a line break', '__Host-a', 'v\r\nSet-Cookie: x=1', 1],
    ['an age that is no count', '__Host-a', 'v', Number.NaN],
    ['a negative age', '__Host-a', 'v', -1],
  ])('COOKIE-05 refuses %s', (_, name, value, maxAge) => {
    expect(() => hostCookie(name as '__Host-a', value, { maxAge, sameSite: 'Lax' })).toThrow(TypeError);
  });

  test('stands in the answer where its payload format has it, and in no other member', () => {
    const answer = { status: 303, headers: { Location: '/' }, cookies: ['a=1', 'b=2'] };
    const [one, two] = [render(answer), render(answer, { payload: '2.0' })];

    expect([one.multiValueHeaders, one.cookies]).toEqual([{ 'set-cookie': ['a=1', 'b=2'] }, undefined]);
    expect([two.multiValueHeaders, two.cookies]).toEqual([undefined, ['a=1', 'b=2']]);
    expect(one).toMatchObject({ statusCode: 303, body: '', headers: { location: '/' } });
    expect(Object.keys(render({ status: 204 }))).not.toContain('multiValueHeaders');
    expect(() => render({ status: 200, cookies: ['a=1\r\nx: y'] })).toThrow(TypeError);
  });

  test('a page is text with its character set', () => {
    const page = render({ status: 400, body: '<p>' }, { mediaType: 'text/html' });

    expect([page.headers['content-type'], page.body]).toEqual(['text/html; charset=utf-8', '<p>']);
  });
});
