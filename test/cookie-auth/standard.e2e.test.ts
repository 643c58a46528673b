/** Sign-in with npm oidc-provider in place of Cognito, deployed as another app would: rotation, failures, refresh. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

import { edge } from '../../local/edge';
import { close, listen } from '../../local/http';
import { freePort } from '../../local/ports';
import { cdk, localStack } from '../local-stack';
import { stageUrl } from '../local/instance';
import { Browser, locationOf, type Page } from './browser';

const SITE = 'https://standard.example.com';
/** Seconds an access token lives; it is refreshed when a minute is left. */
const ACCESS_SECONDS = 70;
const ANSWERS = { login: 'ada', password: 'any' };

interface Counts {
  readonly authorization_code: number;
  readonly refresh_token: number;
  readonly revoked: number;
}

const folder = mkdtempSync(join(tmpdir(), 'sallyport-standard-'));
let provider: ChildProcess;
let lines: Interface;
let issuer: string;
let site: ReturnType<typeof edge>;
let listensAt: string;

beforeAll(async () => {
  const port = await freePort();
  const settings = {
    port,
    redirectUri: `${SITE}/api/auth/callback`,
    logoutUri: `${SITE}/`,
    accessSeconds: ACCESS_SECONDS,
    rotate: true,
  };
  provider = spawn(process.execPath, [join(__dirname, 'oidc-provider.mjs'), JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  lines = createInterface({ input: provider.stdout! });
  issuer = (JSON.parse(String((await once(lines, 'line'))[0])) as { issuer: string }).issuer;
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
  const written = JSON.parse(readFileSync(outputs, 'utf8')) as { 'sallyport-standard': { ApiId: string } };
  site = edge(stageUrl(localStack().emulatorUrl, written['sallyport-standard'].ApiId, 'live'));
  const sitePort = await freePort();
  await listen(site, sitePort);
  listensAt = `http://127.0.0.1:${sitePort}`;
}, 180_000);

afterAll(async () => {
  await close(site);
  provider.kill();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  await tell('accept');
  await tell('reset');
});

async function tell(command: string): Promise<Counts> {
  const answered = once(lines, 'line');
  provider.stdin!.write(`${command}\n`);
  return JSON.parse(String((await answered)[0])) as Counts;
}

function open(): Browser {
  return new Browser(SITE, listensAt);
}

async function signedInBrowser(): Promise<Browser> {
  const browser = open();
  const done = await browser.signIn(ANSWERS);
  expect([done.status, done.text]).toEqual([303, '']);
  return browser;
}

function reasonOf({ text }: Page): unknown {
  return (JSON.parse(text) as Record<string, unknown>)['reason'];
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
      const started = Date.now();
      const page = await browser.send(url);

      expect([page.status, page.text]).toEqual([status, expect.stringContaining(reason)]);
      expect(Date.now() - started).toBeLessThan(9_000);
      expect(await browser.cookies()).toBe('');
      await tell('accept');
      expect((await browser.signIn(ANSWERS)).status).toBe(303);
    },
  );
});

describe('refreshing', () => {
  test('SESSION-01 SESSION-02 of twenty requests at once one refreshes, all succeed, and the rotated token is kept', async () => {
    const browser = await signedInBrowser();
    for (const round of [1, 2]) {
      await untilRefreshIsDue();
      const pages = await Promise.all(Array.from({ length: 20 }, () => browser.site('/api/widgets')));

      expect(pages.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
      // in the second round only the token that came with the first is good; an older one would end all of them
      expect((await tell('counts')).refresh_token).toBe(round);
    }
    expect((await tell('counts')).revoked).toBe(0);
  });

  test('SESSION-01 while the provider is down the token that is still good serves', async () => {
    const browser = await signedInBrowser();
    await untilRefreshIsDue();
    await tell('down');

    expect((await browser.site('/api/widgets')).status).toBe(200);
    await tell('accept');
    expect((await browser.site('/api/widgets')).status).toBe(200);
    expect((await tell('counts')).refresh_token).toBe(2);
  });

  test('SESSION-01 a refresh that is refused for good ends the session cleanly', async () => {
    const [browser, other] = [await signedInBrowser(), await signedInBrowser()];
    await untilRefreshIsDue();
    await tell('refuse');
    const pages = [await browser.site('/api/widgets'), await browser.site('/api/widgets')];

    expect(pages.map(({ status }) => status)).toEqual([401, 401]);
    expect(pages.map(reasonOf)).toEqual(['session_ended', 'session_ended']);
    await tell('accept');
    expect((await other.site('/api/widgets')).status).toBe(200);
    expect((await browser.signIn(ANSWERS)).status).toBe(303);
    expect((await browser.site('/api/widgets')).status).toBe(200);
  });
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
