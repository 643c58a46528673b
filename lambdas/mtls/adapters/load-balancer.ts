/** Gives lists to the trust store of an Application Load Balancer, which reads them from S3 itself. */
import {
  AddTrustStoreRevocationsCommand,
  ElasticLoadBalancingV2Client,
  RemoveTrustStoreRevocationsCommand,
  RevocationIdNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

import { ELSEWHERE } from '../contract';
import type { Source } from '../core/publish';
import { ifThere } from './s3';

/** Bounded in time: 3 attempts of at most 20 s each, as AWS reads and counts the list meanwhile. */
export function loadBalancerClient(): ElasticLoadBalancingV2Client {
  return new ElasticLoadBalancingV2Client({
    maxAttempts: 3,
    // without throwOnRequestTimeout the SDK only writes a warning when the time is over
    requestHandler: { connectionTimeout: 2000, requestTimeout: 20_000, throwOnRequestTimeout: true },
  });
}

/**
 * Puts the new list beside the old one, then takes the old one away: at no time is neither there.
 *
 * What dies in between leaves one revocation too many, never one too few.
 */
export async function replaceRevocation(
  clients: { readonly s3: S3Client; readonly loadBalancer: ElasticLoadBalancingV2Client },
  {
    bucket,
    name,
    trustStore,
  }: { readonly bucket: string; readonly name: string; readonly trustStore: string },
  { key, version }: Source,
): Promise<void> {
  const { s3, loadBalancer } = clients;
  const note = { Bucket: bucket, Key: `${ELSEWHERE}load-balancer/${name}.json` };
  const before = await ifThere(s3.send(new GetObjectCommand(note)));
  const old = before?.Body === undefined ? undefined : Number(await before.Body.transformToString());
  const added = await loadBalancer.send(
    new AddTrustStoreRevocationsCommand({
      TrustStoreArn: trustStore,
      RevocationContents: [{ S3Bucket: bucket, S3Key: key, S3ObjectVersion: version, RevocationType: 'CRL' }],
    }),
  );
  const id = added.TrustStoreRevocations?.[0]?.RevocationId;
  if (id === undefined) throw new Error('the load balancer named no revocation');
  await s3.send(new PutObjectCommand({ ...note, Body: String(id) }));
  if (old === undefined) return;
  try {
    await loadBalancer.send(
      new RemoveTrustStoreRevocationsCommand({ TrustStoreArn: trustStore, RevocationIds: [old] }),
    );
  } catch (error) {
    // taken away by somebody else
    if (!(error instanceof RevocationIdNotFoundException)) throw error;
  }
}
