/** One secret, read when it is needed. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** Bounded in time: 2 attempts of at most 2 s each. */
export async function readSecret(arn: string): Promise<string> {
  const client = new SecretsManagerClient({
    maxAttempts: 2,
    // without throwOnRequestTimeout the SDK only writes a warning when the time is over
    requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
  });
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  return SecretString;
}
