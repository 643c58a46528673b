import { type Answer, problem, readRequest, render } from '../../lambdas/_kernel/http';
import { decodeCaller } from '../../lambdas/_kernel/caller';
import { CALLER, httpApiEvent, JUNK_EVENTS, type Request, restEvent } from './gateway-events';

const request: Request = {
  method: 'post',
  path: { widgetId: 'w 1' },
  query: [
    ['tag', 'a,b'],
    ['tag', 'c d'],
    ['limit', '5'],
  ],
  headers: { 'Content-Type': 'application/json', 'X-One': '1' },
  body: 'Zmxhbmdl',
  base64: true,
};

describe.each([
  ['a REST API', restEvent],
  ['an HTTP API', httpApiEvent],
])('a request of %s', (_kind, eventOf) => {
  it('is read as one view', () => {
    const read = readRequest(eventOf(request));

    expect(read?.method).toBe('POST');
    expect(read?.pathParameters).toEqual(new Map([['widgetId', 'w 1']]));
    expect(read?.query).toEqual(
      new Map([
        ['tag', ['a,b', 'c d']],
        ['limit', ['5']],
      ]),
    );
    expect(read?.headers.get('content-type')).toBe('application/json');
    expect(Buffer.from(read?.body ?? []).toString()).toBe('flange');
    expect(decodeCaller(read?.authorizer)).toEqual(CALLER);
    expect(read?.requestId).toMatch(/^(?:c6af9ac6-|JKJa)/);
  });

  it('is read when there is nothing but a method', () => {
    const read = readRequest(eventOf({ method: 'GET', caller: null }));

    expect([read?.pathParameters.size, read?.query.size, read?.headers.size, read?.body.length]).toEqual([
      0, 0, 0, 0,
    ]);
    expect(read?.authorizer).toBeUndefined();
  });
});

describe('reading an event', () => {
  it.each(JUNK_EVENTS)('AUTHZ-01 makes no request of %s', (_case, event) => {
    expect(readRequest(event)).toBeUndefined();
  });

  it('decodes path parameters once for a REST API and not again for an HTTP API', () => {
    const path = { id: 'a%2520b' };
    const [rest, http, http1] = [
      restEvent({ method: 'GET', path }),
      httpApiEvent({ method: 'GET', path }),
      { ...restEvent({ method: 'GET', path }), version: '1.0' },
    ].map((event) => readRequest(event)?.pathParameters.get('id'));

    expect([rest, http, http1]).toEqual(['a%20b', 'a%2520b', 'a%2520b']);
    expect(readRequest(restEvent({ method: 'GET', path: { id: '%zz' } }))?.pathParameters.get('id')).toBe(
      '%zz',
    );
  });

  it('joins repeated headers and falls back to single values', () => {
    const event = { ...restEvent({ method: 'GET' }), multiValueHeaders: { A: ['1', '2'], a: ['3'] } };

    expect(readRequest(event)?.headers.get('a')).toBe('1, 2, 3');
    expect(readRequest({ ...event, multiValueHeaders: null, headers: { A: '2' } })?.headers.get('a')).toBe(
      '2',
    );
  });

  it('does not take the context of an HTTP API authorizer of another kind', () => {
    const event = {
      version: '2.0',
      requestContext: { http: { method: 'GET' }, authorizer: { subject: 's', clientId: 'c', scheme: 'x' } },
    };

    expect(decodeCaller(readRequest(event)?.authorizer)).toBeUndefined();
  });

  it('keeps only request ids that API Gateway could have given', () => {
    const event = { ...restEvent({ method: 'GET' }), requestContext: { requestId: 'a marked secret' } };

    expect(readRequest(event)).toMatchObject({ requestId: undefined });
  });
});

describe('rendering an answer', () => {
  const security = {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=63072000; includeSubDomains',
    'x-content-type-options': 'nosniff',
  };

  it('adds the security headers and forbids storing', () => {
    expect(render({ status: 200, body: { a: 1 } })).toEqual({
      statusCode: 200,
      headers: { ...security, 'cache-control': 'no-store', 'content-type': 'application/json' },
      body: '{"a":1}',
      isBase64Encoded: false,
    });
  });

  it('lets a page have the one style it names, and nothing else', () => {
    const policyOf = (answer: Answer): string | undefined =>
      render(answer, { mediaType: 'text/html' }).headers['content-security-policy'];
    const evil = { 'Content-Security-Policy': "default-src 'self'" };

    // the hash of an empty text is known
    expect(policyOf({ status: 200, body: '', style: '', headers: evil })).toBe(
      "default-src 'none'; style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; frame-ancestors 'none'",
    );
    expect(policyOf({ status: 200, body: '', headers: evil })).toBe(
      "default-src 'none'; frame-ancestors 'none'",
    );
  });

  it('lets the answer set Cache-Control but not weaken security', () => {
    const { headers } = render({
      status: 204,
      headers: { 'Cache-Control': 'max-age=60', 'X-Content-Type-Options': 'off', Location: '/a' },
    });

    expect(headers).toEqual({ ...security, 'cache-control': 'max-age=60', location: '/a' });
  });

  it.each(['a\r\nSet-Cookie: b', 'a\nb', 'a\u0000'])('refuses the header value %j', (value) => {
    expect(() => render({ status: 200, headers: { location: value } })).toThrow(TypeError);
  });

  it('writes problems as problem JSON', () => {
    const errors = [{ in: 'query', field: 'limit', message: 'must be integer' }] as const;
    const { headers, body } = render(problem(400, { detail: 'no', errors }));

    expect(headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(body)).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail: 'no',
      errors,
    });
    expect(problem(404).body).toEqual({ type: 'about:blank', title: 'Not Found', status: 404 });
  });
});
