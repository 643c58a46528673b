/** Alarms of the front door: what shuts it for people it should let in. */
import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

import { TROUBLE_METRIC } from '../../lambdas/front-door/contract';
import { HouseAlarm } from '../_kit/alarm';

const PERIOD = Duration.minutes(1);

/** Beside these, `Api` has an alarm on executions that ended without a decision. */
export class FrontDoorAlarms extends Construct {
  /** Key set, policy or a check could not be had, so callers with good credentials got 403. */
  readonly unavailable: HouseAlarm;
  /** The concurrency ceiling was reached, so requests were refused unseen. */
  readonly throttled: HouseAlarm;

  constructor(scope: Construct, id: string, authorizer: IFunction) {
    super(scope, id);
    this.unavailable = new HouseAlarm(this, 'Unavailable', {
      description:
        'front door: a check could not be run, callers with good credentials got 403; see docs/front-door.md',
      metric: new Metric({
        namespace: 'Sallyport',
        metricName: TROUBLE_METRIC,
        dimensionsMap: { FunctionName: authorizer.functionName },
        statistic: Stats.SUM,
        period: PERIOD,
      }),
    });
    this.throttled = new HouseAlarm(this, 'Throttled', {
      description:
        'front door: concurrency ceiling reached, callers got 403; raise frontDoor.reservedConcurrency',
      metric: authorizer.metricThrottles({ period: PERIOD }),
    });
  }
}
