/** The whole of sign-in over one provider, as the handlers put it together, with sessions in memory. */
import type { Provider } from '../../lambdas/cookie-auth/adapters/provider';
import type { Cookie } from '../../lambdas/_kernel/cookies';
import { endSessionsOf } from '../../lambdas/cookie-auth/core/back-channel-logout';
import { finishLogin } from '../../lambdas/cookie-auth/core/callback';
import { loginCookieName, newLogin, sealLogin } from '../../lambdas/cookie-auth/core/login';
import { Sessions } from '../../lambdas/cookie-auth/core/sessions';
import { type Claims, jwt, type ProviderServer, type Signing } from './provider-server';
import { AUDIENCE, givenRing, MemoryStore, random } from './sample';

/** A login that was begun: where the browser goes, and what it keeps. */
interface Begun {
  readonly url: URL;
  readonly cookies: readonly Cookie[];
}

export class RelyingParty {
  readonly store = new MemoryStore();
  readonly sessions: Sessions;
  /** Added to the time, in milliseconds. */
  ahead = 0;
  ring = givenRing('k1');
  private readonly provider: Provider;

  /** @param provider the adapter under test */
  constructor(provider: Provider) {
    this.provider = provider;
    this.sessions = new Sessions(
      {
        store: this.store,
        ring: async () => this.ring,
        clock: this.clock,
        random,
        refresh: async (grant) => provider.refresh(grant),
        revoke: async (grant) => {
          await provider.revoke(grant);
        },
        pause: async () => Promise.resolve(),
      },
      AUDIENCE,
      { sessionSeconds: 36_000, idleSeconds: 36_000, marked: true },
    );
  }

  readonly clock = (): number => Date.now() + this.ahead;

  async begin(): Promise<Begun> {
    const login = newLogin('https://site.test/', this.clock(), random);
    const target = await this.provider.authorizationUrl(login);
    if (!target.ok) throw new Error(target.failure);
    const name = loginCookieName(login.state);
    return { url: new URL(target.url), cookies: [[name, sealLogin(this.ring, AUDIENCE, login, random)]] };
  }

  /** @returns the cookie of the session, or the problem of the page that is shown */
  async finish(callback: URL, { cookies }: Begun): Promise<{ cookie: string } | { problem: string }> {
    const known = { ring: this.ring, audience: AUDIENCE, cookies, now: this.clock() };
    const result = await finishLogin(Object.fromEntries(callback.searchParams), known, this.provider);
    return result.ok
      ? { cookie: (await this.sessions.start(result.grant)).cookie }
      : { problem: result.problem };
  }

  /** `ok`, or the reason. */
  async verdictOf(cookie: string): Promise<string> {
    const verdict = await this.sessions.resolve(cookie);
    return verdict.ok ? 'ok' : verdict.reason;
  }

  /** `ok`, or the reason, of a logout token. */
  async toldOf(token: string): Promise<string> {
    const result = await endSessionsOf(token, AUDIENCE, {
      store: this.store,
      ring: async () => this.ring,
      verify: async (sent) => this.provider.logoutToken(sent),
      clock: this.clock,
    });
    return result.ok ? 'ok' : result.reason;
  }

  async logoutUrl(): Promise<URL> {
    return new URL(await this.provider.logoutUrl());
  }
}

/** What a provider that forges may change of its id token. */
export interface Forgery {
  readonly claims?: Claims;
  readonly header?: Claims;
  readonly key?: Signing;
  /** Of HS256. */
  readonly secret?: string;
}

let tokens = 0;

/** Claims that an id token and a logout token of the server have in common. */
function commonClaims(server: ProviderServer): Claims {
  const now = Math.floor(Date.now() / 1000);
  return { iss: server.issuer, aud: 'client-1', sub: 'ada', sid: 'sid-1', iat: now, exp: now + 120 };
}

/** Lets the server's token endpoint answer a token request. */
export function giveTokens(server: ProviderServer, nonce: string | undefined, forgery: Forgery = {}): void {
  const claims = { ...commonClaims(server), nonce, ...forgery.claims };
  server.answer = {
    status: 200,
    body: {
      access_token: 'opaque',
      token_type: 'Bearer',
      expires_in: 300,
      refresh_token: `r${++tokens}`,
      id_token: jwt(claims, forgery.key ?? server.key, forgery.header, forgery.secret),
    },
  };
}

/** A sign-in at the server. @returns the cookie of the session, or the problem of the page that is shown */
export async function signInAt(
  server: ProviderServer,
  party: RelyingParty,
  forgery: Forgery = {},
): Promise<{ cookie: string } | { problem: string }> {
  const begun = await party.begin();
  giveTokens(server, begun.url.searchParams.get('nonce') ?? undefined, forgery);
  const callback = new URL('https://site.test/api/auth/callback?code=code');
  callback.searchParams.set('state', begun.url.searchParams.get('state') ?? '');
  return party.finish(callback, begun);
}

/** The cookie of a sign-in that must succeed. */
export async function signedInAt(
  server: ProviderServer,
  party: RelyingParty,
  forgery?: Forgery,
): Promise<string> {
  const done = await signInAt(server, party, forgery);
  if ('problem' in done) throw new Error(done.problem);
  return done.cookie;
}

export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** A logout token of the server. */
export function logoutToken(server: ProviderServer, forgery: Forgery = {}): string {
  const claims = {
    ...commonClaims(server),
    jti: `token-${++tokens}`,
    events: { [LOGOUT_EVENT]: {} },
    ...forgery.claims,
  };
  return jwt(claims, forgery.key ?? server.key, { typ: 'logout+jwt', ...forgery.header }, forgery.secret);
}
