/** Registration in the emulator's user pools: the gaps that are filled, and that they are still gaps. */
import {
  CognitoIdentityProviderClient,
  ConfirmSignUpCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';

import { clientSettings } from '../../local/aws';
import { mails } from '../../local/inbox';
import { formOf } from '../../local/login-form';
import { startTestEmulator, type TestEmulator } from './instance';

const CALLBACK = 'http://localhost:8000/api/auth/callback';
const PASSWORD = 'Correct-horse-1!';

const pool = (adminOnly: boolean): object => ({
  Type: 'AWS::Cognito::UserPool',
  Properties: {
    UsernameAttributes: ['email'],
    AutoVerifiedAttributes: ['email'],
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: adminOnly },
  },
});
const client = (Pool: string): object => ({
  Type: 'AWS::Cognito::UserPoolClient',
  Properties: {
    UserPoolId: { Ref: Pool },
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ['code'],
    AllowedOAuthScopes: ['openid'],
    CallbackURLs: [CALLBACK],
    SupportedIdentityProviders: ['COGNITO'],
  },
});
const TEMPLATE = {
  Resources: { Open: pool(false), Shut: pool(true), OpenClient: client('Open'), ShutClient: client('Shut') },
  Outputs: { OpenClient: { Value: { Ref: 'OpenClient' } }, ShutClient: { Value: { Ref: 'ShutClient' } } },
};

interface Deployed {
  readonly emulator: TestEmulator;
  readonly cognito: CognitoIdentityProviderClient;
  readonly open: string;
  readonly shut: string;
}

async function deployed(plain: boolean): Promise<Deployed> {
  const emulator = await startTestEmulator({ plain });
  const made = await emulator.deploy('sign-up', TEMPLATE);
  const cognito = new CognitoIdentityProviderClient(clientSettings(emulator.url));
  return { emulator, cognito, open: made['OpenClient'] ?? '', shut: made['ShutClient'] ?? '' };
}

let filled: Deployed;
let plain: Deployed;

beforeAll(async () => {
  [filled, plain] = [await deployed(false), await deployed(true)];
}, 180_000);

afterAll(async () => {
  for (const { emulator, cognito } of [filled, plain]) {
    cognito.destroy();
    await emulator.stop();
  }
}, 60_000);

async function signUp({ cognito }: Deployed, ClientId: string, email: string): Promise<unknown> {
  const UserAttributes = [{ Name: 'email', Value: email }];
  return cognito.send(new SignUpCommand({ ClientId, Username: email, Password: PASSWORD, UserAttributes }));
}

async function confirm({ cognito, open }: Deployed, email: string, code: string): Promise<unknown> {
  return cognito.send(new ConfirmSignUpCommand({ ClientId: open, Username: email, ConfirmationCode: code }));
}

async function codeFor({ emulator }: Deployed, email: string): Promise<string> {
  const mail = (await mails(emulator.url)).find(({ to }) => to === email);
  return /\b\d{6}\b/.exec(mail?.body ?? '')?.[0] ?? '';
}

function other(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, '0');
}

function page({ emulator }: Deployed, ClientId: string, change: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: ClientId,
    redirect_uri: CALLBACK,
    scope: 'openid',
    state: 'the-state',
    ...change,
  });
  return `${emulator.url}/signup?${query.toString()}`;
}

/** Fills the form of a page and sends it. */
async function submit(from: Response, answers: Record<string, string>): Promise<Response> {
  const form = formOf(await from.text(), answers);
  const body = new URLSearchParams(form.fields);
  return fetch(new URL(form.action, from.url), { method: 'POST', body, redirect: 'manual' });
}

describe('codes', () => {
  test('are random, reach the inbox, and confirm once; another code is refused', async () => {
    await signUp(filled, filled.open, 'one@example.com');
    await signUp(filled, filled.open, 'two@example.com');
    const [one, two] = [await codeFor(filled, 'one@example.com'), await codeFor(filled, 'two@example.com')];

    expect([one, two]).toEqual([expect.stringMatching(/^\d{6}$/), expect.stringMatching(/^\d{6}$/)]);
    await expect(confirm(filled, 'one@example.com', other(one))).rejects.toThrow('Invalid verification code');
    await confirm(filled, 'one@example.com', one);
    await expect(confirm(filled, 'one@example.com', one)).rejects.toThrow('cannot be confirmed');
  });

  test('are the same for everybody and unchecked in the plain emulator', async () => {
    await signUp(plain, plain.open, 'one@example.com');

    expect(await codeFor(plain, 'one@example.com')).toBe('123456');
    await expect(confirm(plain, 'one@example.com', '000000')).resolves.toBeDefined();
  });
});

describe('a pool for administrators only', () => {
  test('refuses to sign up', async () => {
    await expect(signUp(filled, filled.shut, 'one@example.com')).rejects.toThrow('not permitted');
    await expect(signUp(filled, filled.open, 'three@example.com')).resolves.toBeDefined();
  });

  test('signs up in the plain emulator', async () => {
    await expect(signUp(plain, plain.shut, 'one@example.com')).resolves.toBeDefined();
  });
});

describe('the pages', () => {
  test('register, refuse a wrong code, and end at the callback once the mailed code is given', async () => {
    const email = 'page@example.com';
    const asked = await submit(await fetch(page(filled, filled.open)), { email, password: PASSWORD });
    const code = await codeFor(filled, email);
    const again = await submit(asked, { code: other(code) });
    const done = await submit(again.clone(), { code });
    const location = new URL(done.headers.get('location') ?? '');

    expect([again.status, await again.text()]).toEqual([
      200,
      expect.stringContaining('Invalid verification code'),
    ]);
    expect(done.status).toBe(302);
    expect(location.href).toMatch(CALLBACK);
    expect(location.searchParams.get('state')).toBe('the-state');
    expect(location.searchParams.get('code')).toMatch(/.+/);
  });

  test('show the form again for a weak password and a taken address', async () => {
    const form = async (): Promise<Response> => fetch(page(filled, filled.open));
    const weak = await submit(await form(), { email: 'weak@example.com', password: 'a' });
    await signUp(filled, filled.open, 'taken@example.com');
    const taken = await submit(await form(), { email: 'taken@example.com', password: PASSWORD });

    expect([weak.status, await weak.text()]).toEqual([
      200,
      expect.stringMatching(/class="error".*[Pp]assword/s),
    ]);
    expect(await taken.text()).toContain('already exists');
  });

  test('are refused for what the authorization endpoint refuses', async () => {
    const foreign = await fetch(page(filled, filled.open, { redirect_uri: 'https://evil.example/' }));
    const unknown = await fetch(page(filled, 'nobody'));

    expect([foreign.status, unknown.status]).toEqual([400, 400]);
  });

  test('are not there in the plain emulator', async () => {
    const { status } = await fetch(page(plain, plain.open));

    expect(status).not.toBe(200);
  });
});
