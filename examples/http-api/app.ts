/** An app with an HTTP API and a user pool of its own that adopts the front door and sign-in by cookie. */
import { join } from 'node:path';

import { App, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Construct } from 'constructs';
import { CookieAuth, FrontDoor, readDocument, scopesOf } from 'sallyport';

import { Existing, SITE_URL } from '../existing';

export class HttpOrders extends Stack {
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
      api: 'http',
      accessTokens: { scheme: 'bearer', userPool, clients: [client] },
      sessions: { scheme: 'session', cookieAuth },
    });
    // }
    const api = new HttpApi(this, 'Api', {
      // adopt {
      defaultAuthorizer: frontDoor.httpAuthorizer(),
      // }
    });
    api.addRoutes({
      path: '/orders',
      methods: [HttpMethod.GET, HttpMethod.POST],
      integration: new HttpLambdaIntegration('Orders', backEnd),
    });
    // adopt {
    cookieAuth.addHttpRoutes(api, frontDoor.httpAuthorizer());
    frontDoor.guard(api);
    // }
    new CfnOutput(this, 'ApiId', { value: api.apiId });
  }
}

if (require.main === module) new HttpOrders(new App(), 'orders-http');
