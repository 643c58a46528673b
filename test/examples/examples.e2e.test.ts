/** The example apps, deployed as their authors would, and called by browsers and by clients with tokens. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';

import { clientSettings } from '../../local/aws';
import { edge } from '../../local/edge';
import { close, listen } from '../../local/http';
import { freePort } from '../../local/ports';
import { signIn } from '../../local/sign-in';
import { ensureUsers, type DemoUser } from '../../local/users';
import { Browser, type Page } from '../cookie-auth/browser';
import { ended } from '../data-scan/deployed';
import { deployApp, localStack } from '../local-stack';
import { App as AuthenticatorApp } from '../step-up/people';

const SITE = 'https://orders.example.com';

interface Deployed {
  readonly folder: string;
  readonly site: Server;
  readonly listensAt: string;
  readonly users: readonly DemoUser[];
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * @param example its folder
 * @param stage as it stands in the URL: an HTTP API's default stage does not
 */
async function deploy(example: string, stage: string): Promise<Deployed> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-example-'));
  const outputs = await deployApp(`examples/${example}/app.ts`);
  const { emulatorUrl } = localStack();
  const apiUrl = `${emulatorUrl}/_aws/execute-api/${outputs['ApiId']!}${stage}`;
  const site = edge({ apiUrl, webFolder: __dirname, config: {} });
  const port = await freePort();
  await listen(site, port);
  const users = await ensureUsers(folder, emulatorUrl, outputs['UserPoolId']!);
  return { folder, site, listensAt: `http://127.0.0.1:${port}`, users, outputs };
}

/** Signs the first of the app's users in, and leaves the site. */
async function tokenOf({ outputs, users }: Deployed, ...scopes: string[]): Promise<string> {
  const { emulatorUrl } = localStack();
  const client = {
    emulatorUrl,
    userPoolClientId: outputs['UserPoolClientId']!,
    clientSecretArn: outputs['ClientSecretArn']!,
    callbackUrl: `${SITE}/api/auth/callback`,
  };
  return (await signIn(client, users[0]!, ['openid', ...scopes])).accessToken;
}

type Said = Readonly<Record<string, unknown>>;

interface Kind {
  readonly kind: string;
  readonly stage: string;
  readonly unauthorized: (page: Page) => unknown;
  readonly unknownRoute: number;
}

const KINDS: readonly Kind[] = [
  {
    kind: 'rest',
    stage: '/prod',
    unauthorized: ({ headers }) => headers['www-authenticate'],
    unknownRoute: 403,
  },
  { kind: 'http', stage: '', unauthorized: ({ text }) => JSON.parse(text) as unknown, unknownRoute: 404 },
];
const SAID = {
  rest: 'Bearer realm="sallyport", scope="orders/read"',
  http: { message: 'Unauthorized' },
};

describe.each(KINDS)('the example of a $kind API', ({ kind, stage, unauthorized, unknownRoute }) => {
  let app: Deployed;

  beforeAll(async () => {
    app = await deploy(`${kind}-api`, stage);
  }, 240_000);

  afterAll(async () => {
    await close(app.site);
    rmSync(app.folder, { recursive: true });
  });

  function open(): Browser {
    return new Browser(SITE, app.listensAt);
  }

  async function signedIn(): Promise<Browser> {
    const browser = open();
    const { email, password } = app.users[0]!;
    const done = await browser.signIn({ username: email, email, password });
    expect([done.status, done.text]).toEqual([303, '']);
    return browser;
  }

  function token(...scopes: string[]): Promise<string> {
    return tokenOf(app, ...scopes);
  }

  function withToken(value: string, method = 'GET', path = '/api/orders'): Promise<Page> {
    return open().site(path, { method, headers: { authorization: `Bearer ${value}` } });
  }

  test('nobody is let in without credentials', async () => {
    const page = await open().site('/api/orders');

    expect(page.status).toBe(401);
    expect(unauthorized(page)).toEqual(SAID[kind as keyof typeof SAID]);
    expect((await open().site('/api/auth/session')).status).toBe(401);
    expect((await open().change('/api/auth/logout')).status).toBe(401);
  });

  test('the back end sees the same caller by cookie and by token', async () => {
    const browser = await signedIn();
    const byCookie = await browser.site('/api/orders');
    const byToken = await withToken(await token('orders/read', 'orders/write'));

    expect([byCookie.status, byToken.status]).toEqual([200, 200]);
    const [cookieCaller, tokenCaller] = [byCookie, byToken].map(
      ({ text }) => JSON.parse(text) as { subject: string; scopes: string },
    );
    expect(cookieCaller!.subject).toMatch(/^[\da-f-]{36}$/);
    expect(cookieCaller!.subject).toBe(tokenCaller!.subject);
    expect(cookieCaller!.scopes.split(' ').sort()).toEqual(tokenCaller!.scopes.split(' ').sort());
  });

  test('CSRF-01 a change by cookie needs the signs of a script of the site, one by token does not', async () => {
    const browser = await signedIn();

    expect((await browser.site('/api/orders', { method: 'POST' })).status).toBe(403);
    expect(
      (await browser.change('/api/orders', { headers: { origin: 'https://evil.example' } })).status,
    ).toBe(403);
    expect((await browser.change('/api/orders')).status).toBe(200);
    expect((await withToken(await token('orders/write'), 'POST')).status).toBe(200);
  });

  test('a token without the scope is not enough', async () => {
    expect((await withToken(await token('orders/read'), 'POST')).status).toBe(403);
    expect((await withToken(await token('orders/write'), 'POST')).status).toBe(200);
  });

  test('two Authorization headers are refused, one of them is not', async () => {
    const value = `Bearer ${await token('orders/read')}`;

    expect((await open().site('/api/orders', { headers: { authorization: [value, value] } })).status).toBe(
      401,
    );
    expect((await open().site('/api/orders', { headers: { authorization: value } })).status).toBe(200);
  });

  test('COOKIE-02 the cookie twice with different values is refused, beside others it is found', async () => {
    const cookie = await (await signedIn()).cookies();
    const twice = `${cookie}; __Host-session=other`;

    expect((await open().site('/api/orders', { cookie: twice })).status).toBe(401);
    expect((await open().site('/api/orders', { cookie: `a=1; ${cookie}; b=2` })).status).toBe(200);
  });

  test('AUTHZ-03 other spellings of a path reach no operation without its rule', async () => {
    const pages = await Promise.all(
      ['/api/orders/', '/api//orders', '/api/Orders', '/api/%6frders', '/api/orders/1', '/api/nowhere'].map(
        (path) => open().site(path),
      ),
    );

    expect(pages.map(({ status }) => [401, unknownRoute].includes(status))).toEqual(pages.map(() => true));
    expect((await open().site('/api/nowhere')).status).toBe(unknownRoute);
  });

  test('SESSION-03 signing out ends the session', async () => {
    const browser = await signedIn();
    const copy = await browser.cookies();

    expect((await browser.site('/api/auth/session')).status).toBe(200);
    expect((await browser.change('/api/auth/logout')).status).toBe(200);
    expect((await open().site('/api/orders', { cookie: copy })).status).toBe(401);
  });
});

describe('the example of step-up', () => {
  let app: Deployed;

  beforeAll(async () => {
    app = await deploy('step-up', '/live');
  }, 240_000);

  afterAll(async () => {
    await close(app.site);
    rmSync(app.folder, { recursive: true });
  });

  async function post(token: string, path: string, body?: object): Promise<Page & { said: Said }> {
    const page = await new Browser(SITE, app.listensAt).site(`/api${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { ...page, said: JSON.parse(page.text) as Said };
  }

  test('STEP-05 STEP-09 a refund takes a code of an app that was enrolled before the sign-in, of this sign-in alone', async () => {
    const first = await tokenOf(app, 'orders/write');
    const refused = await post(first, '/refunds');
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('acr_values="urn:cognito:loa:3", max_age=120') as string,
    ]);
    const { said } = await post(first, '/factors/totp');
    const authenticator = new AuthenticatorApp(String(said['secret']));
    const confirmed = await post(first, '/factors/totp/confirm', { code: authenticator.code(-1) });
    expect(confirmed.said).toEqual({ usableNow: false });
    const wanted = { method: 'POST', path: '/refunds' };
    expect((await post(first, '/initiate-auth', wanted)).said['code']).toBe('MAYBE_SOFTWARE_TOKEN_STEP_UP');

    // a sign-in of the same second does not count as one that came after
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const token = await tokenOf(app, 'orders/write');
    const challenge = await post(token, '/initiate-auth', wanted);
    const answer = (code: string): Promise<Page> =>
      post(token, '/respond-to-challenge', {
        challengeId: challenge.said['challengeId'],
        'challenge-response': code,
      });

    expect(challenge.said['code']).toBe('SOFTWARE_TOKEN_STEP_UP');
    expect((await answer(authenticator.wrong())).status).toBe(401);
    expect((await post(token, '/refunds')).status).toBe(401);
    expect((await answer(authenticator.code())).status).toBe(200);
    expect((await answer(authenticator.code(1))).status).toBe(401);
    expect((await post(token, '/refunds')).status).toBe(200);
    expect((await post(first, '/refunds')).status).toBe(401);
  }, 120_000);
});

describe('the example of the data scan', () => {
  let app: Deployed;

  beforeAll(async () => {
    app = await deploy('data-scan', '/live');
  }, 240_000);

  afterAll(async () => {
    await close(app.site);
    rmSync(app.folder, { recursive: true });
  });

  test('its state machine runs, and its reviews are shown to reviewers alone', async () => {
    const client = new SFNClient(clientSettings(localStack().emulatorUrl));
    const { executionArn: arn = '' } = await client.send(
      new StartExecutionCommand({
        stateMachineArn: app.outputs['StateMachineArn'],
        input: '{"id": "first"}',
      }),
    );
    expect(await ended({ id: 'first', arn })).toBe('SUCCEEDED');

    const status = async (name: string, method = 'GET', path = ''): Promise<number> => {
      const users = app.users.filter(({ email }) => email.startsWith(`${name}@`));
      const token = await tokenOf({ ...app, users }, 'orders/read');
      const page = await new Browser(SITE, app.listensAt).site(`/api/reviews/dGhpcyBpcyBhIHJldmlldw${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(method === 'GET' ? {} : { body: '{"reason": "because", "decision": "approve"}' }),
      });
      return page.status;
    };
    expect([await status('ada'), await status('rita')]).toEqual([403, 404]);
    // a reviewer decides nothing by a sign-in alone
    expect(await status('rita', 'POST', '/decisions')).toBe(401);
  }, 120_000);
});
