/** Secrets of authenticator apps, sealed by KMS for one person: under another's name they do not open. */
import { DecryptCommand, EncryptCommand, InvalidCiphertextException, KMSClient } from '@aws-sdk/client-kms';

interface SealedSecrets {
  /** @returns base64 */
  seal(subject: string, secret: Uint8Array): Promise<string>;
  /** @returns `undefined` when it was not sealed for this person */
  unseal(subject: string, sealed: string): Promise<Uint8Array | undefined>;
}

export function sealedSecrets(KeyId: string): SealedSecrets {
  const client = new KMSClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 500, requestTimeout: 2000, throwOnRequestTimeout: true },
  });
  // authenticated, not encrypted (https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html)
  const contextOf = (subject: string): Record<string, string> => ({ purpose: 'step-up totp', subject });
  return {
    seal: async (subject, secret) => {
      const { CiphertextBlob } = await client.send(
        new EncryptCommand({ KeyId, Plaintext: secret, EncryptionContext: contextOf(subject) }),
      );
      if (CiphertextBlob === undefined) throw new TypeError('KMS answered without a ciphertext');
      return Buffer.from(CiphertextBlob).toString('base64');
    },
    unseal: async (subject, sealed) => {
      try {
        const { Plaintext } = await client.send(
          new DecryptCommand({
            KeyId,
            CiphertextBlob: Buffer.from(sealed, 'base64'),
            EncryptionContext: contextOf(subject),
          }),
        );
        return Plaintext;
      } catch (cause) {
        if (cause instanceof InvalidCiphertextException) return undefined;
        throw cause;
      }
    },
  };
}
