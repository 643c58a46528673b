/** Custom resource: copies the deployed bundle to the trust store and answers the version it got. */
import { createLogger } from '../_kernel/log';
import { answerStack } from './adapters/stack-answer';
import { copyTrustStore } from './adapters/trust-store';
import { readPlacing } from './core/placing';

const logger = createLogger();

export async function handler(event: unknown): Promise<void> {
  const placing = readPlacing(event);
  if (placing === undefined) {
    logger.error('event_not_served');
    return;
  }
  try {
    // the bucket and its versions go, or stay, as its removal policy says
    const version = placing.request === 'Delete' ? '' : await copyTrustStore(placing);
    await answerStack(placing, { Status: 'SUCCESS', Data: { VersionId: version } });
  } catch (cause) {
    logger.error('trust_store_not_placed', {}, cause);
    await answerStack(placing, {
      Status: 'FAILED',
      Reason: 'the trust store could not be placed; see the log of the function',
    });
  }
}
