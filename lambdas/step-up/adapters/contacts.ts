/** Addresses and numbers of a person that Cognito has verified; no other is believed. */
import {
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';

import type { Contacts } from '../core/person';

/** @param UserPoolId `undefined` where no pool knows the people; then nobody has any */
export function contactsOf(UserPoolId: string | undefined): (subject: string) => Promise<Contacts> {
  if (UserPoolId === undefined) return () => Promise.resolve({});
  const client = new CognitoIdentityProviderClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 500, requestTimeout: 2000, throwOnRequestTimeout: true },
  });
  return async (subject) => {
    // `sub` is taken as a user name (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUser.html)
    const { UserAttributes = [] } = await client.send(
      new AdminGetUserCommand({ UserPoolId, Username: subject }),
    );
    const values = new Map(UserAttributes.map(({ Name, Value }) => [Name, Value]));
    const verified = (name: string): string | undefined =>
      values.get(`${name}_verified`) === 'true' ? values.get(name) : undefined;
    const [phone, email] = [verified('phone_number'), verified('email')];
    return {
      ...(phone === undefined ? {} : { phone }),
      ...(email === undefined ? {} : { email }),
    };
  };
}
