/** Marked secrets through every handler, with every dependency failing or telling them: none comes out. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

import type { HttpResponse } from '../../lambdas/_kernel/http';
import { httpApiEvent, restEvent } from '../_kernel/gateway-events';

const MARK = 'mArKeD';
const SECRET = `${MARK}-5ecret`;
const FOLDER = join(__dirname, '../../lambdas/cookie-auth');
const ENVIRONMENT = {
  SESSION_TABLE_NAME: 'sessions',
  SESSION_KEY_RING_ARN: 'ring',
  OIDC_ISSUER: 'https://issuer.test',
  OIDC_CLIENT_ID: 'client-1',
  OIDC_CLIENT_SECRET_ARN: 'client',
  OIDC_SCOPES: 'openid',
  OIDC_PROVIDER: 'standard',
  SITE_URL: 'https://site.test',
  SESSION_SECONDS: '3600',
  SESSION_IDLE_SECONDS: '600',
  AWS_REGION: 'eu-west-1',
};

type Handler = (event: unknown) => Promise<HttpResponse>;

const handlers = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.handler.ts'))
  .map((file) => [file, jest.requireActual<{ handler: Handler }>(join(FOLDER, file)).handler] as const);

const ring = JSON.stringify({ current: 'k1', k1: SECRET.padEnd(64, MARK) });
const WORLDS: readonly (readonly [
  string,
  () => Promise<unknown>,
  () => Promise<unknown>,
  () => Promise<Response>,
])[] = [
  [
    'everything fails',
    async () => Promise.reject(new Error(`secrets: ${SECRET}`)),
    async () => Promise.reject(new Error(`table: ${SECRET}`)),
    async () => Promise.reject(new Error(`fetch: ${SECRET}`)),
  ],
  [
    'everything answers nonsense',
    async () => ({ SecretString: ring }),
    async () => ({
      Item: { id: { S: SECRET }, sealed: { S: SECRET }, version: { N: '1' }, expiresAt: { N: '9999999999' } },
    }),
    async () => Response.json({ error: SECRET, access_token: SECRET, issuer: SECRET }),
  ],
];

describe.each(handlers)('%s', (file, handler) => {
  it.each(WORLDS)(
    'AUTHZ-05 keeps marked secrets out of all output while %s',
    async (_, secrets, table, fetched) => {
      Object.assign(process.env, ENVIRONMENT);
      const output: string[] = [];
      const take = (...parts: unknown[]): true => {
        output.push(parts.map(String).join(' '));
        return true;
      };
      jest.spyOn(process.stdout, 'write').mockImplementation(take);
      jest.spyOn(process.stderr, 'write').mockImplementation(take);
      for (const name of ['log', 'warn', 'error'] as const)
        jest.spyOn(console, name).mockImplementation(take);
      jest.spyOn(SecretsManagerClient.prototype, 'send').mockImplementation(secrets as never);
      jest.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(table as never);
      jest.spyOn(globalThis, 'fetch').mockImplementation(fetched);
      const method = /logout/.test(file) ? 'POST' : 'GET';
      const query = ['returnTo', 'state', 'code', 'error', 'iss'].map((name): [string, string] => [
        name,
        `/${SECRET}`,
      ]);
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: `__Host-session=k1.${SECRET}; __Host-login-${MARK}=k1.${SECRET}`,
        origin: SECRET,
      };

      const form = `logout_token=${SECRET}.${SECRET}.${SECRET}`;

      const responses = [
        await handler(restEvent({ method, query, headers, body: form })),
        await handler(httpApiEvent({ method, query, headers, body: form })),
      ];
      jest.restoreAllMocks();

      // cookies that are removed are named, as the browser itself has named them
      const bodies = responses.map(({ body, headers: sent }) => ({ body, headers: sent }));
      expect(JSON.stringify([bodies, output])).not.toContain(MARK);
      for (const { statusCode } of responses) expect(statusCode).toBeGreaterThanOrEqual(200);
    },
  );
});

it('AUTHZ-05 is tried on all five handlers', () => {
  expect(handlers).toHaveLength(5);
});
