/** Sign-in with npm oidc-provider in place of Cognito, deployed as another app would: rotation, failures, refresh. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';

import { clientSettings, commandEnvironment } from '../../local/aws';
import { edge } from '../../local/edge';
import { close, listen } from '../../local/http';
import { freePort } from '../../local/ports';
import { cdk, localStack } from '../local-stack';
import { stageUrl } from '../local/instance';
import { Browser, locationOf, type Page } from './browser';
import { type Counts, type OidcProvider, signOutAt, startOidcProvider } from './oidc-process';

const SITE = 'https://standard.example.com';
/** Seconds an access token lives; it is refreshed when a minute is left. */
const ACCESS_SECONDS = 70;
const ANSWERS = { login: 'ada', password: 'any' };

/** Outputs of the stack. */
interface Deployment {
  readonly ApiId: string;
  readonly SessionsTableName: string;
  readonly KeyRingArn: string;
  readonly SettingTableName: string;
  readonly CheckerName: string;
  readonly CallbackName: string;
}

const folder = mkdtempSync(join(tmpdir(), 'sallyport-standard-'));
let provider: OidcProvider;
let issuer: string;
let site: ReturnType<typeof edge>;
let listensAt: string;
let deployed: Deployment;

beforeAll(async () => {
  const sitePort = await freePort();
  listensAt = `http://127.0.0.1:${sitePort}`;
  provider = await startOidcProvider({
    redirectUri: `${SITE}/api/auth/callback`,
    logoutUri: `${SITE}/`,
    logoutTokensUri: `${listensAt}/api/auth/backchannel-logout`,
    accessSeconds: ACCESS_SECONDS,
  });
  ({ issuer } = provider);
  const outputs = join(folder, 'outputs.json');
  await cdk(
    ...[
      'deploy',
      '--app',
      'node --import tsx test/cookie-auth/standard-app.ts',
      '--require-approval',
      'never',
    ],
    ...['-c', `issuer=${issuer}`, '--output', join(folder, 'cdk.out'), '--outputs-file', outputs],
  );
  const written = JSON.parse(readFileSync(outputs, 'utf8')) as { 'sallyport-standard': Deployment };
  deployed = written['sallyport-standard'];
  const apiUrl = stageUrl(localStack().emulatorUrl, deployed.ApiId, 'live');
  site = edge({ apiUrl, webFolder: folder, config: {} });
  await listen(site, sitePort);
}, 180_000);

afterAll(async () => {
  await close(site);
  provider.stop();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  await tell('reset');
});

async function tell(command: string): Promise<Counts> {
  return provider.tell(command);
}

function open(): Browser {
  return new Browser(SITE, listensAt);
}

async function signedInBrowser(login = 'ada'): Promise<Browser> {
  const browser = open();
  const done = await browser.signIn({ ...ANSWERS, login });
  expect([done.status, done.text]).toEqual([303, '']);
  return browser;
}

/** Signed in with an access token that has less than a minute left, so that the next request refreshes it. */
async function signedInToRefresh(): Promise<Browser> {
  await tell('life 30');
  const browser = await signedInBrowser();
  await tell(`life ${ACCESS_SECONDS}`);
  return browser;
}

function reasonOf({ text }: Page): unknown {
  return (JSON.parse(text) as Record<string, unknown>)['reason'];
}

/** Statuses of twenty requests that are sent at once. */
async function twentyAtOnce(browser: Browser): Promise<number[]> {
  const pages = await Promise.all(Array.from({ length: 20 }, () => browser.site('/api/widgets')));
  return pages.map(({ status }) => status);
}

const ALL_WELL = Array.from({ length: 20 }, () => 200);

async function sessionCount(): Promise<number> {
  const client = new DynamoDBClient(clientSettings(localStack().emulatorUrl));
  const { Count = 0 } = await client.send(new ScanCommand({ TableName: deployed.SessionsTableName }));
  client.destroy();
  return Count;
}

/** Until the access token has less than a minute left, so that the next request refreshes it. */
async function untilRefreshIsDue(): Promise<void> {
  await pause((ACCESS_SECONDS - 60) * 1000 + 500);
}

describe('signing in', () => {
  test('subject, scopes and groups come from the id token and what was granted', async () => {
    const browser = await signedInBrowser();
    const { caller } = JSON.parse((await browser.site('/api/info')).text) as { caller: unknown };

    expect(caller).toEqual({
      subject: 'ada',
      scopes: ['openid', 'widgets/read', 'widgets/write'],
      groups: ['admins', 'night shift'],
    });
  });

  test('a provider that takes no registrations: a page that says so, and no login is begun', async () => {
    const page = await open().site('/api/auth/login?prompt=create');

    expect([page.status, page.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
    expect(page.text).toContain('registration_unsupported');
    expect(page.setCookies).toEqual([]);
  });

  test('LOGIN-01 LOGIN-02 another login’s code or state opens nothing, its own does', async () => {
    const [one, two] = [open(), open()];
    const [mine, theirs] = [new URL(await one.authorize(ANSWERS)), new URL(await two.authorize(ANSWERS))];
    const injected = new URL(mine);
    injected.searchParams.set('code', theirs.searchParams.get('code')!);

    expect((await one.send(theirs.href)).status).toBe(400);
    expect((await one.send(injected.href)).text).toContain('code_refused');
    expect((await two.send(theirs.href)).status).toBe(303);
  });

  test('a callback that names another issuer, or none although the provider always does, is refused', async () => {
    for (const iss of ['https://evil.example', undefined]) {
      const browser = open();
      const url = new URL(await browser.authorize(ANSWERS));
      if (iss === undefined) url.searchParams.delete('iss');
      else url.searchParams.set('iss', iss);

      expect((await browser.send(url.href)).status).toBe(400);
    }
    expect((await open().signIn(ANSWERS)).status).toBe(303);
  });

  test.each([
    ['slow', 504, 'provider_slow'],
    ['down', 502, 'provider_unavailable'],
    ['broken', 502, 'provider_unavailable'],
    ['unknown', 502, 'provider_unavailable'],
    ['refuse', 400, 'code_refused'],
  ])(
    'LOGIN-07 a token endpoint that is %s: %i, a clear page in time, and no half session',
    async (mode, status, reason) => {
      const browser = open();
      const url = await browser.authorize(ANSWERS);
      await tell(mode);
      const page = await browser.send(url);

      // the function's own page: had it waited for longer than it lives, the gateway would have answered
      expect([page.status, page.text]).toEqual([status, expect.stringContaining(reason)]);
      expect(await browser.cookies()).toBe('');
      await tell('accept');
      expect((await browser.signIn(ANSWERS)).status).toBe(303);
    },
  );
});

describe('refreshing', () => {
  // as many instances of the authorizer as there will be requests at once: their start is not what is looked at here
  beforeAll(async () => {
    await twentyAtOnce(await signedInBrowser());
  });

  test.each(['strict', 'grace'])(
    'SESSION-01 SESSION-02 rotation %s: of twenty requests at once one refreshes, all succeed, and the newest token is kept',
    async (rotation) => {
      await tell(`rotation ${rotation}`);
      const browser = await signedInToRefresh();
      expect(await twentyAtOnce(browser)).toEqual(ALL_WELL);
      expect(await tell('counts')).toMatchObject({ refresh_token: 1, repeated: 0 });
      await untilRefreshIsDue();

      // where rotation is strict only the token that came with the first is good; an older one would end all of them
      expect(await twentyAtOnce(browser)).toEqual(ALL_WELL);
      expect(await tell('counts')).toMatchObject({ refresh_token: 2, repeated: 0, revoked: 0 });
    },
  );

  test('SESSION-02 a provider that does not rotate is sent the same token again', async () => {
    await tell('rotation none');
    await tell('life 30');
    const browser = await signedInBrowser();
    const pages = [await browser.site('/api/widgets'), await browser.site('/api/widgets')];

    expect(pages.map(({ status }) => status)).toEqual([200, 200]);
    expect(await tell('counts')).toMatchObject({ refresh_token: 2, repeated: 1, revoked: 0 });
  });

  test('SESSION-01 with the access token over, nineteen wait for the one that refreshes', async () => {
    await tell('life 3');
    const browser = await signedInBrowser();
    await pause(3_500);
    await tell('life 600');
    await tell('late');

    expect(await twentyAtOnce(browser)).toEqual(ALL_WELL);
    expect((await tell('counts')).refresh_token).toBe(1);
  });

  test('SESSION-01 while the provider is down the token that is still good serves', async () => {
    const browser = await signedInToRefresh();
    await tell('down');

    expect((await browser.site('/api/widgets')).status).toBe(200);
    await tell('accept');
    expect((await browser.site('/api/widgets')).status).toBe(200);
    expect((await tell('counts')).refresh_token).toBe(2);
  });

  test('SESSION-01 a refresh that is refused for good ends the session cleanly', async () => {
    const [browser, other] = [await signedInToRefresh(), await signedInToRefresh()];
    const rows = await sessionCount();
    await tell('refuse');
    const pages = [await browser.site('/api/widgets'), await browser.site('/api/widgets')];

    expect(pages.map(({ status }) => status)).toEqual([401, 401]);
    expect(pages.map(reasonOf)).toEqual(['session_ended', 'session_ended']);
    expect(await sessionCount()).toBe(rows - 1);
    await tell('accept');
    expect((await other.site('/api/widgets')).status).toBe(200);
    expect((await browser.signIn(ANSWERS)).status).toBe(303);
    expect((await browser.site('/api/widgets')).status).toBe(200);
  });
});

test('AUTHZ-02 a session that may read does not write, and what one route answered is said of no other', async () => {
  const [reader, writer] = [await signedInBrowser('reader'), await signedInBrowser()];
  const write = { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'One' }) };
  const statuses: number[] = [];
  for (const browser of [reader, writer, reader]) {
    statuses.push(
      (await browser.site('/api/widgets')).status,
      (await browser.change('/api/widgets', write)).status,
      (await browser.site('/api/widgets')).status,
    );
  }

  expect(statuses).toEqual([200, 403, 200, 200, 201, 200, 200, 403, 200]);
});

describe('signing out', () => {
  test('SESSION-03 revokes at the provider, ends the session, and says where to sign out of the pages', async () => {
    const browser = await signedInBrowser();
    const copy = await browser.cookies();
    const out = await browser.change('/api/auth/logout');
    const logoutUrl = new URL((JSON.parse(out.text) as { logoutUrl: string }).logoutUrl);

    expect(out.status).toBe(200);
    expect((await tell('counts')).revoked).toBe(1);
    expect(logoutUrl.href.startsWith(issuer)).toBe(true);
    expect(logoutUrl.searchParams.get('post_logout_redirect_uri')).toBe(`${SITE}/`);
    expect((await open().site('/api/widgets', { cookie: copy })).status).toBe(401);
    expect(locationOf(await browser.site('/api/auth/login'))).toContain(issuer);
  });
});

describe('signing out at the provider', () => {
  const LOGOUT_TOKENS = '/api/auth/backchannel-logout';
  const widgets = async (browser: Browser): Promise<number> => (await browser.site('/api/widgets')).status;
  const post = async (body: string, type = 'application/x-www-form-urlencoded'): Promise<Page> =>
    open().site(LOGOUT_TOKENS, { method: 'POST', headers: { 'content-type': type }, body });

  const signOut = async (browser: Browser): Promise<Page> =>
    signOutAt(
      browser,
      `${issuer}/session/end?client_id=web&post_logout_redirect_uri=${encodeURIComponent(`${SITE}/`)}`,
    );

  test('SESSION-04 ends the session of that sign-in, and none of another', async () => {
    const [one, other] = [await signedInBrowser(), await signedInBrowser()];
    expect([await widgets(one), await widgets(other)]).toEqual([200, 200]);

    expect(locationOf(await signOut(one))).toBe(`${SITE}/`);
    expect(await tell('counts')).toMatchObject({ told: 1, untold: 0 });
    expect([await widgets(one), await widgets(other)]).toEqual([401, 200]);
    expect(reasonOf(await one.site('/api/widgets'))).toBe('session_ended');
    expect((await one.signIn(ANSWERS)).status).toBe(303);
    expect(await widgets(one)).toBe(200);
  });

  test('SESSION-04 of a person ends all of theirs, once: sent again it ends no session begun since', async () => {
    const [one, two, bob] = [await signedInBrowser(), await signedInBrowser(), await signedInBrowser('bob')];
    await tell('nameless');
    await signOut(one);
    expect(await tell('counts')).toMatchObject({ told: 1, untold: 0 });
    expect([await widgets(one), await widgets(two), await widgets(bob)]).toEqual([401, 401, 200]);

    const later = await signedInBrowser();
    expect(await tell('again')).toMatchObject({ told: 1, untold: 1 });
    expect(await widgets(later)).toBe(200);
  });

  test('SESSION-04 what is no logout token is refused by 400, and nothing of it is kept', async () => {
    const browser = await signedInBrowser();
    const refusals = [
      await post('logout_token=a.b.c'),
      await post('logout_token=a&logout_token=b'),
      await post(''),
      await post('{"logout_token":"a.b.c"}', 'application/json'),
    ];

    expect(refusals.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    expect(reasonOf(refusals[0]!)).toBe('token_unverified');
    expect(refusals.map(({ headers }) => headers['cache-control'])).toContain('no-store');
    expect(await widgets(browser)).toBe(200);
    await signOut(browser);
    expect(await widgets(browser)).toBe(401);
  });
});

describe('rotating keys', () => {
  test('COOKIE-06 live sessions stay, new ones use the new key, and those of a withdrawn key end', async () => {
    const old = await signedInBrowser();
    expect((await old.site('/api/widgets')).status).toBe(200);
    const ring = await keyRing();
    const next = { k2: randomBytes(48).toString('base64url'), current: 'k2' };
    await replaceKeyRing({ ...ring, ...next });
    // an unknown key is looked for at most every ten seconds
    await pause(10_500);
    await startAnew(deployed.CallbackName);
    const newer = await signedInBrowser();

    expect([await keyOf(old), await keyOf(newer)]).toEqual(['k1', 'k2']);
    // the front door has not been started anew: it knows k1 alone until the cookie names k2
    expect((await newer.site('/api/widgets')).status).toBe(200);
    expect((await old.site('/api/widgets')).status).toBe(200);

    await replaceKeyRing(next);
    await startAnew(deployed.CheckerName);
    const refused = await old.site('/api/widgets');

    expect([refused.status, reasonOf(refused)]).toEqual([401, 'session_invalid']);
    expect((await newer.site('/api/widgets')).status).toBe(200);
  });

  async function keyOf(browser: Browser): Promise<string> {
    return /__Host-session=([^.]+)\./.exec(await browser.cookies())?.[1] ?? 'none';
  }

  async function keyRing(): Promise<Record<string, string>> {
    const client = new SecretsManagerClient(clientSettings(localStack().emulatorUrl));
    const { SecretString = '' } = await client.send(
      new GetSecretValueCommand({ SecretId: deployed.KeyRingArn }),
    );
    client.destroy();
    return JSON.parse(SecretString) as Record<string, string>;
  }

  async function replaceKeyRing(ring: Readonly<Record<string, string>>): Promise<void> {
    const client = new SecretsManagerClient(clientSettings(localStack().emulatorUrl));
    await client.send(
      new PutSecretValueCommand({ SecretId: deployed.KeyRingArn, SecretString: JSON.stringify(ring) }),
    );
    client.destroy();
  }

  /** A function that is given other memory is started anew, so that what it had kept is gone. */
  async function startAnew(FunctionName: string): Promise<void> {
    const client = new LambdaClient(clientSettings(localStack().emulatorUrl));
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: 2_048 }));
    client.destroy();
  }
});

describe('stepping up by redirect', () => {
  const LEVEL = 'urn:cognito:loa:3';
  const infoOf = async (browser: Browser): Promise<number> => (await browser.site('/api/info')).status;
  const stepUp = async (
    browser: Browser,
    query: string,
    answers: Record<string, string> = ANSWERS,
  ): Promise<Page> => {
    const start = await browser.site(`/api/auth/login?${query}`);
    return browser.send(await browser.fill(locationOf(start), answers));
  };

  beforeAll(async () => {
    await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', 'tools/step-up.ts', 'require', 'GET /info', '--table', deployed.SettingTableName],
      { cwd: join(__dirname, '../..'), env: commandEnvironment(localStack().emulatorUrl, process.env) },
    );
    await pause(5_200);
  }, 60_000);

  test('STEP-09 the challenge names the level, the provider reaches it, and the session opens the operation', async () => {
    const browser = await signedInBrowser();
    const asked = await browser.site('/api/info');
    await pause(1_100);
    const start = new URL(locationOf(await browser.site(`/api/auth/login?acr_values=${LEVEL}&max_age=0`)));
    const done = await stepUp(browser, `acr_values=${LEVEL}&max_age=0`);
    const { acr } = JSON.parse((await browser.site('/api/auth/session')).text) as { acr: string };

    expect(asked.status).toBe(401);
    expect(asked.headers['www-authenticate']).toContain(`acr_values="${LEVEL}", max_age=300`);
    expect([start.searchParams.get('acr_values'), start.searchParams.get('max_age')]).toEqual([LEVEL, '0']);
    expect([done.status, acr, await infoOf(browser)]).toEqual([303, LEVEL, 200]);
  });

  test('another person, or a level that was not reached, is refused, and the session stays as it was', async () => {
    const browser = await signedInBrowser();
    await pause(1_100);
    const other = await stepUp(browser, `acr_values=${LEVEL}&max_age=0`, { ...ANSWERS, login: 'bob' });
    await tell('weak');
    await pause(1_100);
    const weak = await stepUp(browser, `acr_values=${LEVEL}&max_age=0`);

    for (const page of [other, weak])
      expect([page.status, page.text]).toEqual([400, expect.stringContaining('not_proven')]);
    expect(await infoOf(browser)).toBe(401);
    expect((await browser.site('/api/widgets')).status).toBe(200);
  });

  test('STEP-08 a refresh raises no level and renews no time', async () => {
    const browser = await signedInBrowser();
    const session = async (): Promise<unknown> => {
      const { acr, authTime } = JSON.parse((await browser.site('/api/auth/session')).text) as Record<
        string,
        unknown
      >;
      return { acr, authTime };
    };
    const before = await session();
    await untilRefreshIsDue();

    expect(await infoOf(browser)).toBe(401);
    expect((await tell('counts')).refresh_token).toBe(1);
    expect(await session()).toEqual(before);
  });
});
