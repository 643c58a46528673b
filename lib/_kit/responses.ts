/** What the functions behind an API do about answers that its document does not allow. */
import { Duration, Stack } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Function as LambdaFunction, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

import { RESPONSE_MISMATCH_METRIC, responsesEnv } from '../../lambdas/_kernel/env';
import { HouseAlarm } from './alarm';

export interface ResponseValidationProps {
  /** Share of the answers that is compared with the document, in percent, 0 to 100. */
  readonly percent: number;
  /** `report` sends an answer that does not fit as it is, logs where and counts it; `refuse` answers 500. */
  readonly mismatch: 'report' | 'refuse';
}

/** Tells the functions, and has one alarm for all of them. */
export class ResponseValidation extends Construct {
  /** Answers went out that the document does not allow, in three of five minutes. */
  readonly alarm: HouseAlarm;

  /**
   * @param handlers by `operationId`, each made with the handler wrapper
   * @throws Error for a function of another app, whose environment this one cannot set
   */
  constructor(
    scope: Construct,
    id: string,
    { percent, mismatch }: ResponseValidationProps,
    handlers: Readonly<Record<string, IFunction>>,
  ) {
    super(scope, id);
    // counted over all functions of the API: an alarm for each would be as many as there are operations
    const api = `${Stack.of(this).stackName}-${scope.node.id}`;
    const environment = responsesEnv.provide({
      RESPONSE_VALIDATION_PERCENT: percent,
      RESPONSE_MISMATCH: mismatch,
      RESPONSE_METRIC_API: api,
    });
    for (const [operationId, handler] of Object.entries(handlers)) {
      if (!(handler instanceof LambdaFunction))
        throw new Error(
          `handlers.${operationId} is not a function of this app, so responseValidation cannot be told to it; leave it out`,
        );
      for (const [name, value] of Object.entries(environment)) handler.addEnvironment(name, value);
    }
    this.alarm = new HouseAlarm(this, 'Mismatch', {
      description:
        'API: answers were sent that openapi.yaml does not allow; the log has the places as answer_off_document, see docs/api.md',
      metric: new Metric({
        namespace: 'Sallyport',
        metricName: RESPONSE_MISMATCH_METRIC,
        dimensionsMap: { Api: api },
        statistic: Stats.SUM,
        period: Duration.minutes(1),
      }),
    });
  }
}
