/** Tells every step-up and refusal to an event bus; what cannot be told there is counted, and stands in the log. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

import type { Logger } from '../../_kernel/log';
import { AUDIT_LOST_METRIC, AUDIT_SOURCE, LOCKOUT_METRIC } from '../contract';
import type { Audit } from '../core/audit';

export function auditEvents(EventBusName: string, logger: Logger): Audit {
  const client = new EventBridgeClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 500, requestTimeout: 1500, throwOnRequestTimeout: true },
  });
  return async (event) => {
    const { outcome, reason = 'none', factor = 'none' } = event;
    logger.metric('StepUps', { Outcome: outcome, Reason: reason });
    if (outcome === 'locked') logger.metric(LOCKOUT_METRIC, {});
    logger.info('step_up', {
      outcome,
      reason,
      factor,
      ...(event.opens === undefined ? {} : { opens: event.opens }),
    });
    try {
      const { FailedEntryCount = 0 } = await client.send(
        new PutEventsCommand({
          Entries: [
            {
              EventBusName,
              Source: AUDIT_SOURCE,
              DetailType: `Step-up ${outcome}`,
              Detail: JSON.stringify(event),
            },
          ],
        }),
      );
      if (FailedEntryCount === 0) return;
      logger.error('audit_event_lost', { outcome });
    } catch (cause) {
      logger.error('audit_event_lost', { outcome }, cause);
    }
    logger.metric(AUDIT_LOST_METRIC, {});
  };
}
