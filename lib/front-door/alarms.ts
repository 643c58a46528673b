/** Alarms of the front door: what shuts it for people it should let in. */
import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

import { FORBID_REASONS, TROUBLE_REASONS } from '../../lambdas/front-door/contract';

const PERIOD = Duration.minutes(1);

/**
 * Each fires when three of five minutes are bad; a minute without requests is not. They have no actions: an adopter adds
 * those with `addAlarmAction`.
 */
export class FrontDoorAlarms extends Construct {
  /** Key set, policy or a check could not be had, so callers with good credentials got 403. */
  readonly unavailable: Alarm;
  /** Executions that ended without a decision: timeouts, crashes. A 403 is an error of the function too, and not counted. */
  readonly failing: Alarm;
  /** The concurrency ceiling was reached, so requests were refused unseen. */
  readonly throttled: Alarm;

  constructor(scope: Construct, id: string, authorizer: IFunction) {
    super(scope, id);
    const decisions = Object.fromEntries(
      FORBID_REASONS.map((reason) => [reason, forbidden(authorizer, reason)]),
    );
    const sum = (reasons: readonly string[]): string =>
      reasons.map((reason) => `FILL(${reason}, 0)`).join(' + ');
    const ofReasons = (reasons: readonly string[]): Record<string, IMetric> =>
      Object.fromEntries(Object.entries(decisions).filter(([reason]) => reasons.includes(reason)));
    this.unavailable = this.alarm(
      'Unavailable',
      'front door: a check could not be run, callers with good credentials got 403; see docs/front-door.md#reasons',
      new MathExpression({
        expression: sum(TROUBLE_REASONS),
        usingMetrics: ofReasons(TROUBLE_REASONS),
        period: PERIOD,
      }),
    );
    this.failing = this.alarm(
      'Failing',
      'front door: executions without a decision, callers got 403; see the log of the authorizer',
      new MathExpression({
        expression: `FILL(errors, 0) - (${sum(FORBID_REASONS)})`,
        usingMetrics: { errors: authorizer.metricErrors({ period: PERIOD }), ...ofReasons(FORBID_REASONS) },
        period: PERIOD,
      }),
    );
    this.throttled = this.alarm(
      'Throttled',
      'front door: concurrency ceiling reached, callers got 403; raise frontDoor.reservedConcurrency',
      authorizer.metricThrottles({ period: PERIOD }),
    );
  }

  private alarm(id: string, alarmDescription: string, metric: IMetric): Alarm {
    return new Alarm(this, id, {
      alarmDescription,
      metric,
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

/** Decisions that were answered with 403, as `_kernel/log.ts` counts them. */
function forbidden(authorizer: IFunction, reason: string): Metric {
  return new Metric({
    namespace: 'Sallyport',
    metricName: 'Decisions',
    dimensionsMap: { FunctionName: authorizer.functionName, Verdict: 'forbid', Reason: reason },
    statistic: Stats.SUM,
    period: PERIOD,
  });
}
