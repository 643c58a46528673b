/**
 * A stack of its own around a generated document, as another CDK app would adopt the constructs: an existing user pool,
 * one function behind all operations, verdicts cached. Settings come by context: `operations`, `userPoolId`,
 * `clientId`, `cacheSeconds`.
 */
import { App, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { UserPool, UserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { Code, Function as LambdaFunction, Runtime, type IFunction } from 'aws-cdk-lib/aws-lambda';

import { Api, FrontDoor } from '../../lib';
import { operationsOf } from '../../lib/api';
import { largeDocument } from './sample';

interface LargeProps extends StackProps {
  readonly operations: number;
  readonly userPoolId: string;
  readonly clientId: string;
  readonly cacheSeconds: number;
}

/** Answers with what reached it. */
const ECHO = `exports.handler = async (event) => ({
  statusCode: 200,
  body: JSON.stringify({ resource: event.resource, subject: event.requestContext.authorizer.subject }),
});`;

export class LargeStack extends Stack {
  constructor(app: App, { operations, userPoolId, clientId, cacheSeconds, ...props }: LargeProps) {
    super(app, 'sallyport-large', props);
    const document = largeDocument(operations);
    const frontDoor = new FrontDoor(this, 'FrontDoor', {
      document,
      accessTokens: {
        scheme: 'token',
        userPool: UserPool.fromUserPoolId(this, 'Pool', userPoolId),
        clients: [UserPoolClient.fromUserPoolClientId(this, 'Client', clientId)],
      },
      resultCacheSeconds: cacheSeconds,
    });
    const echo = new LambdaFunction(this, 'Echo', {
      code: Code.fromInline(ECHO),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
    }) as IFunction;
    const api = new Api(this, 'Api', {
      document,
      handlers: Object.fromEntries(operationsOf(document).map(({ id }) => [id, echo])),
      authorizer: frontDoor,
      manageLogRole: false,
    });
    new CfnOutput(this, 'ApiId', { value: api.restApi.restApiId });
  }
}

if (require.main === module) {
  const app = new App();
  const context = (name: string): string => String(app.node.tryGetContext(name));
  new LargeStack(app, {
    operations: Number(context('operations')),
    userPoolId: context('userPoolId'),
    clientId: context('clientId'),
    cacheSeconds: Number(context('cacheSeconds')),
    env: { account: '000000000000', region: 'us-east-1' },
  });
}
