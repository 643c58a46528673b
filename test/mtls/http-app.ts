/** An HTTP API behind a domain with mutual TLS, with trust store and lists of the local stack. */
import { join } from 'node:path';

import { App, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { DomainName, HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Bucket } from 'aws-cdk-lib/aws-s3';

import { ordersBackEnd } from '../../examples/existing';
import { FrontDoor, readDocument, RevocationCheck } from '../../lib';

interface Existing extends StackProps {
  readonly domainName: string;
  readonly trustStoreBucket: string;
  readonly listsBucket: string;
}

class PartnerHttpStack extends Stack {
  constructor(app: App, { domainName, trustStoreBucket, listsBucket, ...props }: Existing) {
    super(app, 'sallyport-partner-http', props);
    const frontDoor = new FrontDoor(this, 'FrontDoor', {
      document: readDocument(join(__dirname, '../../examples/mutual-tls/openapi.yaml')),
      api: 'http',
      certificates: {
        scheme: 'certificate',
        check: new RevocationCheck({ lists: Bucket.fromBucketName(this, 'Lists', listsBucket) }),
      },
    });
    const api = new HttpApi(this, 'Api', {
      disableExecuteApiEndpoint: true,
      defaultAuthorizer: frontDoor.httpAuthorizer(),
      defaultDomainMapping: {
        domainName: new DomainName(this, 'Domain', {
          domainName,
          certificate: Certificate.fromCertificateArn(
            this,
            'Certificate',
            'arn:aws:acm:us-east-1:000000000000:certificate/http',
          ),
          mtls: {
            bucket: Bucket.fromBucketName(this, 'TrustStore', trustStoreBucket),
            key: 'truststore.pem',
          },
        }),
      },
    });
    api.addRoutes({
      path: '/orders',
      methods: [HttpMethod.GET],
      integration: new HttpLambdaIntegration('Orders', ordersBackEnd(this)),
    });
    frontDoor.guard(api);
    new CfnOutput(this, 'Logs', { value: frontDoor.logs.logGroupName });
  }
}

const app = new App();
const given = (key: keyof Existing): string => String(app.node.getContext(key));
new PartnerHttpStack(app, {
  domainName: given('domainName'),
  trustStoreBucket: given('trustStoreBucket'),
  listsBucket: given('listsBucket'),
  env: { account: '000000000000', region: 'us-east-1' },
});
