/** The cookie scheme in the policy: what it may look like, and what cannot be done with it. */
import { App, Stack } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Template } from 'aws-cdk-lib/assertions';
import { Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';

import { CookieAuth, FrontDoor } from '../../lib';
import { compilePolicy } from '../../lib/front-door/policy';
import { type MutableDocument, sampleDocument, transferOf } from '../api/sample';

const SCHEME = { type: 'apiKey', in: 'cookie', name: '__Host-session' };
const CHECKS = { token: 'cognito-access-token', session: 'cookie-session' } as const;

function withSession(scheme: object = SCHEME): (document: MutableDocument) => void {
  return (document) => {
    document.components['securitySchemes']!['session'] = scheme;
    transferOf(document)['security'] = [{ token: ['money/move'] }, { session: ['money/move'] }];
  };
}

function givenFrontDoor(resultCacheSeconds: number): Template {
  const stack = new Stack(new App(), 'Test', { env: { region: 'eu-west-1', account: '111111111111' } });
  const userPool = new UserPool(stack, 'Pool');
  const client = userPool.addClient('Client', { generateSecret: true });
  const cookieAuth = new CookieAuth(stack, 'CookieAuth', {
    provider: { userPool, client, clientSecret: new Secret(stack, 'Secret') as ISecret },
    scopes: ['money/move'],
    siteUrl: 'https://site.test',
  });
  new FrontDoor(stack, 'FrontDoor', {
    document: sampleDocument(withSession()),
    accessTokens: { scheme: 'token', userPool, clients: [client] },
    sessions: { scheme: 'session', cookieAuth },
    resultCacheSeconds,
  });
  return Template.fromStack(stack);
}

test('a session is one of the alternatives, with the scopes the document names', () => {
  const policy = compilePolicy(sampleDocument(withSession()), CHECKS);

  expect(policy.schemes).toEqual(CHECKS);
  expect(policy.operations['POST /transfers']).toEqual([
    [{ scheme: 'token', scopes: ['money/move'] }],
    [{ scheme: 'session', scopes: ['money/move'] }],
  ]);
});

test.each([
  ['in a header', { ...SCHEME, in: 'header' }, 'apiKey header __Host-session'],
  ['of another name', { ...SCHEME, name: 'session' }, 'apiKey cookie session'],
  ['of another type', { type: 'http', scheme: 'bearer' }, 'http bearer'],
])('SPEC-01 a session scheme %s cannot be enforced', (_, scheme, told) => {
  expect(() => compilePolicy(sampleDocument(withSession(scheme)), CHECKS)).toThrow(
    `security scheme session (${told}) cannot be enforced by cookie-session`,
  );
});

test('SPEC-01 a cookie scheme without a check fails the synth', () => {
  expect(() => compilePolicy(sampleDocument(withSession()), { token: 'cognito-access-token' })).toThrow(
    /security scheme session .* is enforced by no check/,
  );
});

test('AUTHZ-02 with cookies no verdict may be reused: API Gateway would refuse whoever has not all identity sources', () => {
  expect(() => givenFrontDoor(60)).toThrow(/set frontDoor\.resultCacheSeconds to 0/);
  expect(() => givenFrontDoor(0)).not.toThrow();
});

test('stands alone with a table and a key ring of its own, and names every resource it may use', () => {
  const template = givenFrontDoor(0);
  template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  });
  template.hasResourceProperties('AWS::SecretsManager::Secret', {
    GenerateSecretString: {
      GenerateStringKey: 'k1',
      SecretStringTemplate: '{"current":"k1"}',
      PasswordLength: 64,
    },
  });
  const policies = JSON.stringify(template.findResources('AWS::IAM::Policy'));

  expect(policies).not.toContain('"Resource":"*"');
  template.resourceCountIs('AWS::Lambda::Function', 5);
});
