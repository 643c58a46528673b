/** A REST API behind a domain with mutual TLS that asks responders about certificates without a list. */
import { join } from 'node:path';

import { App, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { EndpointType, LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

import { ordersBackEnd } from '../../examples/existing';
import { FrontDoor, readDocument, RevocationCheck, RevocationLists, TrustStore } from '../../lib';

interface Partners extends StackProps {
  readonly domainName: string;
  /** PEM file of the CAs. */
  readonly authorities: string;
  /** Addresses, with a blank between them. */
  readonly responders: string;
}

class OnlineStack extends Stack {
  constructor(app: App, { domainName, authorities, responders, ...props }: Partners) {
    super(app, 'sallyport-partner-ocsp', props);
    const lifecycle = { data: 'destroy', logs: RetentionDays.ONE_DAY } as const;
    const trustStore = new TrustStore(this, 'TrustStore', { file: authorities, lifecycle });
    const lists = new RevocationLists(this, 'RevocationLists', { trustStore, lifecycle });
    const [first = '', ...others] = responders.split(' ');
    const frontDoor = new FrontDoor(this, 'FrontDoor', {
      document: readDocument(join(__dirname, '../../examples/mutual-tls/openapi.yaml')),
      certificates: {
        scheme: 'certificate',
        check: new RevocationCheck({
          lists: lists.bucket,
          ocsp: { responders: [first, ...others], trustStore },
        }),
      },
    });
    const api = new RestApi(this, 'Api', {
      endpointTypes: [EndpointType.REGIONAL],
      domainName: {
        domainName,
        certificate: Certificate.fromCertificateArn(
          this,
          'Certificate',
          'arn:aws:acm:us-east-1:000000000000:certificate/ocsp',
        ),
        mtls: trustStore,
      },
      disableExecuteApiEndpoint: true,
      defaultMethodOptions: { authorizer: frontDoor.requestAuthorizer() },
    });
    api.root.addResource('orders').addMethod('GET', new LambdaIntegration(ordersBackEnd(this)));
    frontDoor.guard(api);
    new CfnOutput(this, 'ListsBucket', { value: lists.bucket.bucketName });
    new CfnOutput(this, 'Logs', { value: frontDoor.logs.logGroupName });
  }
}

const app = new App();
const given = (key: keyof Partners): string => String(app.node.getContext(key));
new OnlineStack(app, {
  domainName: given('domainName'),
  authorities: given('authorities'),
  responders: given('responders'),
  env: { account: '000000000000', region: 'us-east-1' },
});
