/** The identity provider: authorization code, refresh, revocation and logout over its own endpoints. */
import type { Clock } from '../../_kernel/clock';
import type { CookieAuthSettings } from '../contract';
import {
  failureOf,
  type Grant,
  type GrantResult,
  type Identity,
  identityOfAccessToken,
  identityOfIdToken,
  isBoundTo,
  providerSessionOf,
  readTokenAnswer,
  signInOf,
  type TokenAnswer,
  type Verified,
} from '../core/grant';
import { challengeOf, type Login } from '../core/login';
import { boundedFetch, type Fetched } from './bounded-fetch';
import { discovery, type Endpoints } from './discovery';
import { tokenVerifier, type TokenVerifier } from './verified-tokens';

export interface Provider {
  /**
   * Where the browser signs in, or why that cannot be said.
   *
   * @param prompt `create` for where people register first; `unsupported` when the provider has no such place
   */
  authorizationUrl(
    login: Login,
    prompt?: 'create',
  ): Promise<{ ok: true; url: string } | { ok: false; failure: 'slow' | 'unavailable' | 'unsupported' }>;
  /** Whether a callback comes from this provider, by its `iss` (RFC 9207 section 2.4). */
  isIssuer(iss: string | undefined): Promise<boolean>;
  exchange(code: string, login: Login): Promise<GrantResult>;
  refresh(grant: Grant): Promise<GrantResult>;
  /** @returns false when the provider did not confirm it */
  revoke(grant: Grant): Promise<boolean>;
  /** Verifies what a logout token has in common with an id token. */
  logoutToken(token: string): Promise<Verified>;
  /** Where the browser signs out of the login pages; the site itself where the provider has no such page. */
  logoutUrl(): Promise<string>;
}

const DEADLINE_MS = 3_000;

/** @param clientSecret the client's secret, read when it is needed */
export function openIdProvider(
  settings: CookieAuthSettings,
  { clock, clientSecret }: { clock: Clock; clientSecret: () => Promise<string> },
): Provider {
  const discover = discovery(settings, clock);
  const callbackUrl = `${settings.SITE_URL}${settings.API_BASE_PATH ?? ''}/auth/callback`;
  const verifiers = new Map<string, TokenVerifier>();
  const verifierFor = ({ keys }: Endpoints): TokenVerifier => {
    const verifier = verifiers.get(keys) ?? tokenVerifier(settings, keys, clock);
    verifiers.set(keys, verifier);
    return verifier;
  };
  /** Confidential client by HTTP Basic, both parts form-encoded first (RFC 6749 section 2.3.1). */
  const post = async (url: string, form: Readonly<Record<string, string>>): Promise<Fetched> => {
    const [id, secret] = [settings.OIDC_CLIENT_ID, await clientSecret()].map(formEncoded);
    return boundedFetch(
      url,
      {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${id ?? ''}:${secret ?? ''}`).toString('base64')}` },
        body: new URLSearchParams(form),
      },
      DEADLINE_MS,
    );
  };
  const grantOf = async (
    form: Readonly<Record<string, string>>,
    identify: (answer: TokenAnswer, verifier: TokenVerifier) => Promise<Identified>,
    kept?: string,
  ): Promise<GrantResult> => {
    const discovered = await discover();
    if (!discovered.ok) return discovered;
    const sentAt = clock();
    const response = await post(discovered.endpoints.token, form);
    if (!response.ok) return response;
    if (response.status !== 200) return { ok: false, failure: failureOf(response.status, response.body) };
    const answer = readTokenAnswer(response.body);
    if (answer === undefined) return { ok: false, failure: 'unavailable' };
    const identified = await identify(answer, verifierFor(discovered.endpoints));
    if (!identified.ok) return identified;
    const refreshToken = answer.refreshToken ?? kept;
    return {
      ok: true,
      grant: {
        identity: identified.identity,
        accessExpiresAt: sentAt + answer.expiresIn * 1000,
        ...(refreshToken === undefined ? { accessToken: answer.accessToken } : { refreshToken }),
        ...(identified.providerSession === undefined ? {} : { providerSession: identified.providerSession }),
      },
    };
  };
  const identityOf = async (
    answer: TokenAnswer,
    verifier: TokenVerifier,
    { nonce, before }: { nonce?: string; before?: Identity },
  ): Promise<Identified> => {
    const id = answer.idToken === undefined ? undefined : await verifier.idToken(answer.idToken, nonce);
    // a login has an id token (OpenID Connect Core section 3.1.3.3), a refresh need not (section 12.2)
    if (id === undefined && before === undefined) return UNVERIFIED;
    if (id?.ok === false) return id;
    if (id !== undefined && !isBoundTo(id.claims, id.algorithm, answer.accessToken)) return UNVERIFIED;
    let identity: Identity | undefined;
    if (settings.OIDC_PROVIDER === 'cognito') {
      const access = await verifier.cognitoAccessToken(answer.accessToken);
      if (!access.ok) return access;
      identity = identityOfAccessToken(access.claims);
    } else {
      // a scope that is not named is the one that was asked for, or had before (RFC 6749 sections 5.1 and 6)
      const scope = answer.scope ?? before?.scopes.join(' ') ?? settings.OIDC_SCOPES;
      const groupsClaim = settings.OIDC_GROUPS_CLAIM;
      identity =
        id === undefined && before !== undefined
          ? { ...before, scopes: scope.split(' ') }
          : identityOfIdToken(id?.claims ?? {}, { clientId: settings.OIDC_CLIENT_ID, scope, groupsClaim });
    }
    const subject = before?.subject ?? id?.claims['sub'];
    if (identity === undefined || identity.subject !== subject) return UNVERIFIED;
    return {
      ok: true,
      identity: { ...identity, ...signIn(before, id?.claims ?? {}) },
      providerSession: providerSessionOf(id?.claims ?? {}),
    };
  };
  return {
    authorizationUrl: async (login, prompt) => {
      const discovered = await discover();
      if (!discovered.ok) return discovered;
      const { authorization, registers } = discovered.endpoints;
      const registering = prompt === undefined ? {} : registration(settings, registers);
      if (registering === undefined) return { ok: false, failure: 'unsupported' };
      const url = new URL(registering.path ?? authorization, authorization);
      const parameters = {
        response_type: 'code',
        client_id: settings.OIDC_CLIENT_ID,
        redirect_uri: callbackUrl,
        scope: settings.OIDC_SCOPES,
        state: login.state,
        nonce: login.nonce,
        code_challenge: challengeOf(login.verifier),
        code_challenge_method: 'S256',
        ...registering.parameters,
        ...wishes(login),
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return { ok: true, url: url.href };
    },
    isIssuer: async (iss) => {
      if (iss !== undefined) return iss === settings.OIDC_ISSUER;
      const discovered = await discover();
      return discovered.ok && !discovered.endpoints.namesIssuer;
    },
    exchange: async (code, { verifier, nonce }) =>
      grantOf(
        {
          grant_type: 'authorization_code',
          code,
          redirect_uri: callbackUrl,
          code_verifier: verifier,
        },
        (answer, tokens) => identityOf(answer, tokens, { nonce }),
      ),
    refresh: async ({ refreshToken, identity }) =>
      refreshToken === undefined
        ? { ok: false, failure: 'refused' }
        : grantOf(
            { grant_type: 'refresh_token', refresh_token: refreshToken },
            (answer, tokens) => identityOf(answer, tokens, { before: identity }),
            // without rotation the same one stays good (RFC 6749 section 6)
            refreshToken,
          ),
    revoke: async ({ refreshToken, accessToken }) => {
      const discovered = await discover();
      const token = refreshToken ?? accessToken;
      if (!discovered.ok || discovered.endpoints.revocation === undefined || token === undefined)
        return false;
      const hint = refreshToken === undefined ? 'access_token' : 'refresh_token';
      const answer = await post(discovered.endpoints.revocation, { token, token_type_hint: hint });
      return answer.ok && answer.status === 200;
    },
    logoutToken: async (token) => {
      const discovered = await discover();
      return discovered.ok ? verifierFor(discovered.endpoints).logoutToken(token) : UNREADABLE;
    },
    logoutUrl: async () => {
      const discovered = await discover();
      const home = `${settings.SITE_URL}/`;
      const end = discovered.ok ? discovered.endpoints.endSession : undefined;
      if (end === undefined) return home;
      const url = new URL(end);
      url.searchParams.set('client_id', settings.OIDC_CLIENT_ID);
      // Cognito's own name for it (docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html)
      const parameter = settings.OIDC_PROVIDER === 'cognito' ? 'logout_uri' : 'post_logout_redirect_uri';
      url.searchParams.set(parameter, home);
      return url.href;
    },
  };
}

interface Registration {
  /** Instead of the authorization endpoint's own. */
  readonly path?: string;
  readonly parameters?: { readonly prompt: 'create' };
}

/**
 * What starts a registration, or `undefined` where the provider has none. Cognito does not know `prompt=create`: its page
 * for new users takes the parameters of the authorization endpoint
 * (docs.aws.amazon.com/cognito/latest/developerguide/managed-login-endpoints.html).
 */
function registration({ OIDC_PROVIDER }: CookieAuthSettings, registers: boolean): Registration | undefined {
  if (OIDC_PROVIDER === 'cognito') return { path: '/signup' };
  return registers ? { parameters: { prompt: 'create' } } : undefined;
}

type Identified =
  | { readonly ok: true; readonly identity: Identity; readonly providerSession: string | undefined }
  | { readonly ok: false; readonly failure: 'unverified' | 'unavailable' };

const UNVERIFIED = { ok: false, failure: 'unverified' } as const;
const UNREADABLE = { ok: false, failure: 'unavailable' } as const;

/** How somebody signed in is settled by the login: no refresh raises the level or renews the time. */
function signIn(
  before: Identity | undefined,
  claims: Readonly<Record<string, unknown>>,
): ReturnType<typeof signInOf> {
  if (before === undefined) return signInOf(claims);
  const { acr, amr, authTime } = before;
  return {
    ...(acr === undefined ? {} : { acr }),
    ...(amr === undefined ? {} : { amr }),
    ...(authTime === undefined ? {} : { authTime }),
  };
}

/** What a step-up asks of the provider (RFC 9470 section 4). */
function wishes({ wanted }: Login): Record<string, string> {
  const { acrValues = [], maxAge } = wanted ?? {};
  return {
    ...(acrValues.length === 0 ? {} : { acr_values: acrValues.join(' ') }),
    ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
  };
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
