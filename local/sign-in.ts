/** Signs a user in as a browser and the web application do: managed login, authorization code with PKCE, token. */
import { createHash, randomBytes } from 'node:crypto';

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

import { clientSettings } from './aws';
import { Failure } from './failure';
import { formOf } from './login-form';
import type { LocalOutputs } from './outputs';

export interface Tokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
  /** Seconds for which the access token is good. */
  readonly expiresIn: number;
}

export type SignInOutputs = Pick<
  LocalOutputs,
  'emulatorUrl' | 'userPoolClientId' | 'clientSecretArn' | 'callbackUrl'
>;

/** Pages a login may have: the name, the choice of a factor, the password, and one more. */
const MOST_PAGES = 4;

/**
 * @param scopes what the access token shall be good for; `openid` among them gives an id token
 * @throws Failure when the user, the password or a scope is refused
 * @see RFC 6749 section 4.1, RFC 7636
 */
export async function signIn(
  outputs: SignInOutputs,
  user: { readonly email: string; readonly password: string },
  scopes: readonly string[],
): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url');
  const code = await authorize(outputs, user, {
    response_type: 'code',
    client_id: outputs.userPoolClientId,
    redirect_uri: outputs.callbackUrl,
    scope: scopes.join(' '),
    state: randomBytes(16).toString('base64url'),
    nonce: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const answer = await token(outputs, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: outputs.callbackUrl,
    code_verifier: verifier,
  });
  return {
    accessToken: answer.access_token,
    idToken: answer.id_token ?? '',
    refreshToken: answer.refresh_token ?? '',
    expiresIn: answer.expires_in,
  };
}

/** Goes through the login pages to the code; `parameters` are those of the authorization request. */
export async function authorize(
  { emulatorUrl, callbackUrl }: Pick<SignInOutputs, 'emulatorUrl' | 'callbackUrl'>,
  user: { readonly email: string; readonly password: string },
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const query = new URLSearchParams(parameters).toString();
  let response = await fetch(`${emulatorUrl}/oauth2/authorize?${query}`, { redirect: 'manual' });
  for (let page = 0; page < MOST_PAGES && response.status === 200; page++) {
    const form = formOf(await response.text(), { ...user, username: user.email });
    response = await fetch(new URL(form.action, emulatorUrl), {
      method: 'POST',
      body: new URLSearchParams(form.fields),
      redirect: 'manual',
    });
  }
  const location = response.headers.get('location');
  if (location?.startsWith(callbackUrl) !== true) {
    throw new Failure(`sign-in of ${user.email} was refused (status ${response.status})`);
  }
  const answer = new URL(location).searchParams;
  const code = answer.get('code');
  if (code === null || answer.get('state') !== (parameters['state'] ?? null)) {
    throw new Failure(`sign-in of ${user.email} was refused: ${answer.get('error') ?? 'wrong state'}`);
  }
  return code;
}

interface TokenAnswer {
  readonly access_token: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
  readonly expires_in: number;
}

async function token(outputs: SignInOutputs, form: Readonly<Record<string, string>>): Promise<TokenAnswer> {
  const secret = await clientSecret(outputs);
  const response = await fetch(`${outputs.emulatorUrl}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${outputs.userPoolClientId}:${secret}`)}` },
    body: new URLSearchParams(form),
  });
  const answer = (await response.json()) as TokenAnswer & { readonly error?: string };
  if (!response.ok) throw new Failure(`the token endpoint refused: ${answer.error ?? response.status}`);
  return answer;
}

const secrets = new Map<string, Promise<string>>();

/** The secret does not change while an emulator runs, so it is read once. */
async function clientSecret({ emulatorUrl, clientSecretArn }: SignInOutputs): Promise<string> {
  const key = `${emulatorUrl} ${clientSecretArn}`;
  const known = secrets.get(key) ?? readSecret(emulatorUrl, clientSecretArn);
  secrets.set(key, known);
  return known;
}

async function readSecret(emulatorUrl: string, SecretId: string): Promise<string> {
  const client = new SecretsManagerClient(clientSettings(emulatorUrl));
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
  client.destroy();
  return SecretString ?? '';
}
