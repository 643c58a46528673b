/** What the design relies on of the emulator's Cognito. */
import { createHash, createHmac, createPublicKey, verify as verifySignature } from 'node:crypto';

import {
  AdminCreateUserCommand,
  AdminInitiateAuthCommand,
  AdminRespondToAuthChallengeCommand,
  AdminSetUserMFAPreferenceCommand,
  AdminSetUserPasswordCommand,
  AssociateSoftwareTokenCommand,
  CognitoIdentityProviderClient,
  RevokeTokenCommand,
  VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

import { clientSettings } from '../../local/aws';
import { authorize, signIn, type SignInOutputs } from '../../local/sign-in';
import { startTestEmulator, type TestEmulator } from './instance';

const CALLBACK = 'http://localhost:8000/api/auth/callback';
const USER = { email: 'ada@example.com', password: 'Correct-horse-1!' };
const SCOPES = ['openid', 'widgets/read'];

const oauth = (flow: string, scopes: readonly string[]): object => ({
  UserPoolId: { Ref: 'Pool' },
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: [flow],
  AllowedOAuthScopes: scopes,
  GenerateSecret: true,
});

const TEMPLATE = {
  Resources: {
    Pool: {
      Type: 'AWS::Cognito::UserPool',
      Properties: { UsernameAttributes: ['email'], MfaConfiguration: 'OPTIONAL' },
    },
    Server: {
      Type: 'AWS::Cognito::UserPoolResourceServer',
      Properties: {
        UserPoolId: { Ref: 'Pool' },
        Identifier: 'widgets',
        Name: 'widgets',
        Scopes: [{ ScopeName: 'read', ScopeDescription: 'read' }],
      },
    },
    Web: {
      Type: 'AWS::Cognito::UserPoolClient',
      DependsOn: 'Server',
      Properties: {
        ...oauth('code', SCOPES),
        CallbackURLs: [CALLBACK],
        SupportedIdentityProviders: ['COGNITO'],
        EnableTokenRevocation: true,
      },
    },
    Machine: {
      Type: 'AWS::Cognito::UserPoolClient',
      DependsOn: 'Server',
      Properties: oauth('client_credentials', ['widgets/read']),
    },
    Direct: {
      Type: 'AWS::Cognito::UserPoolClient',
      Properties: { UserPoolId: { Ref: 'Pool' }, ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'] },
    },
    Secret: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: { SecretString: { 'Fn::GetAtt': ['Web', 'ClientSecret'] } },
    },
    MachineSecret: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: { SecretString: { 'Fn::GetAtt': ['Machine', 'ClientSecret'] } },
    },
  },
  Outputs: Object.fromEntries(
    ['Pool', 'Web', 'Machine', 'Direct', 'Secret', 'MachineSecret'].map((name) => [
      name,
      { Value: { Ref: name } },
    ]),
  ),
};

let emulator: TestEmulator;
let made: Record<string, string>;
let outputs: SignInOutputs;
let cognito: CognitoIdentityProviderClient;

beforeAll(async () => {
  emulator = await startTestEmulator();
  made = await emulator.deploy('identity', TEMPLATE);
  outputs = {
    emulatorUrl: emulator.url,
    userPoolClientId: made['Web'] ?? '',
    clientSecretArn: made['Secret'] ?? '',
    callbackUrl: CALLBACK,
  };
  cognito = new CognitoIdentityProviderClient(clientSettings(emulator.url));
  const of = { UserPoolId: made['Pool'], Username: USER.email };
  const UserAttributes = [{ Name: 'email', Value: USER.email }];
  await cognito.send(new AdminCreateUserCommand({ ...of, UserAttributes, MessageAction: 'SUPPRESS' }));
  await cognito.send(new AdminSetUserPasswordCommand({ ...of, Password: USER.password, Permanent: true }));
}, 120_000);

afterAll(async () => {
  cognito.destroy();
  await emulator.stop();
}, 60_000);

async function secretOf(name: 'Secret' | 'MachineSecret'): Promise<string> {
  const client = new SecretsManagerClient(clientSettings(emulator.url));
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: made[name] }));
  client.destroy();
  return SecretString ?? '';
}

async function token(
  form: Record<string, string>,
  client: { id: string; secret: string } | null,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = client === null ? {} : { authorization: `Basic ${btoa(`${client.id}:${client.secret}`)}` };
  const body = new URLSearchParams(form);
  const response = await fetch(`${emulator.url}/oauth2/token`, { method: 'POST', headers, body });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function web(): Promise<{ id: string; secret: string }> {
  return { id: outputs.userPoolClientId, secret: await secretOf('Secret') };
}

function claims(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

function challenge(verifier: string): Record<string, string> {
  return {
    response_type: 'code',
    client_id: outputs.userPoolClientId,
    redirect_uri: CALLBACK,
    scope: SCOPES.join(' '),
    state: 's',
    nonce: 'the-nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
}

const VERIFIER = 'v'.repeat(43);
const exchange = (code: string, verifier: string): Record<string, string> => ({
  grant_type: 'authorization_code',
  code,
  redirect_uri: CALLBACK,
  code_verifier: verifier,
});

test('managed login gives tokens of the real issuer with the scopes asked for', async () => {
  const { accessToken, idToken, expiresIn } = await signIn(outputs, USER, SCOPES);

  expect(claims(accessToken)).toMatchObject({
    iss: `https://cognito-idp.us-east-1.amazonaws.com/${made['Pool'] ?? ''}`,
    token_use: 'access',
    client_id: made['Web'],
    scope: 'openid widgets/read',
  });
  expect(claims(idToken)).toMatchObject({ token_use: 'id', aud: made['Web'], email: USER.email });
  expect(expiresIn).toBeGreaterThan(0);
});

test('the nonce of the authorization request is in the id token', async () => {
  const code = await authorize(outputs, USER, challenge(VERIFIER));
  const { body } = await token(exchange(code, VERIFIER), await web());

  expect(claims(body['id_token'] as string)['nonce']).toBe('the-nonce');
});

test('a wrong PKCE verifier, a used code and a wrong secret are refused', async () => {
  const client = await web();
  const code = await authorize(outputs, USER, challenge(VERIFIER));
  const attempts = [
    await token(exchange(code, 'w'.repeat(43)), client),
    await token(exchange(code, VERIFIER), { ...client, secret: 'wrong' }),
    await token(exchange(code, VERIFIER), client),
    await token(exchange(code, VERIFIER), client),
  ];

  expect(attempts.map(({ body }) => body['error'])).toEqual([
    'invalid_grant',
    'invalid_client',
    undefined,
    'invalid_grant',
  ]);
});

test('a wrong password and a foreign redirect are refused', async () => {
  await expect(authorize(outputs, { ...USER, password: 'wrong' }, challenge(VERIFIER))).rejects.toThrow(
    'refused',
  );
  const elsewhere = { ...challenge(VERIFIER), redirect_uri: 'https://evil.example' };
  await expect(authorize(outputs, USER, elsewhere)).rejects.toThrow('refused');
});

test('tokens verify with the keys served under the pool, access and id token alike', async () => {
  const { accessToken, idToken } = await signIn(outputs, USER, SCOPES);
  const response = await fetch(`${emulator.url}/${made['Pool'] ?? ''}/.well-known/jwks.json`);
  const { keys } = (await response.json()) as { keys: { kid: string }[] };
  const holds = [accessToken, idToken].map((jwt) => {
    const [header = '', payload = '', signature = ''] = jwt.split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
    const key = keys.find((each) => each.kid === kid);
    const publicKey = createPublicKey({ key: key as never, format: 'jwk' });
    const content = Buffer.from(`${header}.${payload}`);
    return verifySignature('RSA-SHA256', content, publicKey, Buffer.from(signature, 'base64url'));
  });

  expect(holds).toEqual([true, true]);
});

test('a refresh works until the token is revoked', async () => {
  const { refreshToken, accessToken } = await signIn(outputs, USER, SCOPES);
  const client = await web();
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
  const before = await token(form, client);
  await cognito.send(
    new RevokeTokenCommand({ Token: refreshToken, ClientId: client.id, ClientSecret: client.secret }),
  );
  const after = await token(form, client);

  expect(before.status).toBe(200);
  expect(before.body['access_token']).not.toBe(accessToken);
  expect(after).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

test('the revocation endpoint that fills a gap ends a refresh, for the client alone', async () => {
  const { refreshToken } = await signIn(outputs, USER, SCOPES);
  const client = await web();
  const found = await fetch(`${emulator.url}/${made['Pool'] ?? ''}/.well-known/openid-configuration`);
  const { revocation_endpoint: url } = (await found.json()) as { revocation_endpoint: string };
  const revoke = async (secret: string): Promise<number> => {
    const headers = { authorization: `Basic ${btoa(`${client.id}:${secret}`)}` };
    const body = new URLSearchParams({ token: refreshToken });
    return (await fetch(url, { method: 'POST', headers, body })).status;
  };
  const refresh = async (): Promise<number> =>
    (await token({ grant_type: 'refresh_token', refresh_token: refreshToken }, client)).status;

  expect([await revoke('wrong'), await refresh()]).toEqual([400, 200]);
  expect([await revoke(client.secret), await refresh()]).toEqual([200, 400]);
});

test('client credentials need the secret', async () => {
  const id = made['Machine'] ?? '';
  const form = { grant_type: 'client_credentials', scope: 'widgets/read', client_id: id };
  const good = await token(form, { id, secret: await secretOf('MachineSecret') });
  const refused = [await token(form, null), await token(form, { id, secret: 'wrong' })];

  expect(claims(good.body['access_token'] as string)).toMatchObject({ scope: 'widgets/read', client_id: id });
  expect(refused.map(({ body }) => body['error'])).toEqual(['invalid_client', 'invalid_client']);
});

test('a wrong TOTP code is refused, at enrolment and at sign-in', async () => {
  const of = { UserPoolId: made['Pool'], ClientId: made['Direct'] };
  const start = new AdminInitiateAuthCommand({
    ...of,
    AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: USER.email, PASSWORD: USER.password },
  });
  const { AuthenticationResult } = await cognito.send(start);
  const AccessToken = AuthenticationResult?.AccessToken;
  const { SecretCode } = await cognito.send(new AssociateSoftwareTokenCommand({ AccessToken }));
  const right = totp(SecretCode ?? '');
  const wrong = String((Number(right) + 1) % 1_000_000).padStart(6, '0');
  const enrol = async (UserCode: string): Promise<unknown> =>
    cognito.send(new VerifySoftwareTokenCommand({ AccessToken, UserCode }));

  await expect(enrol(wrong)).rejects.toThrow();
  await enrol(right);
  await cognito.send(
    new AdminSetUserMFAPreferenceCommand({
      UserPoolId: made['Pool'],
      Username: USER.email,
      SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true },
    }),
  );
  const { ChallengeName, Session } = await cognito.send(start);
  const answer = async (code: string): Promise<unknown> =>
    cognito.send(
      new AdminRespondToAuthChallengeCommand({
        ...of,
        ChallengeName: 'SOFTWARE_TOKEN_MFA',
        Session,
        ChallengeResponses: { USERNAME: USER.email, SOFTWARE_TOKEN_MFA_CODE: code },
      }),
    );

  expect(ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
  await expect(answer(wrong)).rejects.toThrow();
  expect(await answer(right)).toMatchObject({ AuthenticationResult: { TokenType: 'Bearer' } });
  await cognito.send(
    new AdminSetUserMFAPreferenceCommand({
      UserPoolId: made['Pool'],
      Username: USER.email,
      SoftwareTokenMfaSettings: { Enabled: false },
    }),
  );
});

/** RFC 6238 with the parameters of RFC 4226 appendix D: SHA-1, 30 seconds, 6 digits. */
function totp(secret: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = Array.from(secret.replace(/=+$/, ''))
    .map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const at = digest.readUInt8(digest.length - 1) & 0xf;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Where the emulator is laxer than Cognito, and nothing here fills it: nothing in the product may lean on these. */
describe('falls short of Cognito:', () => {
  test('a refresh without the secret of a confidential client is accepted', async () => {
    const { refreshToken } = await signIn(outputs, USER, SCOPES);
    const form = {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: outputs.userPoolClientId,
    };

    expect((await token(form, null)).status).toBe(200);
  });

  test('the refresh token is not rotated', async () => {
    const { refreshToken } = await signIn(outputs, USER, SCOPES);
    const { body } = await token({ grant_type: 'refresh_token', refresh_token: refreshToken }, await web());

    expect(body['refresh_token']).toBeUndefined();
  });

  test('there is no revocation endpoint', async () => {
    const plain = await startTestEmulator({ plain: true });
    const response = await fetch(`${plain.url}/oauth2/revoke`, { method: 'POST', body: 'token=x' });
    await plain.stop();

    expect(response.status).not.toBe(200);
  });
});
