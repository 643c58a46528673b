/** Alarms of step-up: somebody guesses codes, or what happened can no longer be told. */
import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

import { AUDIT_LOST_METRIC, LOCKOUT_METRIC } from '../../lambdas/step-up/contract';
import { HouseAlarm } from '../_kit/alarm';

const PERIOD = Duration.minutes(1);

export class StepUpAlarms extends Construct {
  /** People were locked out in three of five minutes: codes are being guessed. */
  readonly lockouts: HouseAlarm;
  /** Events did not reach the bus; they stand in the logs. */
  readonly auditLost: HouseAlarm;

  /** @param tellers functions that tell events */
  constructor(scope: Construct, id: string, responder: IFunction, tellers: readonly IFunction[]) {
    super(scope, id);
    this.lockouts = new HouseAlarm(this, 'Lockouts', {
      description: 'step-up: people were locked out after wrong codes; see the events and docs/step-up.md',
      metric: countOf(LOCKOUT_METRIC, responder),
    });
    const each = Object.fromEntries(
      tellers.map((teller, index) => [`m${index}`, countOf(AUDIT_LOST_METRIC, teller)]),
    );
    this.auditLost = new HouseAlarm(this, 'AuditLost', {
      description: 'step-up: events did not reach the event bus; they stand in the logs of the functions',
      metric: new MathExpression({
        expression: `SUM([${Object.keys(each)
          .map((name) => `FILL(${name}, 0)`)
          .join(', ')}])`,
        usingMetrics: each,
        period: PERIOD,
      }),
    });
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
