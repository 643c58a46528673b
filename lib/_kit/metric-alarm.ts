/** Metrics of functions, and alarms that fire at the first minute that is wrong. */
import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Metric,
  Stats,
  TreatMissingData,
  type AlarmProps,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/** A metric of one function; there is one series of it. */
export function metricOf(
  source: IFunction,
  metricName: string,
  statistic: string = Stats.SUM,
  period: Duration = Duration.minutes(1),
): Metric {
  const dimensionsMap = { FunctionName: source.functionName };
  return new Metric({ namespace: 'Sallyport', metricName, dimensionsMap, statistic, period });
}

/** Fires at the first occurrence: what is counted happens once, and is not mended by itself. */
export function alarmAtOnce(scope: Construct, id: string, metric: IMetric, description: string): Alarm {
  const comparisonOperator = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD;
  return alarm(scope, id, { metric, threshold: 1, comparisonOperator, alarmDescription: description });
}

/** Fires when a value is larger than it should be; nothing measured is nothing wrong. */
export function alarmAbove(
  ...[scope, id, metric, threshold, alarmDescription]: Parameters<typeof alarmBelow>
): Alarm {
  const comparisonOperator = ComparisonOperator.GREATER_THAN_THRESHOLD;
  return alarm(scope, id, { metric, threshold, comparisonOperator, alarmDescription });
}

/** Fires when a value falls below what is needed, and when nobody has measured it. */
export function alarmBelow(
  scope: Construct,
  id: string,
  metric: IMetric,
  threshold: number,
  alarmDescription: string,
): Alarm {
  const comparisonOperator = ComparisonOperator.LESS_THAN_THRESHOLD;
  const treatMissingData = TreatMissingData.BREACHING;
  return alarm(scope, id, { metric, threshold, comparisonOperator, treatMissingData, alarmDescription });
}

function alarm(scope: Construct, id: string, props: Omit<AlarmProps, 'evaluationPeriods'>): Alarm {
  return new Alarm(scope, id, {
    treatMissingData: TreatMissingData.NOT_BREACHING,
    ...props,
    evaluationPeriods: 1,
  });
}
