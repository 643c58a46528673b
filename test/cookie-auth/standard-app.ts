/**
 * A stack of its own, as another CDK app would adopt cookie sign-in with a provider that is not Cognito: `issuer` by
 * context, sessions of ten minutes, the document of this repository.
 */
import { join } from 'node:path';

import { App, CfnOutput, Duration, SecretValue, Stack, type StackProps } from 'aws-cdk-lib';
import { UserPool, UserPoolClient } from 'aws-cdk-lib/aws-cognito';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';

import {
  Api,
  CookieAuth,
  FrontDoor,
  partitionDocument,
  readDocument,
  SessionKeyRing,
  SessionsTable,
  StepUp,
  StepUpTables,
  Widgets,
  WidgetsTable,
} from '../../lib';
import { omitOperations } from '../../lib/api';

const STANDARD_SITE = 'https://standard.example.com';
const STANDARD_SECRET = 'a secret/with+signs:and more than enough of them';

class StandardStack extends Stack {
  constructor(app: App, props: StackProps & { readonly issuer: string }) {
    super(app, 'sallyport-standard', props);
    const { site } = partitionDocument(readDocument(join(__dirname, '../../openapi.yaml')));
    // the data scan is not part of this stack
    const document = omitOperations(site, ['getReview', 'decideReview']);
    const sessions = new SessionsTable(this, 'Sessions');
    const keyRing = new SessionKeyRing(this, 'KeyRing');
    const cookieAuth = new CookieAuth(this, 'CookieAuth', {
      table: sessions as ITable,
      keyRing: keyRing as ISecret,
      provider: {
        issuer: props.issuer,
        clientId: 'web',
        clientSecret: new Secret(this, 'ClientSecret', {
          secretStringValue: SecretValue.unsafePlainText(STANDARD_SECRET),
        }) as ISecret,
        groupsClaim: 'groups',
        backChannelLogout: true,
      },
      scopes: ['offline_access', 'widgets/read', 'widgets/write'],
      siteUrl: STANDARD_SITE,
      sessionLifetime: Duration.minutes(10),
      idleTime: Duration.minutes(5),
    });
    const stepUpTables = new StepUpTables(this, 'StepUpTables');
    const stepUp = new StepUp(this, 'StepUp', { document, userPool: null, tables: stepUpTables });
    const authorizer = new FrontDoor(this, 'FrontDoor', {
      document,
      accessTokens: {
        scheme: 'cognito',
        userPool: UserPool.fromUserPoolId(this, 'Pool', 'us-east-1_nobody'),
        clients: [UserPoolClient.fromUserPoolClientId(this, 'Client', 'nobody')],
      },
      sessions: { scheme: 'session', cookieAuth },
      stepUp,
    });
    const table = new WidgetsTable(this, 'Table') as ITable;
    const { handlers } = new Widgets(this, 'Widgets', { table });
    const api = new Api(this, 'Api', {
      document,
      handlers: { ...handlers, ...cookieAuth.handlers, ...stepUp.handlers },
      authorizer,
      manageLogRole: false,
    });
    new CfnOutput(this, 'ApiId', { value: api.restApi.restApiId });
    new CfnOutput(this, 'SettingTableName', { value: stepUpTables.settings.tableName });
    new CfnOutput(this, 'SessionsTableName', { value: sessions.tableName });
    new CfnOutput(this, 'KeyRingArn', { value: keyRing.secretArn });
    new CfnOutput(this, 'CheckerName', { value: authorizer.handler.functionName });
    new CfnOutput(this, 'CallbackName', { value: cookieAuth.handlers['callback']?.functionName ?? '' });
  }
}

if (require.main === module) {
  const app = new App();
  new StandardStack(app, {
    issuer: String(app.node.tryGetContext('issuer')),
    env: { account: '000000000000', region: 'us-east-1' },
  });
}
