/** The house alarm: a count that should be zero, over minutes. */
import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface HouseAlarmProps {
  /** Sum over one minute; a minute without data is a good one. */
  readonly metric: IMetric;
  /** What happened, and where to look. */
  readonly description: string;
}

/** Fires when three of five minutes are bad. It has no actions: an adopter adds those with `addAlarmAction`. */
export class HouseAlarm extends Alarm {
  constructor(scope: Construct, id: string, { metric, description }: HouseAlarmProps) {
    super(scope, id, {
      alarmDescription: description,
      metric,
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
