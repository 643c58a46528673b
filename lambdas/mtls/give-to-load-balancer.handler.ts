/** A list was published: the trust store of a load balancer gets the same verified list. */
import { atFirstUse } from '../_kernel/env';
import { createLogger } from '../_kernel/log';
import { readInForce } from './adapters/in-force';
import { loadBalancerClient, replaceRevocation } from './adapters/load-balancer';
import { s3Client } from './adapters/s3';
import { ELSEWHERE_REFUSED_METRIC, nameOfManifest, trustStoreEnv } from './contract';
import { whyNotForLoadBalancer } from './core/elsewhere';
import { keyOf } from './core/upload';

const log = createLogger();

const parts = atFirstUse(() => {
  const env = trustStoreEnv.read(process.env);
  const clients = { s3: s3Client(env.AWS_ENDPOINT_URL !== undefined), loadBalancer: loadBalancerClient() };
  return { clients, bucket: env.LISTS_BUCKET, trustStore: env.LOAD_BALANCER_TRUST_STORE_ARN };
});

/** A list that a load balancer cannot take is said and counted; trouble throws and is tried again. */
export async function handler(event: unknown): Promise<void> {
  const { clients, bucket, trustStore } = parts();
  const name = nameOfManifest(keyOf(event) ?? '');
  const inForce = name === undefined ? undefined : await readInForce(clients.s3, bucket, name);
  if (name === undefined || inForce === undefined) return;
  const reason = whyNotForLoadBalancer(inForce.manifest);
  if (reason === undefined) {
    await replaceRevocation(clients, { bucket, name, trustStore }, inForce.source);
    log.info('load_balancer_has_list', { name });
    return;
  }
  log.error('load_balancer_refused', { name, reason });
  log.metric(ELSEWHERE_REFUSED_METRIC, {});
}
