/** Instances of the authorizer that are kept warm, at all times or by the clock. */
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { Alias, type IFunction, type IVersion } from 'aws-cdk-lib/aws-lambda';

import type { HouseFunction } from '../_kit/function';

/** From a time on, so many. */
export interface WarmAt {
  /** Cron expression of EventBridge in UTC, e.g. `cron(0 7 ? * MON-FRI *)`. */
  readonly at: string;
  readonly instances: number;
}

/** What API Gateway invokes: an alias where anything is kept warm. */
export function warm(
  authorizer: HouseFunction,
  {
    provisionedConcurrency,
    warmSchedule = [],
  }: { readonly provisionedConcurrency?: number; readonly warmSchedule?: readonly WarmAt[] },
): IFunction {
  if (provisionedConcurrency === undefined && warmSchedule.length === 0) return authorizer;
  // the casts are for exactOptionalPropertyTypes, which the construct library is not compiled under
  const alias = new Alias(authorizer, 'Warm', {
    aliasName: 'warm',
    version: authorizer.currentVersion as IVersion,
    ...(provisionedConcurrency === undefined
      ? {}
      : { provisionedConcurrentExecutions: provisionedConcurrency }),
  });
  if (warmSchedule.length > 0) {
    const least = provisionedConcurrency ?? 1;
    const scaling = alias.addAutoScaling({
      minCapacity: least,
      maxCapacity: Math.max(least, ...warmSchedule.map(({ instances }) => instances)),
    });
    warmSchedule.forEach(({ at, instances }, i) => {
      scaling.scaleOnSchedule(`At${i + 1}`, {
        schedule: Schedule.expression(at),
        minCapacity: instances,
        maxCapacity: instances,
      });
    });
  }
  return alias as IFunction;
}
