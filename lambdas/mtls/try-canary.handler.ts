/** On a schedule: tries a revoked certificate at the partner domain, which must refuse it. */
import { atFirstUse } from '../_kernel/env';
import { createLogger } from '../_kernel/log';
import { callWithCertificate, clientIdentityOf } from './adapters/canary-call';
import { readSecret } from './adapters/secret';
import { CANARY_ADMITTED_METRIC, CANARY_REFUSED_METRIC, canaryEnv } from './contract';

const log = createLogger();
const environment = atFirstUse(() => canaryEnv.read(process.env));

/** An answer that is neither a refusal nor a success says nothing, and the alarm on missing refusals fires. */
export async function handler(): Promise<void> {
  const { CANARY_URL, CANARY_SECRET_ARN } = environment();
  const identity = clientIdentityOf(await readSecret(CANARY_SECRET_ARN));
  const status = await callWithCertificate(CANARY_URL, identity, 10_000);
  if (status === 401 || status === 403) {
    log.info('canary_refused', { status });
    log.metric(CANARY_REFUSED_METRIC, {});
    return;
  }
  // below 500 the front door let it through, whatever the back end says
  const admitted = status !== undefined && status < 500 && status !== 429;
  log.error(admitted ? 'canary_admitted' : 'canary_not_tried', { status });
  if (admitted) log.metric(CANARY_ADMITTED_METRIC, {});
}
