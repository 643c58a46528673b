/**
 * The modules of the OpenID Foundation's suite for relying parties, by name: against npm oidc-provider, and against a
 * provider that forges where that one cannot misbehave. The suite itself is a server for certification; what is taken of
 * it are the names and what each asks for.
 */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

import { Browser, locationOf } from '../cookie-auth/browser';
import { type OidcProvider, signOutAt, startOidcProvider } from '../cookie-auth/oidc-process';
import {
  CLIENT_SECRET,
  ProviderServer,
  providerOf,
  published,
  signingKey,
} from '../cookie-auth/provider-server';
import {
  type Forgery,
  giveTokens,
  LOGOUT_EVENT,
  logoutToken,
  RelyingParty,
  signedInAt,
  signInAt,
} from '../cookie-auth/relying-party';
import { restEvent } from '../_kernel/gateway-events';
import { conformanceData } from './data';

interface Proof {
  readonly observe: () => Promise<unknown>;
  readonly expected: unknown;
}

const SITE = 'https://site.test';
const ANSWERS = { login: 'ada', password: 'any' };
const REAL_SECRET = 'a secret/with+signs:and more than enough of them';
const BOTH = { forged: 'tokens_unverified', good: 'ok' };

let real: OidcProvider;
let forging: ProviderServer;
let listener: Server;
/** Who is told of logout tokens. */
let told: RelyingParty;

beforeAll(async () => {
  listener = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      void told.toldOf(form.get('logout_token') ?? '').then((outcome) => {
        response.writeHead(outcome === 'ok' ? 200 : 400).end();
      });
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  real = await startOidcProvider({
    redirectUri: `${SITE}/api/auth/callback`,
    logoutUri: `${SITE}/`,
    logoutTokensUri: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`,
    accessSeconds: 600,
  });
}, 30_000);

afterAll(async () => {
  real.stop();
  listener.closeAllConnections();
  await new Promise((resolve) => listener.close(resolve));
});

beforeEach(async () => {
  forging = await ProviderServer.start();
});

afterEach(async () => {
  await forging.stop();
});

/** A client of oidc-provider. */
function realParty(): RelyingParty {
  return new RelyingParty(
    providerOf(
      { OIDC_ISSUER: real.issuer, OIDC_CLIENT_ID: 'web', OIDC_SCOPES: 'openid offline_access widgets/read' },
      REAL_SECRET,
    ),
  );
}

async function realSignIn(party: RelyingParty): Promise<{ browser: Browser; cookie: string }> {
  const browser = new Browser(SITE);
  const begun = await party.begin();
  const done = await party.finish(new URL(await browser.fill(begun.url.href, ANSWERS)), begun);
  if ('problem' in done) throw new Error(done.problem);
  return { browser, cookie: done.cookie };
}

function forgedParty(): RelyingParty {
  return new RelyingParty(forging.provider());
}

/** The problem of a sign-in with a forged id token and whether a session began; and that of its twin. */
async function refused(forgery: Forgery, good: Forgery = {}): Promise<unknown> {
  const [party, other] = [forgedParty(), forgedParty()];
  const done = await signInAt(forging, party, forgery);
  if (party.store.rows.size > 0) throw new Error('a session began');
  return {
    forged: 'problem' in done ? done.problem : 'ok',
    good: await other.verdictOf(await signedInAt(forging, other, good)),
  };
}

/** What becomes of a session whose refresh is answered by that id token. */
async function afterRefresh(forgery: Forgery): Promise<string> {
  const party = forgedParty();
  const cookie = await signedInAt(forging, party);
  giveTokens(forging, undefined, forgery);
  party.ahead = 290_000;
  return party.verdictOf(cookie);
}

/** What becomes of a session after a logout token, and after its good twin. */
async function afterLogout(forgery: Forgery): Promise<unknown> {
  const party = forgedParty();
  const cookie = await signedInAt(forging, party);
  const outcome = await party.toldOf(logoutToken(forging, forgery));
  const after = await party.verdictOf(cookie);
  const good = await party.toldOf(logoutToken(forging));
  return [outcome, after, good, await party.verdictOf(cookie)];
}

const stillAlive = (reason: string): readonly string[] => [reason, 'ok', 'ok', 'session_ended'];
const atHash = (token: string): string =>
  createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url');

/** The whole sign-in through the deployed handlers, from a link as another site makes it. */
async function thirdPartyLogin(): Promise<unknown> {
  Object.assign(process.env, {
    SESSION_TABLE_NAME: 'sessions',
    SESSION_KEY_RING_ARN: 'ring',
    OIDC_ISSUER: real.issuer,
    OIDC_CLIENT_ID: 'web',
    OIDC_CLIENT_SECRET_ARN: 'client',
    OIDC_SCOPES: 'openid',
    OIDC_PROVIDER: 'standard',
    SITE_URL: SITE,
    API_BASE_PATH: '/api',
    SESSION_SECONDS: '3600',
    SESSION_IDLE_SECONDS: '600',
    AWS_REGION: 'eu-west-1',
  });
  const ring = JSON.stringify({ current: 'k1', k1: 'k'.repeat(64) });
  jest.spyOn(DynamoDBClient.prototype, 'send').mockImplementation((async () => ({})) as never);
  jest.spyOn(SecretsManagerClient.prototype, 'send').mockImplementation((async (command: {
    input: { SecretId: string };
  }) => ({
    SecretString: command.input.SecretId === 'ring' ? ring : REAL_SECRET,
  })) as never);
  jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
  const { handler: login } = await import('../../lambdas/cookie-auth/login.handler');
  const { handler: callback } = await import('../../lambdas/cookie-auth/callback.handler');
  const query: [string, string][] = [
    ['iss', real.issuer],
    ['login_hint', 'ada'],
    ['target_link_uri', 'https://evil.test/'],
  ];
  const start = await login(restEvent({ method: 'GET', query, caller: null }));
  const cookie = start.multiValueHeaders?.['set-cookie']?.[0]?.split(';')[0] ?? '';
  const back = new URL(await new Browser(SITE).fill(start.headers['location'] ?? '', ANSWERS));
  const done = await callback(
    restEvent({ method: 'GET', query: [...back.searchParams], headers: { cookie }, caller: null }),
  );
  jest.restoreAllMocks();
  const names = (done.multiValueHeaders?.['set-cookie'] ?? []).map((line) => line.split('=')[0]);
  return [start.statusCode, done.statusCode, done.headers['location'], names.includes('__Host-session')];
}

/** Modules that ask something of a client with the authorization code flow, and what is seen of each. */
const PROOFS: Readonly<Record<string, Proof>> = {
  'oidcc-client-test': {
    observe: async () => {
      const party = realParty();
      return party.verdictOf((await realSignIn(party)).cookie);
    },
    expected: 'ok',
  },
  'oidcc-client-test-3rd-party-init-login': {
    observe: thirdPartyLogin,
    expected: [303, 303, `${SITE}/`, true],
  },
  'oidcc-client-test-client-secret-basic': {
    observe: async () => {
      await signedInAt(forging, forgedParty());
      const { authorization, form } = forging.requests.find(({ path }) => path === '/token')!;
      const [kind = '', value = ''] = authorization.split(' ');
      return [kind, Buffer.from(value, 'base64').toString(), 'client_secret' in form];
    },
    expected: ['Basic', `client-1:${new URLSearchParams([['', CLIENT_SECRET]]).toString().slice(1)}`, false],
  },
  'oidcc-client-test-idtoken-sig-none': {
    observe: async () => refused({ header: { alg: 'none' } }),
    expected: BOTH,
  },
  'oidcc-client-test-idtoken-sig-rs256': {
    observe: async () => refused({ key: signingKey('key-1') }, { header: { alg: 'RS256' } }),
    expected: BOTH,
  },
  'oidcc-client-test-invalid-athash': {
    observe: async () =>
      refused({ claims: { at_hash: atHash('another') } }, { claims: { at_hash: atHash('opaque') } }),
    expected: BOTH,
  },
  'oidcc-client-test-invalid-aud': {
    observe: async () => refused({ claims: { aud: 'client-2' } }),
    expected: BOTH,
  },
  'oidcc-client-test-invalid-iss': {
    observe: async () => refused({ claims: { iss: 'https://evil.test' } }),
    expected: BOTH,
  },
  'oidcc-client-test-invalid-sig-rs256': {
    observe: async () => refused({ key: signingKey('key-1') }),
    expected: BOTH,
  },
  'oidcc-client-test-invalid-sig-es256': {
    observe: async () => {
      const key = signingKey('key-2', 'EC');
      forging.keys = [published(forging.key), published(key)];
      return refused({ key: signingKey('key-2', 'EC') }, { key });
    },
    expected: BOTH,
  },
  'oidcc-client-test-invalid-sig-hs256': {
    observe: async () => [
      await refused({ header: { alg: 'HS256' } }),
      await refused({ header: { alg: 'HS256' }, secret: CLIENT_SECRET }),
    ],
    expected: [BOTH, BOTH],
  },
  'oidcc-client-test-kid-absent-single-jwks': {
    observe: async () => {
      const unnamed = { header: { kid: undefined } };
      const first = await refused({ ...unnamed, key: signingKey('key-1') }, unnamed);
      forging.keys = [{ ...published(forging.key), kid: undefined, use: undefined, alg: undefined }];
      return [first, await refused({ ...unnamed, key: signingKey('key-1') }, unnamed)];
    },
    expected: [BOTH, BOTH],
  },
  'oidcc-client-test-kid-absent-multiple-jwks': {
    observe: async () => {
      forging.keys = [published(forging.key), published(signingKey('key-0'))];
      return refused({ header: { kid: undefined } });
    },
    expected: BOTH,
  },
  'oidcc-client-test-missing-aud': {
    observe: async () => refused({ claims: { aud: undefined } }),
    expected: BOTH,
  },
  'oidcc-client-test-missing-iat': {
    observe: async () => refused({ claims: { iat: undefined } }),
    expected: BOTH,
  },
  'oidcc-client-test-missing-sub': {
    observe: async () => refused({ claims: { sub: undefined } }),
    expected: BOTH,
  },
  'oidcc-client-test-nonce-invalid': {
    observe: async () => refused({ claims: { nonce: 'other' } }),
    expected: BOTH,
  },
  'oidcc-client-test-nonce-unless-code-flow': {
    observe: async () => {
      const [one, two] = [await realParty().begin(), await realParty().begin()];
      const nonces = [one, two].map(({ url }) => url.searchParams.get('nonce') ?? '');
      return [nonces.every((nonce) => /^[\w-]{43}$/.test(nonce)), new Set(nonces).size];
    },
    expected: [true, 2],
  },
  'oidcc-client-test-refresh-token': {
    observe: async () => {
      await real.tell('reset');
      await real.tell('life 30');
      const party = realParty();
      const { cookie } = await realSignIn(party);
      const verdict = await party.verdictOf(cookie);
      const { refresh_token: refreshes } = await real.tell('counts');
      await real.tell('reset');
      return [verdict, refreshes];
    },
    expected: ['ok', 1],
  },
  'oidcc-client-test-refresh-token-invalid-issuer': {
    observe: async () => [
      await afterRefresh({ claims: { iss: 'https://evil.test' } }),
      await afterRefresh({}),
    ],
    expected: ['session_ended', 'ok'],
  },
  'oidcc-client-test-refresh-token-invalid-sub': {
    observe: async () => [await afterRefresh({ claims: { sub: 'eve' } }), await afterRefresh({})],
    expected: ['session_ended', 'ok'],
  },
  'oidcc-client-test-discovery-openid-config': {
    observe: async () => {
      const { url } = await realParty().begin();
      return `${url.origin}${url.pathname}`.startsWith(real.issuer) && url.searchParams.get('response_type');
    },
    expected: 'code',
  },
  'oidcc-client-test-discovery-issuer-mismatch': {
    observe: async () => {
      forging.discovered = { issuer: 'https://evil.test' };
      const mismatch = await forgedParty()
        .begin()
        .then(
          () => 'ok',
          (error: unknown) => (error as Error).message,
        );
      forging.discovered = {};
      return [mismatch, (await forgedParty().begin()).url.origin === forging.issuer];
    },
    expected: ['unavailable', true],
  },
  'oidcc-client-test-discovery-jwks-uri-keys': {
    observe: async () => {
      forging.discovered = { jwks_uri: `${forging.issuer}/no-keys-here` };
      const done = await signInAt(forging, forgedParty());
      const asked = forging.requests.map(({ path }) => path).includes('/no-keys-here');
      forging.discovered = {};
      return [done, asked, 'cookie' in (await signInAt(forging, forgedParty()))];
    },
    expected: [{ problem: 'provider_unavailable' }, true, true],
  },
  'oidcc-client-test-signing-key-rotation': {
    observe: async () => {
      const party = forgedParty();
      const [before, next] = [await signInAt(forging, party), signingKey('key-2')];
      forging.keys = [published(next)];
      const after = await signInAt(forging, party, { key: next });
      return ['cookie' in before, 'cookie' in after, await signInAt(forging, party)];
    },
    expected: [true, true, { problem: 'tokens_unverified' }],
  },
  'oidcc-client-test-signing-key-rotation-just-before-signing': {
    observe: async () => {
      const party = forgedParty();
      await signedInAt(forging, party);
      const begun = await party.begin();
      // between the request for the tokens and their signature
      const next = signingKey('key-2');
      forging.keys = [published(next)];
      giveTokens(forging, begun.url.searchParams.get('nonce') ?? '', { key: next });
      const state = begun.url.searchParams.get('state') ?? '';
      return (
        'cookie' in (await party.finish(new URL(`${SITE}/api/auth/callback?code=c&state=${state}`), begun))
      );
    },
    expected: true,
  },
  'oidcc-client-test-rp-init-logout': {
    observe: async () => {
      await real.tell('reset');
      const party = (told = realParty());
      const { browser, cookie } = await realSignIn(party);
      await party.sessions.end(cookie);
      const back = locationOf(await signOutAt(browser, (await party.logoutUrl()).href));
      const again = await browser.send((await party.begin()).url.href);
      return [back, await party.verdictOf(cookie), locationOf(again).includes('/interaction/')];
    },
    expected: [`${SITE}/`, 'session_ended', true],
  },
  'oidcc-client-test-rp-backchannel-rpinitlogout': {
    observe: async () => {
      await real.tell('reset');
      const party = (told = realParty());
      const [one, other] = [await realSignIn(party), await realSignIn(party)];
      const before = await party.verdictOf(one.cookie);
      const back = locationOf(await signOutAt(one.browser, (await party.logoutUrl()).href));
      const { told: taken, untold } = await real.tell('counts');
      const after = [await party.verdictOf(one.cookie), await party.verdictOf(other.cookie)];
      return { before, back, taken, untold, after };
    },
    expected: { before: 'ok', back: `${SITE}/`, taken: 1, untold: 0, after: ['session_ended', 'ok'] },
  },
  'oidcc-client-test-rp-backchannel-rpinitlogout-alg-none': {
    observe: async () => afterLogout({ header: { alg: 'none' } }),
    expected: stillAlive('token_unverified'),
  },
  'oidcc-client-test-rp-backchannel-rpinitlogout-no-event': {
    observe: async () => afterLogout({ claims: { events: undefined } }),
    expected: stillAlive('event_missing'),
  },
  'oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce': {
    observe: async () => afterLogout({ claims: { nonce: 'n' } }),
    expected: stillAlive('nonce_present'),
  },
  'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg': {
    observe: async () => afterLogout({ header: { alg: 'HS256' }, secret: CLIENT_SECRET }),
    expected: stillAlive('token_unverified'),
  },
  'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud': {
    observe: async () => afterLogout({ claims: { aud: 'client-2' } }),
    expected: stillAlive('token_unverified'),
  },
  'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event': {
    observe: async () => afterLogout({ claims: { events: { [`${LOGOUT_EVENT}-x`]: {} } } }),
    expected: stillAlive('event_missing'),
  },
  'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss': {
    observe: async () => afterLogout({ claims: { iss: 'https://evil.test' } }),
    expected: stillAlive('token_unverified'),
  },
};

const NO_USERINFO = 'the userinfo endpoint is not called: who signed in is what the id token says';
const CODE_FLOW = 'of responses with tokens in the front channel; there is only the code flow';
const ONE_PROVIDER = 'the provider is a setting of the deployment, not found by what a person types';
const REQUEST_OBJECTS = 'the authorization request carries no secret; PKCE, state and nonce bind it';
const NO_STATE = 'no state is sent with a logout; the suite itself skips the module then';
const FRONT_CHANNEL = 'needs third-party cookies in frames, which browsers refuse; the back channel does it';

/** Modules that are decided against, with the reason. */
const AGAINST: Readonly<Record<string, string>> = {
  'oidcc-client-test-aggregated-claims': NO_USERINFO,
  'oidcc-client-test-distributed-claims': NO_USERINFO,
  'oidcc-client-test-scope-userinfo-claims': NO_USERINFO,
  'oidcc-client-test-userinfo-bearer-body': NO_USERINFO,
  'oidcc-client-test-userinfo-bearer-header': NO_USERINFO,
  'oidcc-client-test-userinfo-invalid-sub': NO_USERINFO,
  'oidcc-client-test-userinfo-signed': NO_USERINFO,
  'oidcc-client-test-form-post-error':
    'the callback is a GET: with form_post its SameSite=Lax cookie would not come',
  'oidcc-client-test-invalid-chash': CODE_FLOW,
  'oidcc-client-test-missing-chash': CODE_FLOW,
  'oidcc-client-test-missing-athash':
    'at_hash is optional in the code flow (OpenID Connect Core section 3.1.3.6)',
  'oidcc-client-test-mtls-endpoint-aliases': 'the client authenticates by its secret',
  'oidcc-client-test-request-uri-signed-none': REQUEST_OBJECTS,
  'oidcc-client-test-request-uri-signed-rs256': REQUEST_OBJECTS,
  'oidcc-client-test-discovery-webfinger-acct': ONE_PROVIDER,
  'oidcc-client-test-discovery-webfinger-url': ONE_PROVIDER,
  'oidcc-client-test-dynamic-registration':
    'the client is registered by whoever deploys; its secret is a setting',
  'oidcc-client-test-rp-frontchannel-opinitlogout': FRONT_CHANNEL,
  'oidcc-client-test-rp-frontchannel-rpinitlogout': FRONT_CHANNEL,
  'oidcc-client-test-session-management': FRONT_CHANNEL,
  'oidcc-client-test-rp-init-logout-other-state': NO_STATE,
  'oidcc-client-test-rp-init-logout-no-state': NO_STATE,
};

test('every module is proven or decided against', () => {
  const modules = conformanceData('oidc/rp-conformance-modules.json') as readonly { testName: string }[];
  const listed = [...Object.keys(PROOFS), ...Object.keys(AGAINST)];

  expect(modules.map(({ testName }) => testName).sort()).toEqual(listed.sort());
  expect([Object.keys(PROOFS).length, Object.keys(AGAINST).length]).toEqual([35, 22]);
});

test.each(Object.entries(PROOFS))('%s', async (_, { observe, expected }) => {
  expect(await observe()).toEqual(expected);
});
