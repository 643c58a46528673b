/** The deployed local stack against openapi.yaml: whatever is sent, the answer is one that the document has. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { operationsOf, readDocument, type Operation } from '../../lib/api/document';
import { Browser } from '../cookie-auth/browser';
import { call, localStack } from '../local-stack';
import { someone, tokensOf, type Someone } from '../step-up/people';
import { schemathesis, type Contract, type Exchange } from '../../tools/contract/schemathesis';
import { ROOT } from './commands';
import { partnerCertificate } from './partner-certificate';

const LONG = process.env['SALLYPORT_LONG'] !== undefined;
jest.setTimeout(LONG ? 1_200_000 : 300_000);

/** Not deployed here: Cognito sends no logout tokens. `standard.e2e` has it with a provider that does. */
const NOT_SERVED = ['backchannelLogout'];
const operations = operationsOf(readDocument(join(ROOT, 'openapi.yaml'))).filter(
  ({ id }) => !NOT_SERVED.includes(id),
);
const labelOf = ({ method, path }: Operation): string => `${method} ${path}`;
const opensWith = (scheme: string): string[] =>
  operations
    .filter(({ security }) => security?.some((needs) => scheme in needs) === true)
    .map(({ id }) => id);

const partners = opensWith('clientCertificate');
const withoutToken = opensWith('session').filter((id) => !opensWith('cognito').includes(id));
const api = `${localStack().siteUrl}/api`;
const examples = LONG ? 60 : 4;

/**
 * Operations for which a request can fit the document and still be refused by 400: a cursor has to be one that was given
 * out, a callback has to be that of a login of this browser, and an answer to a challenge is a code or an assertion, which
 * the document says in words: generators of clients make nothing of `oneOf` over `required`.
 */
const REFUSED = ['listWidgets', 'callback', 'respondToChallenge']
  .map(
    (id) => `
[[operations]]
include-operation-id = "${id}"
checks.positive_data_acceptance.expected-statuses = ["2xx", "3xx", 400, 401, 403, 404, 429]
`,
  )
  .join('');

function byToken(token: string): Pick<Contract, 'settings' | 'env'> {
  const settings = `[auth.openapi.cognito]\nbearer = "\${CONTRACT_TOKEN}"\n${REFUSED}`;
  return { settings, env: { CONTRACT_TOKEN: token } };
}

async function byCookie(person: Someone): Promise<Pick<Contract, 'settings' | 'env'>> {
  const { siteUrl } = localStack();
  const browser = new Browser(siteUrl);
  await browser.signIn({ username: person.email, email: person.email, password: person.password });
  const [, session = ''] = /__Host-session=([^;]+)/.exec(await browser.cookies()) ?? [];
  const csrf = `[headers]\nX-Sallyport-CSRF = "1"\nOrigin = "${siteUrl}"\n`;
  const settings = `${csrf}[auth.openapi.session]\napi_key = "\${CONTRACT_SESSION}"\n${REFUSED}`;
  return { settings, env: { CONTRACT_SESSION: session } };
}

let exchanges: readonly Exchange[];

beforeAll(async () => {
  // people of their own: wrong codes lock, and signing out ends a session
  const [{ accessToken }, session, ending] = [
    await tokensOf(await someone(false)),
    await byCookie(await someone(true)),
    await byCookie(await someone(false)),
  ];
  const { partnerUrl } = localStack();
  const { cert, key, ca } = partnerCertificate('partner-contract');
  const served = operations.map(({ id }) => id).filter((id) => !partners.includes(id));
  const inCookies = (LONG ? opensWith('session') : [...withoutToken, 'getInfo', 'createWidget']).filter(
    (id) => id !== 'logout',
  );
  const runs = [
    { name: 'token', url: api, operations: served, ...byToken(accessToken) },
    { name: 'cookie', url: api, operations: inCookies, ...session },
    { name: 'sign-out', url: api, operations: ['logout'], ...ending },
    {
      name: 'certificate',
      url: partnerUrl ?? '',
      operations: partners,
      args: ['--request-cert', cert, '--request-cert-key', key, '--tls-verify', ca],
    },
  ];
  exchanges = (await Promise.all(runs.map((run) => schemathesis({ ...run, examples })))).flat();
});

function failures(found: readonly Exchange[]): string[] {
  return [
    ...new Set(
      found.flatMap(({ operation, status, failed }) =>
        failed.map((check) => `${operation} answered ${status}: ${check}`),
      ),
    ),
  ];
}

/** API Gateway has one answer for a path and for a method that are not there, and cannot say `Allow`. */
function isUndeclaredMethod({ failed }: Exchange): boolean {
  return failed.includes('unsupported_method');
}

test('every operation of the document was called', () => {
  const called = new Set(exchanges.map(({ operation }) => operation));

  expect(operations.map(labelOf).filter((operation) => !called.has(operation))).toEqual([]);
  expect(exchanges.length).toBeGreaterThan(500);
});

test('no answer is a 5xx, and every one fits the document: status, media type, headers, body, authentication', () => {
  expect(exchanges.filter(({ status }) => status === 0 || status >= 500)).toEqual([]);
  expect(failures(exchanges.filter((exchange) => !isUndeclaredMethod(exchange)))).toEqual([]);
});

test('AUTHZ-01 a method that the document does not have is no operation', () => {
  const undeclared = exchanges.filter(isUndeclaredMethod);
  const declared = new Set(operations.map(labelOf));

  expect(undeclared.length).toBeGreaterThan(20);
  expect(undeclared.filter(({ operation }) => declared.has(operation))).toEqual([]);
  expect(undeclared.filter(({ status }) => status !== 404)).toEqual([]);
});

test('all operations but these were also let through to a success', () => {
  const succeeded = new Set(
    exchanges.filter(({ status }) => status >= 200 && status < 400).map(({ operation }) => operation),
  );

  // they take a code, a step-up, a factor, or a login that has been started
  expect(operations.filter((operation) => !succeeded.has(labelOf(operation))).map(({ id }) => id)).toEqual([
    'transfer',
    'respondToChallenge',
    'removeTotp',
    'confirmTotp',
    'confirmPasskey',
    'removePasskey',
    'preferFactor',
    'callback',
    'getReview',
    'decideReview',
  ]);
});

test('AUTHZ-01 no secured operation answers a caller without credentials', async () => {
  const secured = operations.filter(({ id, security }) => security?.length !== 0 && !partners.includes(id));
  const answered = await Promise.all(
    secured.map(async ({ method, path }) => {
      const { status } = await call(path.replace('{widgetId}', randomUUID()), { method });
      return `${method} ${path} ${status}`;
    }),
  );

  expect(secured.length).toBeGreaterThan(10);
  expect(answered.filter((line) => !line.endsWith(' 401'))).toEqual([]);
});

describe('the checks themselves', () => {
  /** A deployment that lets everybody in, and leaves out what an answer must have. */
  async function brokenDoor(token: string): Promise<{ url: string; close: () => void }> {
    const server = createServer((request, response) => {
      void fetch(`${api}${request.url ?? ''}`, { headers: { authorization: `Bearer ${token}` } }).then(
        async (answer) => {
          const body = Object.entries((await answer.json()) as object).filter(([name]) => name !== 'name');
          response
            .writeHead(answer.status, { 'content-type': 'application/json' })
            .end(JSON.stringify(Object.fromEntries(body)));
        },
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
  }

  test('find an operation that is open, and an answer that does not fit', async () => {
    const { accessToken } = await tokensOf(await someone(false));
    const door = await brokenDoor(accessToken);
    try {
      const run = { url: door.url, operations: ['getInfo'], ...byToken(accessToken), examples: 1 };
      const found = failures(await schemathesis({ name: 'broken', ...run }));

      expect(found).toContain('GET /info answered 200: ignored_auth');
      expect(found).toContain('GET /info answered 200: response_schema_conformance');
    } finally {
      door.close();
    }
  });
});
