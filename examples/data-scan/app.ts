/** An app with a user pool of its own that adopts the data scan: what arrives is scanned, two people release the rest. */
import { join } from 'node:path';

import { App, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Api, DataScan, DataScanBuckets, FrontDoor, readDocument, ReviewDesk, StepUp } from 'sallyport';

import { Existing, SITE_URL } from '../existing';

export class Intake extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const { userPool, client, backEnd } = new Existing(this, 'Existing');
    const document = readDocument(join(__dirname, 'openapi.yaml'));
    // adopt {
    const stateMachineName = `${this.stackName}-data-scan`;
    const stores = new DataScanBuckets(this, 'Stores');
    const scan = new DataScan(this, 'DataScan', {
      ...{ stores, stateMachineName, siteUrl: SITE_URL },
      notify: { via: 'sns', to: ['data-reviewers@example.com'] },
    });
    const desk = new ReviewDesk(this, 'ReviewDesk', {
      ...{ stores, stateMachineName },
      twoPeople: true,
      notUploader: true,
    });
    const stepUp = new StepUp(this, 'StepUp', { document, userPool });
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
        listOrders: backEnd,
        // adopt {
        ...desk.handlers,
        ...stepUp.handlers,
        // }
      },
      authorizer,
    });
    new CfnOutput(this, 'ApiId', { value: api.restApi.restApiId });
    new CfnOutput(this, 'RawBucketName', { value: stores.raw.bucketName });
    new CfnOutput(this, 'StateMachineArn', { value: scan.stateMachine.stateMachineArn });
  }
}

if (require.main === module) new Intake(new App(), 'intake');
