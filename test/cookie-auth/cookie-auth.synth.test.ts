/** Settings of cookie sign-in that would not do what they say. */
import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';

import { CookieAuth, type CookieAuthProps, type StandardProvider } from '../../lib';

type Change = Partial<Pick<CookieAuthProps, 'siteUrl' | 'basePath'> & Pick<StandardProvider, 'issuer'>>;

/** What the synth says. */
function said({ issuer = 'https://login.test', ...change }: Change = {}): string {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'sample');
  const clientSecret = new Secret(stack, 'ClientSecret') as ISecret;
  try {
    new CookieAuth(stack, 'CookieAuth', {
      provider: { issuer, clientId: 'web', clientSecret, groupsClaim: null, backChannelLogout: false },
      scopes: [],
      siteUrl: 'https://site.test',
      ...change,
    });
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('SPEC-01 an address that is none, or not secure, stops the synth', () => {
  test.each<[string, Change]>([
    ...['https://site.test/', 'https://Site.test', 'https://site.test/app', 'https://site.test:443'].map(
      (siteUrl): [string, Change] => ['siteUrl', { siteUrl }],
    ),
    ...['http://site.test', 'http://localhost.site.test', 'site.test', 'https://', 'null'].map(
      (siteUrl): [string, Change] => ['siteUrl', { siteUrl }],
    ),
    ...['api', '/', '/api/', '//api', '@evil.test', '.evil.test', '/api?', '/a b'].map(
      (basePath): [string, Change] => ['basePath', { basePath }],
    ),
    ...['http://login.test', 'http://localhost@login.test', 'http://127.0.0.1.login.test', 'login.test'].map(
      (issuer): [string, Change] => ['provider.issuer', { issuer }],
    ),
  ])('%s: %j', (setting, change) => {
    const [value] = Object.values(change);

    expect(said(change)).toContain(`cookie-auth: ${setting} is ${JSON.stringify(value)}; write `);
  });

  test.each<[string, Change]>([
    ['as they should be', {}],
    ['a port', { siteUrl: 'https://site.test:8443' }],
    ['this machine', { siteUrl: 'http://localhost:8000', issuer: 'http://127.0.0.1:9000/realm' }],
    ['no base path', { basePath: '' }],
    ['a long base path', { basePath: '/v1/api' }],
    ['a path and a slash in the issuer', { issuer: 'https://login.test/tenant/' }],
    ['an address of the deployment', { siteUrl: Lazy.string({ produce: () => 'later' }) }],
  ])('the good twin: %s', (_, change) => {
    expect(said(change)).toBe('accepted');
  });
});
