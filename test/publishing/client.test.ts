/** The helpers of the TypeScript client against a real server on loopback. */
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createApiClient } from '../../clients/typescript/client';
import { all, apiKey, bearer, session } from '../../clients/typescript/credentials';
import { ProblemError, StepUpRequiredError } from '../../clients/typescript/problem';

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Got {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Paths {
  '/things': {
    get: { responses: { 200: { content: { 'application/json': { ok: boolean } } } } };
    put: { requestBody: { content: { 'application/json': { a: number } } }; responses: { 204: object } };
    post: { requestBody: { content: { 'application/json': { a: number } } }; responses: { 204: object } };
  };
}

const OK: Answer = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"ok":true}' };
const STEP_UP: Answer = {
  status: 401,
  headers: {
    'www-authenticate':
      'Bearer error="insufficient_user_authentication", acr_values="high higher", max_age=300',
    'content-type': 'application/problem+json',
  },
  body: '{"type":"about:blank","title":"Unauthorized","status":401}',
};

let server: Server;
let answers: Answer[];
let got: Got[];
let baseUrl: string;

beforeEach(async () => {
  [answers, got] = [[], []];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      got.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      const { status, headers, body: text } = answers.shift() ?? OK;
      response.writeHead(status, headers).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function busy(status: number, retryAfter?: string): Answer {
  return { status, ...(retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } }) };
}

/** A client whose waits are kept instead of waited. */
function given(options: Partial<Parameters<typeof createApiClient>[0]> = {}) {
  const waits: number[] = [];
  const sleep = async (milliseconds: number): Promise<void> => {
    waits.push(milliseconds);
  };
  return { waits, api: createApiClient<Paths>({ baseUrl, retry: { sleep, now: () => 0 }, ...options }) };
}

const A = { body: { a: 1 } };

describe('credentials', () => {
  it('send an access token, a fresh one for every request', async () => {
    let count = 0;
    const { api } = given({ credentials: bearer(() => `t${(count += 1)}`) });
    await api.GET('/things');
    await api.GET('/things');

    expect(got.map(({ headers }) => headers.authorization)).toEqual(['Bearer t1', 'Bearer t2']);
  });

  it('send a key in a header or in the query', async () => {
    const both = all(
      apiKey({ in: 'header', name: 'x-api-key' }, 'k'),
      apiKey({ in: 'query', name: 'key' }, 'q&'),
    );
    await given({ credentials: both }).api.PUT('/things', A);

    expect(got[0]).toMatchObject({ url: '/things?key=q%26', body: '{"a":1}', headers: { 'x-api-key': 'k' } });
  });

  it('send the CSRF header with what changes something, and with nothing else', async () => {
    const { api } = given({ credentials: session() });
    await api.GET('/things');
    await api.POST('/things', A);

    expect(got.map(({ headers }) => headers['x-sallyport-csrf'])).toEqual([undefined, '1']);
  });
});

describe('errors', () => {
  it('are problems with a type', async () => {
    answers = [
      {
        status: 404,
        headers: { 'content-type': 'application/problem+json' },
        body: '{"title":"Gone","status":404,"extra":1}',
      },
    ];
    const error: unknown = await given()
      .api.GET('/things')
      .catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      status: 404,
      message: 'Gone (404)',
      problem: { type: 'about:blank', extra: 1 },
    });
  });

  it.each(['not json', '[]', ''])(
    'of an answer that is no problem document (%j) have the status',
    async (body) => {
      answers = [{ status: 500, headers: { 'content-type': 'application/json' }, body }];

      await expect(given().api.GET('/things')).rejects.toMatchObject({
        status: 500,
        problem: { title: expect.any(String) as string },
      });
    },
  );

  it('a step-up that is asked for is an error of its own', async () => {
    answers = [STEP_UP];
    const error: unknown = await given()
      .api.GET('/things')
      .catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(StepUpRequiredError);
    expect(error).toMatchObject({ challenge: { acrValues: ['high', 'higher'], maxAge: 300 } });
  });

  it('another 401 is none', async () => {
    answers = [{ status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }];
    const error: unknown = await given({ onStepUp: () => true })
      .api.GET('/things')
      .catch((reason: unknown) => reason);

    expect(error).not.toBeInstanceOf(StepUpRequiredError);
    expect(got).toHaveLength(1);
  });

  it('a step-up that was done sends the request once more, with its body; never twice', async () => {
    answers = [STEP_UP, { status: 204 }];
    const onStepUp = jest.fn(async () => true);
    await given({ onStepUp }).api.POST('/things', A);

    expect(got.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}']);
    answers = [STEP_UP, STEP_UP];
    await expect(given({ onStepUp }).api.POST('/things', A)).rejects.toBeInstanceOf(StepUpRequiredError);
    expect(got).toHaveLength(4);
    expect(onStepUp).toHaveBeenCalledTimes(2);
  });

  it('a step-up that was not done is the error', async () => {
    answers = [STEP_UP];

    await expect(given({ onStepUp: () => false }).api.GET('/things')).rejects.toBeInstanceOf(
      StepUpRequiredError,
    );
    expect(got).toHaveLength(1);
  });
});

describe('retries', () => {
  it.each([429, 503])('after %d an idempotent request is sent again, with its body', async (status) => {
    answers = [busy(status, '2'), busy(status), { status: 204 }];
    const { api, waits } = given();
    await api.PUT('/things', A);

    expect(got.map(({ method, body }) => `${method} ${body}`)).toEqual(Array(3).fill('PUT {"a":1}'));
    expect(waits).toEqual([2000, 2000]);
  });

  it('waits until the date that it is told', async () => {
    answers = [busy(503, 'Thu, 01 Jan 1970 00:00:05 GMT')];
    const { api, waits } = given();

    await expect(api.GET('/things')).resolves.toMatchObject({ data: { ok: true } });
    expect(waits).toEqual([5000]);
  });

  it('a request that is not idempotent is sent once', async () => {
    answers = [busy(503)];

    await expect(given().api.POST('/things', A)).rejects.toMatchObject({ status: 503 });
    expect(got).toHaveLength(1);
  });

  it.each<[string, Answer[], number]>([
    ['after three tries', [busy(503), busy(503), busy(503), OK], 3],
    ['when the wait is too long', [busy(429, '3600'), OK], 1],
    ['after another status', [busy(500), OK], 1],
  ])('end %s', async (_case, given503, sent) => {
    answers = given503;

    await expect(given().api.GET('/things')).rejects.toBeInstanceOf(ProblemError);
    expect(got).toHaveLength(sent);
  });
});

it('a server that is not there is the error of fetch', async () => {
  const closed = createHttpsServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const api = createApiClient<Paths>({ baseUrl: `https://127.0.0.1:${port}` });

  await expect(api.GET('/things')).rejects.toThrow('fetch failed');
});
