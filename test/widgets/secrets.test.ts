import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { HttpResponse } from '../../lambdas/_kernel/http';
import { CALLER, httpApiEvent, type Request, restEvent } from '../_kernel/gateway-events';
import { FakeDynamoDb } from './fake-dynamodb';

const MARK = 'mArKeD';
const SECRET = `${MARK}-5ecret`;
const FOLDER = join(__dirname, '../../lambdas/widgets');
const METHODS: Record<string, string> = { create: 'POST', put: 'PUT', delete: 'DELETE', transfer: 'POST' };

type Handler = (event: unknown) => Promise<HttpResponse>;

const handlers: [string, string, Handler][] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.handler.ts'))
  .map((file) => {
    const { handler } = jest.requireActual<{ handler: Handler }>(join(FOLDER, file));
    return [file, METHODS[file.split(/[.-]/)[0]!] ?? 'GET', handler];
  });

const everywhere: Omit<Request, 'method'> = {
  path: { widgetId: SECRET },
  query: [
    ['limit', SECRET],
    ['cursor', SECRET],
    ['api_key', SECRET],
  ],
  headers: {
    authorization: `Bearer ${SECRET}`,
    cookie: `__Host-session=${SECRET}`,
    'x-api-key': SECRET,
    'content-type': 'application/json',
  },
  body: JSON.stringify({ name: [SECRET], description: { a: SECRET }, priceCents: SECRET, tags: SECRET }),
};

const variants: [string, Omit<Request, 'method'>][] = [
  ['wrong everywhere', everywhere],
  ['with a broken body', { ...everywhere, body: `{"name": "${SECRET}` }],
  [
    'with a secret content type',
    { ...everywhere, headers: { ...everywhere.headers, 'content-type': SECRET } },
  ],
  ['without a caller', { ...everywhere, caller: null }],
  [
    'with a caller who is a secret but has no scheme',
    { ...everywhere, caller: { ...CALLER, subject: SECRET, scheme: '' } },
  ],
  [
    'on schema while the table fails',
    {
      path: { widgetId: '3f1c9a52-6d0e-4b7a-9c44-2f6b8f0f9a11' },
      headers: everywhere.headers!,
      body: JSON.stringify({ name: SECRET, description: SECRET, tags: [SECRET] }),
      caller: { ...CALLER, clientId: SECRET, scheme: SECRET },
    },
  ],
];

describe.each(handlers)('%s', (_file, method, handler) => {
  describe.each([
    ['REST', restEvent],
    ['HTTP', httpApiEvent],
  ])('behind a %s API', (_kind, eventOf) => {
    it.each(variants)('AUTHZ-05 keeps marked secrets out of all output: %s', async (_case, request) => {
      process.env['WIDGETS_TABLE_NAME'] = 'widgets-test';
      new FakeDynamoDb().install().failure = new Error(`table failed on ${SECRET}`);
      const output: string[] = [];
      const take = (...parts: unknown[]): true => {
        output.push(parts.map(String).join(' '));
        return true;
      };
      jest.spyOn(process.stdout, 'write').mockImplementation(take);
      jest.spyOn(process.stderr, 'write').mockImplementation(take);
      for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
        jest.spyOn(console, name).mockImplementation(take);
      }

      const event = { ...eventOf({ method, ...request }), extra: SECRET, stageVariables: { a: SECRET } };
      const response = await handler(event);
      jest.restoreAllMocks();

      expect(JSON.stringify([response, output])).not.toContain(MARK);
      expect(response.statusCode).toBeGreaterThanOrEqual(200);
    });
  });
});

it('AUTHZ-05 is tried on all eight handlers', () => {
  expect(handlers).toHaveLength(8);
});
