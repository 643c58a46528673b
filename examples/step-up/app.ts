/** An app with a user pool of its own that adopts step-up: a refund takes a code of an authenticator app. */
import { join } from 'node:path';

import { App, CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Api, FrontDoor, readDocument, StepUp } from 'sallyport';

import { Existing } from '../existing';

export class Refunds extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const { userPool, client, backEnd } = new Existing(this, 'Existing');
    const document = readDocument(join(__dirname, 'openapi.yaml'));
    // adopt {
    const stepUp = new StepUp(this, 'StepUp', { document, userPool, itemTtl: Duration.minutes(5) });
    // }
    const authorizer = new FrontDoor(this, 'FrontDoor', {
      document,
      accessTokens: { scheme: 'bearer', userPool, clients: [client] },
      // adopt {
      stepUp,
      // }
    });
    const api = new Api(this, 'Api', {
      document,
      handlers: {
        refund: backEnd,
        // adopt {
        ...stepUp.handlers,
        // }
      },
      authorizer,
    });
    new CfnOutput(this, 'ApiId', { value: api.restApi.restApiId });
  }
}

if (require.main === module) new Refunds(new App(), 'refunds');
