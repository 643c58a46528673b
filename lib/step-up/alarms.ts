/** Alarms of step-up: somebody guesses codes, or what happened can no longer be told. */
import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

import { AUDIT_LOST_METRIC, LOCKOUT_METRIC } from '../../lambdas/step-up/contract';
import { HouseAlarm } from '../_kit/alarm';

const PERIOD = Duration.minutes(1);

export class StepUpAlarms extends Construct {
  /** People were locked out in three of five minutes: codes are being guessed. */
  readonly lockouts: HouseAlarm;
  /** Events of a function did not reach the bus; they stand in its log. */
  readonly auditLost: readonly HouseAlarm[];

  /** @param tellers functions that tell events, by `operationId` */
  constructor(
    scope: Construct,
    id: string,
    responder: IFunction,
    tellers: Readonly<Record<string, IFunction>>,
  ) {
    super(scope, id);
    this.lockouts = new HouseAlarm(this, 'Lockouts', {
      description: 'step-up: people were locked out after wrong codes; see the events and docs/step-up.md',
      metric: countOf(LOCKOUT_METRIC, responder),
    });
    this.auditLost = Object.entries(tellers).map(
      ([operationId, teller]) =>
        new HouseAlarm(this, `AuditLost-${operationId}`, {
          description: `step-up: events of ${operationId} did not reach the event bus; they stand in its log`,
          metric: countOf(AUDIT_LOST_METRIC, teller),
        }),
    );
  }
}

function countOf(metricName: string, { functionName }: IFunction): Metric {
  return new Metric({
    namespace: 'Sallyport',
    metricName,
    dimensionsMap: { FunctionName: functionName },
    statistic: Stats.SUM,
    period: PERIOD,
  });
}
