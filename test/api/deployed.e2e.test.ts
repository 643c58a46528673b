/** The document against the deployed local stack: real HTTP, real tokens. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { curlLines } from '../../local/curl-lines';
import { lastDecisions } from '../../local/decisions';
import type { Tokens } from '../../local/sign-in';
import { call, cdk, localStack, READ, signedIn, WRITE, type Answer, type Call } from '../local-stack';

// waited for, not blocked on: the listeners may run in this very process
const run = promisify(execFile);

let ada: Tokens;
let eve: Tokens;

beforeAll(async () => {
  [ada, eve] = [await signedIn('ada', READ, WRITE), await signedIn('eve', READ)];
});

async function givenWidget(name: string): Promise<string> {
  const { status, body } = await call('/widgets', { method: 'POST', token: ada.accessToken, body: { name } });
  expect(status).toBe(201);
  return String(body['id']);
}

function fieldsOf({ body }: Answer): string[] {
  const errors = body['errors'] as { in: string; field: string }[];
  return [...new Set(errors.map((error) => `${error.in} ${error.field}`))];
}

/** The same token with one bit of its signature turned. */
function forged(token: string): string {
  const [header, claims, signature] = token.split('.') as [string, string, string];
  const bytes = Buffer.from(signature, 'base64url');
  bytes[0]! ^= 1;
  return [header, claims, bytes.toString('base64url')].join('.');
}

describe('who may call what', () => {
  test('anybody may ping, which says so in the document', async () => {
    expect(await call('/ping')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  test('no credentials are 401 with a challenge that names the scope, in header and body', async () => {
    const answer = await call('/widgets');
    const challenge = 'Bearer realm="sallyport", scope="widgets/read"';

    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe(challenge);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      reason: 'credentials_missing',
      challenge,
    });
    expect((await call('/widgets', { token: eve.accessToken })).status).toBe(200);
  });

  test('a token without the scope is 403, one with it is let in', async () => {
    const body = { name: 'Scoped' };
    const refused = await call('/widgets', { method: 'POST', token: eve.accessToken, body });

    expect(refused).toMatchObject({ status: 403, body: { title: 'Forbidden' } });
    expect(refused.headers['content-type']).toBe('application/problem+json');
    expect((await call('/widgets', { method: 'POST', token: ada.accessToken, body })).status).toBe(201);
  });

  test('JWT-01 a token whose signature was touched is 401 invalid_token', async () => {
    const refused = await call('/widgets', { token: forged(ada.accessToken) });

    expect(refused).toMatchObject({ status: 401, body: { reason: 'token_signature_invalid' } });
    expect(refused.headers['www-authenticate']).toBe(
      'Bearer realm="sallyport", scope="widgets/read", error="invalid_token", error_description="the access token is not valid"',
    );
    expect((await call('/widgets', { token: ada.accessToken })).status).toBe(200);
  });

  test('JWT-02 an id token of the same sign-in is not an access token', async () => {
    expect(await call('/widgets', { token: ada.idToken })).toMatchObject({
      status: 401,
      body: { reason: 'token_use_wrong' },
    });
    expect((await call('/widgets', { token: ada.accessToken })).status).toBe(200);
  });

  test('two Authorization headers are refused, no guess', async () => {
    const headers = { authorization: [`Bearer ${ada.accessToken}`, `Bearer ${eve.accessToken}`] };

    expect(await call('/widgets', { headers })).toMatchObject({
      status: 401,
      body: { reason: 'credentials_ambiguous' },
    });
  });

  test.each(['/', '/widget', '/Widgets', '/widgets/a/b', '/ping/../widgets', '/admin'])(
    'AUTHZ-03 %s is no operation and opens nothing, with or without a token',
    async (path) => {
      for (const answer of [await call(path), await call(path, { token: ada.accessToken })]) {
        expect([401, 404]).toContain(answer.status);
        expect(answer.body).not.toHaveProperty('items');
      }
    },
  );

  test.each([
    '/widgets/',
    '//widgets',
    '/%77idgets',
    '/widgets%2f',
    '/widgets?x=/ping',
    '/widgets;/ping',
    '/widgets#/ping',
  ])('AUTHZ-03 %s is never decided by a weaker rule than /widgets', async (path) => {
    expect([401, 404]).toContain((await call(path)).status);
    expect([403, 404]).toContain(
      (await call(path, { method: 'POST', token: eve.accessToken, body: { name: 'x' } })).status,
    );
  });

  test.each(['PATCH', 'DELETE', 'PUT', 'OPTIONS', 'TRACE'])(
    'AUTHZ-01 %s /widgets is no operation',
    async (method) => {
      expect((await call('/widgets', { method, token: ada.accessToken })).status).toBe(404);
    },
  );

  test('subject, scopes and groups reach the handler', async () => {
    const { body } = await call('/info', { token: ada.accessToken });
    const claims = JSON.parse(Buffer.from(ada.accessToken.split('.')[1]!, 'base64url').toString()) as {
      sub: string;
    };

    expect(body).toMatchObject({
      caller: {
        subject: claims.sub,
        groups: ['admins'],
        scopes: expect.arrayContaining([READ, WRITE]) as string[],
      },
    });
  });

  test('AUTHZ-05 the decision log has the verdict and the reason of every check, and nothing of the token', async () => {
    const { emulatorUrl, authorizerLogGroup } = localStack();
    const [header, claims, signature] = ada.accessToken.split('.') as [string, string, string];
    await call('/widgets', { token: ada.accessToken });
    await call('/widgets');

    const decisions = await lastDecisions(emulatorUrl, authorizerLogGroup, 1000);
    const log = JSON.stringify(decisions);

    expect(decisions).toContainEqual(
      expect.objectContaining({ operation: 'GET /widgets', verdict: 'allow', checks: 'cognito:ok' }),
    );
    expect(decisions).toContainEqual(
      expect.objectContaining({ operation: 'GET /widgets', verdict: 'deny', reason: 'credentials_missing' }),
    );
    for (const part of [header, claims, signature]) expect(log).not.toContain(part);
  });
});

describe('the Widget API', () => {
  test('creates, reads, replaces, lists and deletes', async () => {
    const token = ada.accessToken;
    const created = await call('/widgets', {
      method: 'POST',
      token,
      body: { name: 'Bolt', tags: ['steel'] },
    });
    const path = `/widgets/${String(created.body['id'])}`;

    expect(created.status).toBe(201);
    expect(created.headers['location']).toBe(`/api${path}`);
    expect(await call(path, { token })).toMatchObject({
      status: 200,
      body: { name: 'Bolt', tags: ['steel'] },
    });
    expect(await call(path, { method: 'PUT', token, body: { name: 'Nut' } })).toMatchObject({
      status: 200,
      body: { name: 'Nut' },
    });
    expect((await call(path, { token })).body).not.toHaveProperty('tags');
    expect((await call(path, { method: 'DELETE', token })).status).toBe(204);
    expect((await call(path, { token })).status).toBe(404);
    expect((await call(path, { method: 'PUT', token, body: { name: 'Nut' } })).status).toBe(404);
    expect((await call(path, { method: 'DELETE', token })).status).toBe(404);
  });

  test('lists page by page, every widget once', async () => {
    const made = await Promise.all(Array.from({ length: 7 }, (_, index) => givenWidget(`Paged ${index}`)));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { status, body } = await call(
        `/widgets?limit=3${cursor === undefined ? '' : `&cursor=${cursor}`}`,
        {
          token: eve.accessToken,
        },
      );
      const items = body['items'] as { id: string }[];
      expect(status).toBe(200);
      expect(items.length).toBeLessThanOrEqual(3);
      seen.push(...items.map(({ id }) => id));
      cursor = body['nextCursor'] as string | undefined;
    } while (cursor !== undefined);

    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(made));
  });
});

describe('requests off the document', () => {
  const good = { name: 'Valve' };

  test.each<[string, string, Call, string[]]>([
    ['a wrong type in the body', '/widgets', { method: 'POST', body: { name: 7 } }, ['body /name']],
    [
      'an unknown property',
      '/widgets',
      { method: 'POST', body: { ...good, colour: 'red' } },
      ['body /colour'],
    ],
    [
      'two wrong properties',
      '/widgets',
      { method: 'POST', body: { name: '', priceCents: -1 } },
      ['body /name', 'body /priceCents'],
    ],
    ['an integer out of range', '/widgets?limit=0', {}, ['query limit']],
    ['a number in another spelling', '/widgets?limit=1e1', {}, ['query limit']],
    ['a parameter given twice', '/widgets?limit=1&limit=2', {}, ['query limit']],
    ['a cursor nobody gave out', '/widgets?cursor=!', {}, ['query cursor']],
    ['a path parameter of another form', '/widgets/not-a-uuid', {}, ['path widgetId']],
    [
      'another content type',
      '/widgets',
      {
        method: 'POST',
        body: 'name=Valve',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      ['header content-type'],
    ],
  ])('SPEC-02 %s is 400 and names the field', async (_, path, request, fields) => {
    const answer = await call(path, { token: ada.accessToken, ...request });

    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(fieldsOf(answer)).toEqual(fields);
  });

  test('SPEC-02 the gateway refuses a body without a required property and names it', async () => {
    const refused = await call('/widgets', {
      method: 'POST',
      token: ada.accessToken,
      body: { priceCents: 1 },
    });

    expect(refused).toMatchObject({
      status: 400,
      body: { title: 'Bad Request', detail: 'body: [object has missing required properties (["name"])]' },
    });
    expect((await call('/widgets', { method: 'POST', token: ada.accessToken, body: good })).status).toBe(201);
  });

  test.each(['{"name":', 'null', '[]', '"text"', ''])('SPEC-02 the body %j is 400', async (body) => {
    const headers = { 'content-type': 'application/json' };

    expect((await call('/widgets', { method: 'POST', token: ada.accessToken, body, headers })).status).toBe(
      400,
    );
  });

  test('SPEC-02 says nothing of the document to somebody without credentials', async () => {
    expect((await call('/widgets', { method: 'POST', body: { name: 7 } })).status).toBe(401);
  });
});

describe('the console', () => {
  test('has curl lines that behave as they say', async () => {
    const lines = await curlLines(localStack());

    expect(lines.filter(({ expectStatus }) => expectStatus < 300).length).toBeGreaterThanOrEqual(3);
    expect(lines.filter(({ expectStatus }) => expectStatus >= 400).length).toBeGreaterThanOrEqual(5);
    for (const { command, expectStatus } of lines) {
      const { stdout: output } = await run('sh', [
        '-c',
        command.replace('curl -i', 'curl -s -i --max-time 20'),
      ]);
      expect(`${command.slice(0, 60)} ${output.split('\n')[0] ?? ''}`).toContain(` ${expectStatus} `);
    }
  });

  test('answers to its own name only', async () => {
    const { consoleUrl } = localStack();
    const page = await fetch(consoleUrl);
    const port = new URL(consoleUrl).port;
    const forOther = ['-H', `Host: evil.example:${port}`, consoleUrl];
    const { stdout: rebound } = await run('curl', [
      '-s',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      ...forOther,
    ]);

    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(rebound).toMatch(/^4\d\d$/);
  });
});

describe('cdk', () => {
  const output = mkdtempSync(join(tmpdir(), 'sallyport-diff-'));

  afterAll(() => {
    rmSync(output, { recursive: true });
  });

  test('diff --all finds nothing that npm start did not deploy', async () => {
    const { siteUrl, authorityFile } = localStack();
    const settings = ['-c', 'environment=local', '-c', `siteUrl=${siteUrl}`];
    const mtls = ['-c', `trustStore=${authorityFile}`];
    const text = await cdk('diff', '--all', ...settings, ...mtls, '--fail', '--output', output);

    expect(text).toContain('Number of stacks with differences: 0');
    expect(text).toContain('sallyport-local-api');
  });
});
