import { ALLOWED_REGIONS, commandLineSettings, ConfigError, ENVIRONMENTS, settingsFor } from '../lib/config';

function refusal(environment: unknown, overrides: Record<string, unknown> = {}): string {
  try {
    settingsFor(environment, overrides);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('settings', () => {
  test.each(ENVIRONMENTS)('of %s are valid as they stand', (environment) => {
    expect(refusal(environment)).toBe('accepted');
    expect(settingsFor(environment).environment).toBe(environment);
  });

  test('of local can be deployed to the emulator only', () => {
    expect(settingsFor('local')).toMatchObject({ account: '000000000000', region: 'us-east-1' });
  });

  test('are the strict ones in prod', () => {
    expect(settingsFor('prod')).toMatchObject({
      data: 'retain',
      selfSignUp: false,
      frontDoor: { resultCacheSeconds: 0 },
    });
  });

  test('take the origin of a local instance from the command line, and of no other environment', () => {
    const siteUrl = 'http://localhost:8123';

    expect(settingsFor('local', commandLineSettings('local', { siteUrl })).siteUrl).toBe(siteUrl);
    expect(settingsFor('local', commandLineSettings('local', {})).siteUrl).toBe('http://localhost:8000');
    expect(commandLineSettings('prod', {})).toEqual({});
    expect(() => commandLineSettings('prod', { siteUrl })).toThrow(
      '-c siteUrl is for the environment local alone',
    );
    expect(refusal('local', commandLineSettings('local', { siteUrl: 'http://evil.example' }))).toContain(
      'local.siteUrl is not',
    );
  });

  test('of a site agree about who knows its host', () => {
    const site = { certificateArn: null, webAclArn: null, countries: null };
    const certificateArn = 'arn:aws:acm:us-east-1:111122223333:certificate/0';

    for (const siteUrl of ['http://localhost:8000', 'https://d111111abcdef8.cloudfront.net']) {
      expect(refusal('dev', { site, siteUrl })).toBe('accepted');
      expect(refusal('dev', { site: { ...site, certificateArn }, siteUrl })).toContain(
        'dev.siteUrl is wrong',
      );
    }
    expect(refusal('dev', { site, siteUrl: 'https://app.example.com' })).toContain(
      'dev.siteUrl is wrong for this site',
    );
    expect(refusal('dev', { site: { ...site, certificateArn }, siteUrl: 'https://app.example.com' })).toBe(
      'accepted',
    );
    expect(refusal('dev', { site: null, siteUrl: 'https://app.example.com' })).toBe('accepted');
  });

  test.each<[string, unknown, Record<string, unknown>, string]>([
    [
      'a certificate of another region',
      'dev',
      {
        site: {
          certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/0',
          webAclArn: null,
          countries: null,
        },
      },
      'dev.site.certificateArn is not the ARN of a certificate in us-east-1',
    ],
    [
      'an unknown environment',
      'prd',
      {},
      'environment is "prd"; choose one of local, dev, test, prod, e.g. -c environment=dev',
    ],
    ['no environment', undefined, {}, 'environment is null; choose one of'],
    [
      'a region that is not allowed',
      'dev',
      { region: 'us-gov-west-1' },
      'dev.region is "us-gov-west-1", which is not in ALLOWED_REGIONS',
    ],
    [
      'a missing setting',
      'dev',
      { selfSignUp: undefined },
      'dev.selfSignUp is missing; add it to lib/config.ts (boolean)',
    ],
    [
      'a misspelt setting',
      'dev',
      { selfSignup: true },
      'dev: selfSignup is not a setting; remove it or mend its spelling',
    ],
    [
      'a nested misspelt setting',
      'dev',
      { throttling: { requestsPerSecond: 1, burst: 1, brust: 2 } },
      'dev.throttling: brust is not a setting',
    ],
    ['a short account', 'dev', { account: '123' }, 'dev.account is not 12 digits'],
    [
      'a site without TLS',
      'prod',
      { siteUrl: 'http://example.com' },
      'prod.siteUrl is not an https:// origin without a path',
    ],
    [
      'a site with a path',
      'prod',
      { siteUrl: 'https://example.com/app' },
      'prod.siteUrl is not an https:// origin without a path',
    ],
    [
      'a reserved login domain',
      'dev',
      { loginDomainPrefix: 'my-cognito' },
      'dev.loginDomainPrefix is not a Cognito domain prefix',
    ],
    [
      'more warm instances than its ceiling',
      'dev',
      { frontDoor: { ...settingsFor('dev').frontDoor, reservedConcurrency: 5, provisionedConcurrency: 6 } },
      'dev.frontDoor is wrong: provisionedConcurrency is more than reservedConcurrency',
    ],
    ['an unknown retention', 'dev', { logRetentionDays: 31 }, 'dev.logRetentionDays is wrong'],
    [
      'a cache that is too long',
      'dev',
      { frontDoor: { ...settingsFor('dev').frontDoor, resultCacheSeconds: 3601 } },
      'dev.frontDoor.resultCacheSeconds is wrong',
    ],
  ])('refuse %s in one line', (_, environment, overrides, message) => {
    const line = refusal(environment, overrides);

    expect(line).toContain(message);
    expect(line).not.toContain('\n');
  });

  test.each(ALLOWED_REGIONS)('accept %s', (region) => {
    expect(settingsFor('dev', { region }).region).toBe(region);
  });
});
