/** What a function may tell others: events of its own source, mail from its own address. */
import { Stack } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

import type { HouseFunction } from './function';

/**
 * Lets a function put events on a bus. A bus has events of others too, and rules that act upon them.
 *
 * @param source that its events name
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
 */
export function grantEvents(handler: HouseFunction, bus: IEventBus, source: string): void {
  handler.addToRolePolicy(
    new PolicyStatement({
      actions: ['events:PutEvents'],
      resources: [bus.eventBusArn],
      conditions: { StringEquals: { 'events:source': source } },
    }),
  );
}

/**
 * Lets a function send mail. The identity that Amazon SES knows may be the whole domain.
 *
 * @param from address that the mail is from, without a name
 * @see https://docs.aws.amazon.com/ses/latest/dg/control-user-access.html
 */
export function grantMail(handler: HouseFunction, from: string): void {
  const identities = [from, from.split('@')[1] ?? from];
  handler.addToRolePolicy(
    new PolicyStatement({
      actions: ['ses:SendEmail'],
      resources: identities.map((resourceName) =>
        Stack.of(handler).formatArn({ service: 'ses', resource: 'identity', resourceName }),
      ),
      conditions: { StringEquals: { 'ses:FromAddress': from } },
    }),
  );
}
