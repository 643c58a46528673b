/** The checks after a deployment, against servers that keep the document and servers that do not. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { JsonObject } from '../../lib/api/document';
import { smoke } from '../../tools/smoke/checks';
import { documentOf } from '../publishing/documents';

const ORIGIN = 'https://site.example';
const ok: JsonObject = { responses: { '200': { description: 'ok' } } };
const document = documentOf({
  paths: {
    '/open': { get: { operationId: 'open', security: [], ...ok } },
    '/things': {
      get: { operationId: 'list', security: [{ token: [] }, { session: [] }], ...ok },
      post: { operationId: 'add', security: [{ session: [] }], ...ok },
    },
    '/partner': { get: { operationId: 'partner', security: [{ certificate: [] }], ...ok } },
  },
});

type Answer = readonly [status: number, reason: string, type?: string];

/** As the front door answers. */
function right({ url, headers }: IncomingMessage): Answer {
  if (url === '/api/open') return [200, ''];
  if (headers.cookie === undefined) return [401, 'credentials_missing'];
  return headers.origin === ORIGIN ? [401, 'session_unknown'] : [403, 'csrf_origin_wrong'];
}

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

async function findingsAt(answer: (request: IncomingMessage) => Answer): Promise<string[]> {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const [status, reason, type = 'application/problem+json'] = answer(request);
    response.writeHead(status, { 'content-type': type }).end(JSON.stringify({ reason }));
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const { checks, findings } = await smoke({ api: `http://127.0.0.1:${port}/api`, origin: ORIGIN, document });
  expect(checks).toBe(5);
  return findings.map(({ rule, place, reason }) => `${place} ${rule}: ${reason}`);
}

describe('PIPE-01 the checks after a deployment', () => {
  it('find nothing where the deployment keeps the document', async () => {
    await expect(findingsAt(right)).resolves.toEqual([]);
  });

  it('find an operation that is open and should not be', async () => {
    const open = (request: IncomingMessage): Answer =>
      request.url === '/api/things' && request.method === 'GET' ? [200, ''] : right(request);

    await expect(findingsAt(open)).resolves.toEqual(['GET /things protected: answers 200, not 401']);
  });

  it('find a public operation that does not answer', async () => {
    const broken = (request: IncomingMessage): Answer =>
      request.url === '/api/open' ? [502, ''] : right(request);

    await expect(findingsAt(broken)).resolves.toEqual(['GET /open public: answers 502, not 200']);
  });

  it('find a refusal that is no problem document', async () => {
    const page = (request: IncomingMessage): Answer => {
      const [status, reason] = right(request);
      return [status, reason, request.method === 'GET' && status === 401 ? 'text/html' : undefined!];
    };

    await expect(findingsAt(page)).resolves.toEqual([
      'GET /things protected: answers 401 as text/html, not as a problem',
    ]);
  });

  it('find that another origin may change things, or that the right one may not', async () => {
    const lax = (request: IncomingMessage): Answer =>
      request.headers.cookie === undefined ? right(request) : [401, 'session_unknown'];
    const wrongOrigin = (request: IncomingMessage): Answer =>
      request.headers.cookie === undefined ? right(request) : [403, 'csrf_origin_wrong'];

    await expect(findingsAt(lax)).resolves.toEqual(['POST /things origin-wrong: answers 401, not 403']);
    await expect(findingsAt(wrongOrigin)).resolves.toEqual([
      'POST /things origin-right: answers 403, not 401',
    ]);
  });

  it('say so where nothing answers', async () => {
    const { findings } = await smoke({ api: 'http://127.0.0.1:1/api', origin: ORIGIN, document });

    expect(findings).toHaveLength(5);
    expect(findings[0]?.reason).toMatch(/^no answer: /);
  });
});
