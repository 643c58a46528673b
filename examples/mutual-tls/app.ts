/** An app with a REST API of its own for partners with client certificates, which adopts their revocation. */
import { join } from 'node:path';

import { App, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { EndpointType, LambdaIntegration, RestApi, SecurityPolicy } from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Construct } from 'constructs';
import { FrontDoor, readDocument, RevocationCheck, RevocationLists, TrustStore } from 'sallyport';

import { ordersBackEnd } from '../existing';

export interface PartnersProps extends StackProps {
  /** E.g. `partners.example.com`. */
  readonly domainName: string;
  /** Certificate of the domain in ACM. */
  readonly certificateArn: string;
  /** PEM file with the certificates of the CAs that partners' certificates come from. */
  readonly authorities: string;
}

export class Partners extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { domainName, certificateArn, authorities, ...props }: PartnersProps,
  ) {
    super(scope, id, props);
    // adopt {
    const trustStore = new TrustStore(this, 'TrustStore', { file: authorities });
    const lists = new RevocationLists(this, 'RevocationLists', { trustStore });
    const frontDoor = new FrontDoor(this, 'FrontDoor', {
      document: readDocument(join(__dirname, 'openapi.yaml')),
      certificates: { scheme: 'certificate', check: new RevocationCheck({ lists: lists.bucket }) },
    });
    // }
    const api = new RestApi(this, 'Api', {
      endpointTypes: [EndpointType.REGIONAL],
      domainName: {
        domainName,
        certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
        securityPolicy: SecurityPolicy.TLS_1_2,
        // adopt {
        mtls: trustStore,
        // }
      },
      // adopt {
      disableExecuteApiEndpoint: true,
      defaultMethodOptions: { authorizer: frontDoor.requestAuthorizer() },
      // }
    });
    api.root.addResource('orders').addMethod('GET', new LambdaIntegration(ordersBackEnd(this)));
    // adopt {
    frontDoor.guard(api);
    // }
    new CfnOutput(this, 'ListsBucket', { value: lists.bucket.bucketName });
    new CfnOutput(this, 'ApiId', { value: api.restApiId });
  }
}

if (require.main === module) {
  const app = new App();
  const given = (key: keyof PartnersProps): string => String(app.node.getContext(key));
  new Partners(app, 'orders-partners', {
    domainName: given('domainName'),
    certificateArn: given('certificateArn'),
    authorities: given('authorities'),
  });
}
