/** Addresses and numbers of a person at Cognito, those it has verified apart from the others. */
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
    const those = (verified: boolean): { phone?: string; email?: string } => {
      const known = (name: string): string | undefined =>
        (values.get(`${name}_verified`) === 'true') === verified ? values.get(name) : undefined;
      const [phone, email] = [known('phone_number'), known('email')];
      return {
        ...(phone === undefined ? {} : { phone }),
        ...(email === undefined ? {} : { email }),
      };
    };
    return { ...those(true), unverified: those(false) };
  };
}
