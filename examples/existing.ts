/** What the examples' apps had before: a user pool with a confidential client, and a function behind the API. */
import { CfnOutput, SecretValue, Stack } from 'aws-cdk-lib';
import {
  OAuthScope,
  ResourceServerScope,
  UserPool,
  type CfnUserPoolClient,
  type UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

export const SITE_URL = 'https://orders.example.com';

const BACK_END = `
exports.handler = async ({ requestContext: { authorizer = {} } }) => {
  const { subject, scopes } = authorizer.lambda ?? authorizer;
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ subject, scopes }) };
};`;

/** Answers who the caller is. */
export function ordersBackEnd(scope: Construct): LambdaFunction {
  return new LambdaFunction(scope, 'BackEnd', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline(BACK_END),
  });
}

export class Existing extends Construct {
  readonly userPool: UserPool;
  readonly client: UserPoolClient;
  readonly clientSecret: ISecret;
  readonly backEnd: LambdaFunction;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.userPool = new UserPool(this, 'Pool', { signInAliases: { email: true } });
    const { stackName, account } = Stack.of(this);
    this.userPool.addDomain('LoginPages', { cognitoDomain: { domainPrefix: `${stackName}-${account}` } });
    const scopes = ['read', 'write'].map(
      (scopeName) => new ResourceServerScope({ scopeName, scopeDescription: `${scopeName} orders` }),
    );
    const server = this.userPool.addResourceServer('Orders', { identifier: 'orders', scopes });
    this.client = this.userPool.addClient('Web', {
      generateSecret: true,
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, ...scopes.map((one) => OAuthScope.resourceServer(server, one))],
        callbackUrls: [`${SITE_URL}/api/auth/callback`],
        logoutUrls: [`${SITE_URL}/`],
      },
    });
    const { attrClientSecret } = this.client.node.defaultChild as CfnUserPoolClient;
    this.clientSecret = new Secret(this, 'ClientSecret', {
      secretStringValue: SecretValue.resourceAttribute(attrClientSecret),
    }) as ISecret;
    this.backEnd = ordersBackEnd(this);
    new CfnOutput(scope, 'UserPoolId', { value: this.userPool.userPoolId });
    new CfnOutput(scope, 'UserPoolClientId', { value: this.client.userPoolClientId });
    new CfnOutput(scope, 'ClientSecretArn', { value: this.clientSecret.secretArn });
  }
}
