/** People of the deployed stack for step-up tests: made anew, so that nobody's lock or used code is another's. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';

import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { Secret, TOTP } from 'otpauth';

import { clientSettings } from '../../local/aws';
import { mails } from '../../local/inbox';
import { signIn, type Tokens } from '../../local/sign-in';
import { type Answer, call, localStack } from '../local-stack';

export interface Someone {
  readonly email: string;
  readonly password: string;
}

/**
 * Somebody who has an account and has never signed in.
 *
 * @param verified whether codes may be sent to the address
 * @param group that they belong to
 */
export async function someone(verified: boolean, group?: string): Promise<Someone> {
  const { emulatorUrl, userPoolId } = localStack();
  const client = new CognitoIdentityProviderClient(clientSettings(emulatorUrl));
  const person = {
    email: `${randomUUID()}@example.com`,
    password: `${randomBytes(12).toString('base64url')}aA1!`,
  };
  const user = { UserPoolId: userPoolId, Username: person.email };
  const UserAttributes = [
    { Name: 'email', Value: person.email },
    { Name: 'email_verified', Value: String(verified) },
  ];
  await client.send(new AdminCreateUserCommand({ ...user, UserAttributes, MessageAction: 'SUPPRESS' }));
  await client.send(new AdminSetUserPasswordCommand({ ...user, Password: person.password, Permanent: true }));
  if (group !== undefined) await client.send(new AdminAddUserToGroupCommand({ ...user, GroupName: group }));
  client.destroy();
  return person;
}

export async function tokensOf(person: Someone): Promise<Tokens> {
  return signIn(localStack(), person, ['openid', 'widgets/read', 'widgets/write']);
}

/** The code in the newest mail to an address. */
export async function mailedCode(email: string): Promise<string> {
  const found = (await mails(localStack().emulatorUrl)).find(({ to }) => to === email);
  const code = /\b\d{6}\b/.exec(found?.body ?? '')?.[0];
  if (code === undefined) throw new Error('no code was mailed');
  return code;
}

export function codesSentTo(email: string): Promise<number> {
  return mails(localStack().emulatorUrl).then((all) => all.filter(({ to }) => to === email).length);
}

/** An authenticator app. */
export class App {
  private readonly totp: TOTP;

  constructor(secret: string) {
    this.totp = new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30 });
  }

  /** @param steps of thirty seconds from now */
  code(steps = 0): string {
    return this.totp.generate({ timestamp: Date.now() + steps * 30_000 });
  }

  /** Six digits that are the code of no step anywhere near. */
  wrong(): string {
    const near = [-2, -1, 0, 1, 2].map((step) => this.code(step));
    return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code))!;
  }
}

export const TRANSFER = JSON.stringify({ amountCents: 12_500, to: 'DE89370400440532013000' });

export function digestOf(body: string): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

export function transfer(token: string, body = TRANSFER, digest = digestOf(body)): Promise<Answer> {
  return call('/transfer', {
    method: 'POST',
    token,
    body,
    headers: { 'content-type': 'application/json', 'content-digest': digest },
  });
}

export function initiate(
  token: string,
  wanted: object = { method: 'POST', path: '/transfer', contentDigest: digestOf(TRANSFER) },
): Promise<Answer> {
  return call('/initiate-auth', { method: 'POST', token, body: wanted });
}

export function respond(
  token: string,
  challengeId: unknown,
  code: string,
  more: object = {},
): Promise<Answer> {
  return call('/respond-to-challenge', {
    method: 'POST',
    token,
    body: { challengeId, 'challenge-response': code, ...more },
  });
}

/** Somebody whose only factor is an app, enrolled before the sign-in whose token this is. */
export async function withApp(): Promise<{ token: string; app: App; person: Someone }> {
  const person = await someone(false);
  const first = await tokensOf(person);
  const begun = await call('/factors/totp', { method: 'POST', token: first.accessToken });
  const app = new App(String(begun.body['secret']));
  const code = { code: app.code(-1) };
  const confirmed = await call('/factors/totp/confirm', {
    method: 'POST',
    token: first.accessToken,
    body: code,
  });
  if (confirmed.status !== 200) throw new Error(`not confirmed: ${confirmed.status}`);
  // a sign-in of the same second does not count as one that came after
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  return { token: (await tokensOf(person)).accessToken, app, person };
}
