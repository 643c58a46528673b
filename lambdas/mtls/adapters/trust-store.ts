/** Puts the bundle of a deployment in its place. */
import { CopyObjectCommand, S3Client } from '@aws-sdk/client-s3';

import type { Placing } from '../core/placing';

/**
 * @returns the version that the bundle got
 * @throws Error when the bucket gave none, as it does where versioning is off
 */
export async function copyTrustStore({ sourceBucket, sourceKey, bucket, key }: Placing): Promise<string> {
  const client = new S3Client({
    maxAttempts: 3,
    // without throwOnRequestTimeout the SDK only writes a warning when the time is over
    requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
  });
  const CopySource = `${sourceBucket}/${encodeURIComponent(sourceKey)}`;
  const { VersionId } = await client.send(new CopyObjectCommand({ Bucket: bucket, Key: key, CopySource }));
  if (VersionId === undefined) throw new Error('the bucket of the trust store keeps no versions');
  return VersionId;
}
