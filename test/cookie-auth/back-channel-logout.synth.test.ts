/** What is deployed for logout tokens, and what its function may do. */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { UserPool, UserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';

import { CookieAuth, type CognitoProvider, type StandardProvider } from '../../lib';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

function deployed(provider: (stack: Stack) => CognitoProvider | StandardProvider): {
  cookieAuth: CookieAuth;
  template: Template;
} {
  const stack = new Stack(new App(), 'sample');
  const cookieAuth = new CookieAuth(stack, 'CookieAuth', {
    provider: provider(stack),
    scopes: [],
    siteUrl: 'https://site.test',
  });
  return { cookieAuth, template: Template.fromStack(stack) };
}

const secretOf = (stack: Stack): ISecret => new Secret(stack, 'ClientSecret') as ISecret;
const standard =
  (backChannelLogout: boolean) =>
  (stack: Stack): StandardProvider => ({
    issuer: 'https://login.test',
    clientId: 'web',
    clientSecret: secretOf(stack),
    groupsClaim: null,
    backChannelLogout,
  });
const cognito = (stack: Stack): CognitoProvider => ({
  userPool: UserPool.fromUserPoolId(stack, 'Pool', 'eu-west-1_pool'),
  client: UserPoolClient.fromUserPoolClientId(stack, 'Client', 'web'),
  clientSecret: secretOf(stack),
});

function statementsOf(template: Template, name: string): Statement[] {
  return Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.includes(name))
    .flatMap(([, policy]) => {
      const { PolicyDocument } = policy['Properties'] as { PolicyDocument: { Statement: Statement[] } };
      return PolicyDocument.Statement;
    });
}

const environments = (template: Template): string =>
  JSON.stringify(template.findResources('AWS::Lambda::Function'));

test('SESSION-04 only a provider that sends logout tokens has a function that takes them, and marked sessions', () => {
  const [told, untold, pool] = [deployed(standard(true)), deployed(standard(false)), deployed(cognito)];

  expect(told.cookieAuth.handlers['backchannelLogout']).not.toBeNull();
  expect(environments(told.template)).toContain('"BACK_CHANNEL_LOGOUT":"on"');
  for (const { cookieAuth, template } of [untold, pool]) {
    expect(cookieAuth.handlers['backchannelLogout']).toBeNull();
    expect(cookieAuth.handlers['logout']).not.toBeNull();
    expect(environments(template)).not.toContain('BACK_CHANNEL_LOGOUT');
    template.resourceCountIs('AWS::Lambda::Function', 4);
  }
});

test('SESSION-04 its function takes tokens, finds sessions by two indexes and ends them, and reads none', () => {
  const { template } = deployed(standard(true));
  const statements = statementsOf(template, 'backchannelLogout').filter(({ Action }) =>
    JSON.stringify(Action).includes('dynamodb'),
  );
  const table = { 'Fn::GetAtt': [expect.stringContaining('Sessions'), 'Arn'] };
  const index = (name: string): unknown => ({ 'Fn::Join': ['', [table, `/index/${name}`]] });

  expect(statements).toEqual([
    expect.objectContaining({ Action: ['dynamodb:PutItem', 'dynamodb:DeleteItem'], Resource: table }),
    expect.objectContaining({
      Action: 'dynamodb:Query',
      Resource: [index('bySubject'), index('byProviderSession')],
    }),
  ]);
  expect(JSON.stringify(statementsOf(template, 'backchannelLogout'))).not.toContain('ClientSecret');
  expect(JSON.stringify(statementsOf(template, 'callback'))).toContain('ClientSecret');
});

test('no function of sign-in but that one may use an index', () => {
  const { template } = deployed(standard(true));
  for (const name of ['login', 'callback', 'logout', 'session']) {
    const statements = JSON.stringify(statementsOf(template, `CookieAuth${name}`));
    expect(statements).toContain('dynamodb:');
    expect(statements).not.toContain('/index/');
  }
});
