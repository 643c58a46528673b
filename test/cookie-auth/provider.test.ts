/** What is believed of a provider's answers, over real HTTP on loopback. */
import { createHash } from 'node:crypto';

import { finishLogin } from '../../lambdas/cookie-auth/core/callback';
import { loginCookieName, newLogin, sealLogin } from '../../lambdas/cookie-auth/core/login';
import { type Claims, jwt, providerOf, ProviderServer, published, signingKey } from './provider-server';
import { AUDIENCE, givenRing, grant, NOW, random } from './sample';

const login = newLogin('https://site.test/', NOW, random);
let server: ProviderServer;

beforeEach(async () => {
  server = await ProviderServer.start();
});

afterEach(async () => {
  await server.stop();
});

function idClaims(change: Claims = {}): Claims {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: server.issuer,
    aud: 'client-1',
    sub: 'ada',
    exp: now + 300,
    iat: now,
    nonce: login.nonce,
    acr: 'level-2',
    auth_time: now,
    ...change,
  };
}

function answerWith(idToken: string, more: Claims = {}): void {
  server.answer = {
    status: 200,
    body: {
      access_token: 'opaque',
      token_type: 'Bearer',
      expires_in: 300,
      id_token: idToken,
      refresh_token: 'r2',
      ...more,
    },
  };
}

async function exchanged(kind: 'cognito' | 'standard' = 'standard'): Promise<string> {
  const result = await server.provider(kind).exchange('code', login);
  return result.ok ? 'ok' : result.failure;
}

describe('LOGIN-03 an id token', () => {
  test('that is all it must be is believed', async () => {
    answerWith(jwt(idClaims(), server.key));
    const result = await server.provider().exchange('code', login);

    expect(result).toMatchObject({
      ok: true,
      grant: {
        identity: { subject: 'ada', scopes: ['openid', 'widgets/read'], acr: 'level-2' },
        refreshToken: 'r2',
      },
    });
    expect(server.requests.find(({ path }) => path === '/token')).toEqual({
      path: '/token',
      authorization: `Basic ${Buffer.from('client-1:a%2Bb%2Fc%3A+d').toString('base64')}`,
      form: {
        grant_type: 'authorization_code',
        code: 'code',
        redirect_uri: 'https://site.test/api/auth/callback',
        code_verifier: login.verifier,
      },
    });
  });

  const past = Math.floor(Date.now() / 1000) - 60;
  test.each<[string, Claims]>([
    ['another nonce', { nonce: 'other' }],
    ['no nonce', { nonce: undefined }],
    ['another issuer', { iss: 'https://evil.test' }],
    ['another audience', { aud: 'client-2' }],
    ['several audiences and no authorized party', { aud: ['client-1', 'client-2'] }],
    ['another authorized party', { aud: ['client-1', 'client-2'], azp: 'client-2' }],
    ['no audience', { aud: undefined }],
    ['an end in the past', { exp: past }],
    ['no end', { exp: undefined }],
    ['a start in the future', { nbf: past + 3600 }],
    ['no subject', { sub: undefined }],
    ['the use of an access token', { token_use: 'access' }],
    ['the hash of another access token', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }],
  ])('with %s is refused', async (_, change) => {
    answerWith(jwt(idClaims(change), server.key));

    expect(await exchanged()).toBe('unverified');
  });

  test.each<[string, (claims: Claims) => string]>([
    ['without a signature', (claims) => jwt(claims, server.key, { alg: 'none' })],
    ['signed by HS256 with the public key', (claims) => jwt(claims, server.key, { alg: 'HS256' })],
    ['signed by another key of the same id', (claims) => jwt(claims, signingKey('key-1'))],
    ['signed by an unknown key', (claims) => jwt(claims, signingKey('key-2'))],
    ['that is no token', () => 'x'],
  ])('%s is refused', async (_, token) => {
    answerWith(token(idClaims()));

    expect(await exchanged()).toBe('unverified');
    answerWith(jwt(idClaims(), server.key));
    expect(await exchanged()).toBe('ok');
  });

  test('with several audiences, this client as authorized party, or the right hash is believed', async () => {
    const half = createHash('sha256').update('opaque').digest().subarray(0, 16).toString('base64url');
    answerWith(jwt(idClaims({ aud: ['client-1', 'client-2'], azp: 'client-1', at_hash: half }), server.key));

    expect(await exchanged()).toBe('ok');
  });

  test('must come with the access token, and its keys must be readable', async () => {
    answerWith('', {});
    expect(await exchanged()).toBe('unverified');
    answerWith(jwt(idClaims(), server.key));
    server.keysStatus = 500;
    expect(await exchanged()).toBe('unavailable');
  });
});

test('JWT-03 without a key id the key set is read anew after ten seconds, not for every token', async () => {
  let now = Date.now();
  const provider = server.provider('standard', () => now);
  const [old, next] = [server.key, signingKey('key-2')];
  const outcome = async (key: typeof old): Promise<string> => {
    answerWith(jwt(idClaims(), key, { kid: undefined }));
    const result = await provider.exchange('code', login);
    return result.ok ? 'ok' : result.failure;
  };
  const reads = (): number => server.requests.filter(({ path }) => path === '/keys').length;
  expect(await outcome(old)).toBe('ok');
  server.keys = [published(next)];
  now += 9_999;
  expect([await outcome(old), await outcome(next), await outcome(next), reads()]).toEqual([
    'ok',
    'unverified',
    'unverified',
    1,
  ]);
  now += 1;
  expect([await outcome(next), await outcome(old), reads()]).toEqual(['ok', 'unverified', 2]);
});

describe('an access token of Cognito', () => {
  const access = (change: Claims = {}): string =>
    jwt(
      {
        ...idClaims({ aud: undefined, nonce: undefined }),
        token_use: 'access',
        client_id: 'client-1',
        scope: 'widgets/read',
        'cognito:groups': ['admins'],
        ...change,
      },
      server.key,
    );

  test('says scopes and groups once it is verified', async () => {
    answerWith(jwt(idClaims({ token_use: 'id' }), server.key), { access_token: access() });

    expect(await server.provider('cognito').exchange('code', login)).toMatchObject({
      ok: true,
      grant: {
        identity: { subject: 'ada', clientId: 'client-1', scopes: ['widgets/read'], groups: ['admins'] },
      },
    });
  });

  test.each<[string, Claims]>([
    ['of another client', { client_id: 'client-2' }],
    ['that is an id token', { token_use: 'id' }],
    ['of somebody else', { sub: 'eve' }],
    ['that is over', { exp: 1 }],
  ])('LOGIN-03 JWT-02 %s is refused', async (_, change) => {
    answerWith(jwt(idClaims({ token_use: 'id' }), server.key), { access_token: access(change) });

    expect(await exchanged('cognito')).toBe('unverified');
  });
});

describe('LOGIN-07 a token endpoint', () => {
  test.each<[string, number, unknown, string]>([
    ['that refuses the code', 400, { error: 'invalid_grant' }, 'refused'],
    ['that does not know the client', 401, { error: 'invalid_client' }, 'misconfigured'],
    ['that is overloaded', 429, { error: 'slow_down' }, 'unavailable'],
    ['that is down', 503, 'Service Unavailable', 'unavailable'],
    ['that redirects', 302, {}, 'unavailable'],
    ['that speaks HTML', 200, '<html>', 'unavailable'],
    ['that says null', 200, null, 'unavailable'],
    ['that sends another type of token', 200, { access_token: 'a', token_type: 'mac' }, 'unavailable'],
    [
      'that sends a token that is over',
      200,
      { access_token: 'a', token_type: 'Bearer', expires_in: 0 },
      'unavailable',
    ],
    [
      'that says more than 256 KiB',
      200,
      { access_token: 'a', token_type: 'Bearer', filler: 'x'.repeat(262_144) },
      'unavailable',
    ],
    ['that never answers', 0, {}, 'slow'],
  ])('%s', async (_, status, body, failure) => {
    server.answer = { status, body };

    expect(await exchanged()).toBe(failure);
    // the client's secret goes nowhere else
    expect(server.requests.map(({ path }) => path)).not.toContain('/elsewhere');
    answerWith(jwt(idClaims(), server.key));
    expect(await exchanged()).toBe('ok');
  });

  test('is not asked where the discovery document is another issuer’s, or not secure', async () => {
    answerWith(jwt(idClaims(), server.key));
    const sent = jest.spyOn(globalThis, 'fetch');
    for (const wrong of [
      { issuer: 'https://evil.test' },
      { token_endpoint: 'http://evil.test/token' },
      { token_endpoint: undefined },
      { jwks_uri: 'file:///etc/passwd' },
    ]) {
      server.discovered = wrong;
      expect(await exchanged()).toBe('unavailable');
    }
    // neither the code nor the client's secret has left
    expect(sent.mock.calls.filter(([url]) => typeof url === 'string' && url.endsWith('/token'))).toEqual([]);
    sent.mockRestore();
    server.discovered = {};
    expect(await exchanged()).toBe('ok');
  });

  test('is not looked for over plain HTTP, but on this machine', async () => {
    const sent = jest.spyOn(globalThis, 'fetch');
    for (const OIDC_ISSUER of [
      'http://login.test',
      'http://127.0.0.1.login.test',
      'http://localhost@login.test',
      'ftp://login.test',
      'login.test',
    ]) {
      const provider = providerOf({ OIDC_ISSUER }, 'secret', Date.now);
      expect(await provider.authorizationUrl(login)).toEqual({ ok: false, failure: 'unavailable' });
    }
    expect(sent).not.toHaveBeenCalled();
    sent.mockRestore();
    expect(await server.provider().authorizationUrl(login)).toMatchObject({ ok: true });
  });

  test('is found once an hour', async () => {
    let now = Date.now();
    const provider = server.provider('standard', () => now);
    const asked = (): number =>
      server.requests.filter(({ path }) => path.includes('openid-configuration')).length;
    await provider.logoutUrl();
    await provider.logoutUrl();
    expect(asked()).toBe(1);
    now += 3_600_000;
    await provider.logoutUrl();
    expect(asked()).toBe(2);
  });
});

describe('a callback', () => {
  const cookies: [string, string][] = [
    [loginCookieName(login.state), sealLogin(givenRing('k1'), AUDIENCE, login, random)],
  ];
  const finished = async (iss?: string): Promise<string> => {
    const known = { ring: givenRing('k1'), audience: AUDIENCE, cookies, now: NOW };
    const result = await finishLogin({ state: login.state, code: 'code', iss }, known, server.provider());
    return result.ok ? 'ok' : result.problem;
  };
  const tokenRequests = (): number => server.requests.filter(({ path }) => path === '/token').length;

  test('without iss is refused where the discovery document of its issuer cannot be had', async () => {
    answerWith(jwt(idClaims(), server.key));
    server.discovered = { issuer: 'https://evil.test' };

    expect(await finished()).toBe('provider_error');
    expect(tokenRequests()).toBe(0);
    server.discovered = {};
    expect(await finished()).toBe('ok');
  });

  test('without iss is refused where the provider always sends one (RFC 9207 section 2.4)', async () => {
    answerWith(jwt(idClaims(), server.key));
    server.discovered = { authorization_response_iss_parameter_supported: true };

    expect(await finished()).toBe('provider_error');
    expect(await finished('https://evil.test')).toBe('provider_error');
    expect(tokenRequests()).toBe(0);
    expect(await finished(server.issuer)).toBe('ok');
  });
});

describe('a refresh', () => {
  const before = { ...grant(), identity: { ...grant().identity, subject: 'ada' } };

  test('STEP-08 neither raises the level nor renews the time of the sign-in', async () => {
    answerWith(jwt(idClaims({ nonce: undefined, acr: 'level-9', auth_time: 9, amr: ['x'] }), server.key));
    const result = await server.provider().refresh(before);
    const { acr, authTime } = before.identity;

    expect(result.ok && result.grant.identity).toMatchObject({ acr, authTime });
    expect(result.ok && result.grant.identity).not.toHaveProperty('amr');
  });

  test('SESSION-02 keeps the newest token, or the old one where there is no rotation', async () => {
    answerWith(jwt(idClaims(), server.key));
    expect(await server.provider().refresh(before)).toMatchObject({ grant: { refreshToken: 'r2' } });
    answerWith(jwt(idClaims(), server.key), {
      refresh_token: undefined,
      id_token: undefined,
      scope: 'openid',
    });
    expect(await server.provider().refresh(before)).toMatchObject({
      grant: { refreshToken: 'r1', identity: { subject: 'ada', scopes: ['openid'] } },
    });
  });

  test('for somebody else is not believed', async () => {
    answerWith(jwt(idClaims({ sub: 'eve' }), server.key));

    expect(await server.provider().refresh(before)).toEqual({ ok: false, failure: 'unverified' });
  });
});

test('SESSION-03 revocation names the token and its kind (RFC 7009 section 2.1)', async () => {
  const provider = server.provider();

  expect(await provider.revoke(grant())).toBe(true);
  expect(await provider.revoke({ ...grant(), refreshToken: undefined, accessToken: 'a' } as never)).toBe(
    true,
  );
  expect(server.requests.filter(({ path }) => path === '/revoke').map(({ form }) => form)).toEqual([
    { token: 'r1', token_type_hint: 'refresh_token' },
    { token: 'a', token_type_hint: 'access_token' },
  ]);
});

describe('registering', () => {
  test('at a provider that says it can: the authorization request with prompt=create', async () => {
    server.discovered = { prompt_values_supported: ['none', 'login', 'create'] };
    const provider = server.provider();
    const [registering, signingIn] = [
      await provider.authorizationUrl(login, 'create'),
      await provider.authorizationUrl(login),
    ];
    const query = (found: typeof registering): Record<string, string> =>
      found.ok ? Object.fromEntries(new URL(found.url).searchParams) : {};

    expect(registering).toMatchObject({
      ok: true,
      url: expect.stringMatching(`^${server.issuer}/authorize\\?`) as string,
    });
    expect(query(registering)).toEqual({ ...query(signingIn), prompt: 'create' });
    expect(query(signingIn)).toMatchObject({
      state: login.state,
      nonce: login.nonce,
      code_challenge_method: 'S256',
    });
  });

  test.each([undefined, [], ['login'], 'create'])('at one whose prompts are %j: refused', async (prompts) => {
    server.discovered = { prompt_values_supported: prompts };

    expect(await server.provider().authorizationUrl(login, 'create')).toEqual({
      ok: false,
      failure: 'unsupported',
    });
    expect(await server.provider().authorizationUrl(login)).toMatchObject({ ok: true });
  });

  test('at Cognito: its page for new users, with the parameters of the authorization request', async () => {
    const provider = server.provider('cognito');
    const [registering, signingIn] = [
      await provider.authorizationUrl(login, 'create'),
      await provider.authorizationUrl(login),
    ];

    expect(registering.ok && signingIn.ok ? registering.url : '').toBe(
      signingIn.ok ? signingIn.url.replace('/authorize?', '/signup?') : 'no URL',
    );
  });
});
