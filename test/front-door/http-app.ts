/** The document and the back end of this repository on an HTTP API, with the deployed user pool of the local stack. */
import { join } from 'node:path';

import { App, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { HttpApi, HttpMethod, HttpNoneAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { UserPool, UserPoolClient } from 'aws-cdk-lib/aws-cognito';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';

import {
  CookieAuth,
  FrontDoor,
  partitionDocument,
  readDocument,
  scopesOf,
  Widgets,
  WidgetsTable,
} from '../../lib';
import type { OpenApiDocument } from '../../lib';
import { omitOperations, operationsOf } from '../../lib/api';

interface Existing extends StackProps {
  readonly userPoolId: string;
  readonly clientId: string;
  readonly clientSecretName: string;
  readonly siteUrl: string;
}

/** Cognito sends no logout tokens, and the data scan is not part of this stack. */
const NOT_HERE = ['backchannelLogout', 'getReview', 'decideReview'];

class HttpStack extends Stack {
  constructor(app: App, props: Existing) {
    super(app, 'sallyport-http', props);
    const document = withoutStepUp(
      omitOperations(partitionDocument(readDocument(join(__dirname, '../../openapi.yaml'))).site, NOT_HERE),
    );
    const userPool = UserPool.fromUserPoolId(this, 'Pool', props.userPoolId);
    const client = UserPoolClient.fromUserPoolClientId(this, 'Client', props.clientId);
    const cookieAuth = new CookieAuth(this, 'CookieAuth', {
      provider: {
        userPool,
        client,
        clientSecret: Secret.fromSecretNameV2(this, 'ClientSecret', props.clientSecretName),
      },
      scopes: scopesOf(document, 'session'),
      siteUrl: props.siteUrl,
    });
    const frontDoor = new FrontDoor(this, 'FrontDoor', {
      document,
      api: 'http',
      accessTokens: { scheme: 'cognito', userPool, clients: [client] },
      sessions: { scheme: 'session', cookieAuth },
    });
    const api = new HttpApi(this, 'Api', { defaultAuthorizer: frontDoor.httpAuthorizer() });
    const table = new WidgetsTable(this, 'Table') as ITable;
    const { handlers } = new Widgets(this, 'Widgets', { table });
    for (const { id, method, path, security } of operationsOf(document)) {
      const handler = handlers[id];
      if (handler === undefined) continue;
      api.addRoutes({
        path,
        methods: [HttpMethod[method as keyof typeof HttpMethod]],
        integration: new HttpLambdaIntegration(id, handler),
        ...(security?.length === 0 ? { authorizer: new HttpNoneAuthorizer() } : {}),
      });
    }
    cookieAuth.addHttpRoutes(api, frontDoor.httpAuthorizer());
    frontDoor.guard(api);
    new CfnOutput(this, 'ApiId', { value: api.apiId });
  }
}

/** An HTTP API cannot carry the challenge of a step-up, so it has neither operations that demand one nor those that do it. */
function withoutStepUp(document: OpenApiDocument): OpenApiDocument {
  const paths = Object.entries(document['paths'] as Record<string, object>);
  const kept = paths.filter(([, item]) => !/"(x-)?step-up"/.test(JSON.stringify(item)));
  return { ...document, paths: Object.fromEntries(kept) } as OpenApiDocument;
}

if (require.main === module) {
  const app = new App();
  new HttpStack(app, {
    userPoolId: String(app.node.tryGetContext('userPoolId')),
    clientId: String(app.node.tryGetContext('clientId')),
    clientSecretName: String(app.node.tryGetContext('clientSecretName')),
    siteUrl: String(app.node.tryGetContext('siteUrl')),
    env: { account: '000000000000', region: 'us-east-1' },
  });
}
