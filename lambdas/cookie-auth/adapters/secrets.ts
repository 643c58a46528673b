/** Key ring and client secret, read from Secrets Manager and kept for a while. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

import type { Clock } from '../../_kernel/clock';
import { type KeyRing, parseKeyRing } from '../core/seal';

/** Milliseconds after which a secret is read anew, so that a key which was withdrawn stops opening. */
const MAX_AGE_MS = 300_000;
/** Milliseconds between two readings that unknown key ids ask for, whatever callers send. */
const PAUSE_MS = 10_000;

type ReadSecret = (arn: string) => Promise<string>;

/** Reads from Secrets Manager, bounded in time. */
export function secretsManager(): ReadSecret {
  const client = new SecretsManagerClient({
    maxAttempts: 2,
    // without throwOnRequestTimeout the SDK only writes a warning when the time is over
    requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
  });
  return async (SecretId) => {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
    return SecretString;
  };
}

/** The secret's text, read once in five minutes. */
export function keptSecret(read: ReadSecret, arn: string, clock: Clock): () => Promise<string> {
  let kept: { readonly text: string; readonly goodUntil: number } | undefined;
  return async () => {
    if (kept === undefined || clock() >= kept.goodUntil) {
      kept = { text: await read(arn), goodUntil: clock() + MAX_AGE_MS };
    }
    return kept.text;
  };
}

/**
 * The key ring, read once in five minutes, and when a key id is asked for that is not in it: then at most once in ten
 * seconds.
 *
 * @throws Error when the secret is no key ring
 */
export function keptKeyRing(
  read: ReadSecret,
  arn: string,
  clock: Clock,
): (keyId?: string) => Promise<KeyRing> {
  let kept: { readonly ring: KeyRing; readonly readAt: number } | undefined;
  return async (keyId) => {
    const age = kept === undefined ? Infinity : clock() - kept.readAt;
    const unknown = keyId !== undefined && kept?.ring.keys.has(keyId) === false;
    if (kept === undefined || age >= MAX_AGE_MS || (unknown && age >= PAUSE_MS)) {
      const ring = parseKeyRing(await read(arn));
      if (ring === undefined)
        throw new Error('the key ring secret is not a key ring; see docs/cookie-auth.md');
      kept = { ring, readAt: clock() };
    }
    return kept.ring;
  };
}
