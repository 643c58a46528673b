/** An app with a REST API and a user pool of its own that adopts the front door and sign-in by cookie. */
import { join } from 'node:path';

import { App, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { AuthorizationType, LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';
import { CookieAuth, FrontDoor, readDocument, scopesOf } from 'sallyport';

import { Existing, SITE_URL } from '../existing';

export class RestOrders extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const { userPool, client, clientSecret, backEnd } = new Existing(this, 'Existing');
    // adopt {
    const document = readDocument(join(__dirname, 'openapi.yaml'));
    const cookieAuth = new CookieAuth(this, 'CookieAuth', {
      provider: { userPool, client, clientSecret },
      scopes: scopesOf(document, 'session'),
      siteUrl: SITE_URL,
    });
    const frontDoor = new FrontDoor(this, 'FrontDoor', {
      document,
      accessTokens: { scheme: 'bearer', userPool, clients: [client] },
      sessions: { scheme: 'session', cookieAuth },
    });
    // }
    const api = new RestApi(this, 'Api', {
      // adopt {
      defaultMethodOptions: { authorizer: frontDoor.requestAuthorizer() },
      // }
    });
    const integration = new LambdaIntegration(backEnd);
    const orders = api.root.addResource('orders');
    orders.addMethod('GET', integration);
    orders.addMethod('POST', integration);
    api.root.addResource('status').addMethod('GET', integration, {
      // adopt {
      authorizationType: AuthorizationType.NONE,
      // }
    });
    // adopt {
    cookieAuth.addRestRoutes(api, frontDoor.requestAuthorizer());
    frontDoor.guard(api);
    // }
    new CfnOutput(this, 'ApiId', { value: api.restApiId });
  }
}

if (require.main === module) new RestOrders(new App(), 'orders-rest');
