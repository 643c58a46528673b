import { ALLOWED_REGIONS, ConfigError, ENVIRONMENTS, settingsFor } from '../lib/config';

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

  test.each<[string, unknown, Record<string, unknown>, string]>([
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
