/** The people of the demonstration, in the user pool of the emulator. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';

import { clientSettings } from './aws';

export interface DemoUser {
  readonly email: string;
  readonly password: string;
  readonly groups: readonly string[];
  /** Scopes the console asks for in this person's name. */
  readonly scopes: readonly string[];
  readonly about: string;
}

type Person = Omit<DemoUser, 'password'>;

const READ = ['openid', 'widgets/read'];
const PEOPLE: readonly Person[] = [
  {
    email: 'ada@example.com',
    groups: ['admins'],
    scopes: [...READ, 'widgets/write'],
    about: 'may read and change widgets',
  },
  {
    email: 'bob@example.com',
    groups: [],
    scopes: [...READ, 'widgets/write'],
    about: 'the same, in no group',
  },
  {
    email: 'rita@example.com',
    groups: ['data-reviewers'],
    scopes: READ,
    about: 'reviews what the data scan found',
  },
  {
    email: 'ravi@example.com',
    groups: ['data-reviewers'],
    scopes: READ,
    about: 'the same: releasing may take two people',
  },
  { email: 'eve@example.com', groups: [], scopes: READ, about: 'asks for a token that may only read' },
];

/**
 * Makes the users, or finds them made; passwords are made once and kept in the home folder.
 *
 * @returns the users with their passwords
 */
export async function ensureUsers(
  home: string,
  emulatorUrl: string,
  UserPoolId: string,
): Promise<DemoUser[]> {
  const client = new CognitoIdentityProviderClient(clientSettings(emulatorUrl));
  const passwords = keptPasswords(home);
  const users = PEOPLE.map((person) => ({ ...person, password: passwords[person.email] ?? newPassword() }));
  const entries = users.map(({ email, password }) => [email, password]);
  writeFileSync(file(home), JSON.stringify(Object.fromEntries(entries)), { mode: 0o600 });
  for (const GroupName of new Set(users.flatMap(({ groups }) => groups))) {
    await unless('GroupExistsException', client.send(new CreateGroupCommand({ UserPoolId, GroupName })));
  }
  for (const { email, password, groups } of users) {
    const attributes = [
      { Name: 'email', Value: email },
      { Name: 'email_verified', Value: 'true' },
    ];
    await unless(
      'UsernameExistsException',
      client.send(
        new AdminCreateUserCommand({
          UserPoolId,
          Username: email,
          UserAttributes: attributes,
          MessageAction: 'SUPPRESS',
        }),
      ),
    );
    const Username = email;
    await client.send(
      new AdminSetUserPasswordCommand({ UserPoolId, Username, Password: password, Permanent: true }),
    );
    for (const GroupName of groups) {
      await client.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName }));
    }
  }
  client.destroy();
  return users;
}

/** A password that keeps any policy of Cognito. */
function newPassword(): string {
  return `${randomBytes(12).toString('base64url')}aA1!`;
}

function keptPasswords(home: string): Record<string, string> {
  if (!existsSync(file(home))) return {};
  try {
    return JSON.parse(readFileSync(file(home), 'utf8')) as Record<string, string>;
  } catch {
    return {};
  }
}

function file(home: string): string {
  return join(home, 'passwords.json');
}

async function unless(expected: string, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if ((error as Error).name !== expected) throw error;
  }
}
