/** Typed settings of every environment: the one file a user edits before deploying. */
import { z } from 'zod';

/** Regions a deployment may go to; data must not end up elsewhere by a typing mistake. */
export const ALLOWED_REGIONS = [
  'us-east-1',
  'us-east-2',
  'us-west-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'ap-northeast-1',
  'ap-southeast-1',
  'ap-southeast-2',
] as const;

export const ENVIRONMENTS = ['local', 'dev', 'test', 'prod'] as const;
export type EnvironmentName = (typeof ENVIRONMENTS)[number];

/** Days CloudWatch Logs accepts as a retention period. */
const LOG_RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 180, 365, 400, 731, 1827] as const;

const schema = z.strictObject({
  /** AWS account id of 12 digits; `null` takes the account of the credentials used for the deployment. */
  account: z
    .string()
    .regex(
      /^\d{12}$/,
      'is not 12 digits; write the account id as a string, or null for the account of your credentials',
    )
    .nullable(),
  /** Region of every stack. */
  region: z.enum(ALLOWED_REGIONS, {
    error: (issue) =>
      `is ${JSON.stringify(issue.input)}, which is not in ALLOWED_REGIONS; choose another or add it there (lib/config.ts)`,
  }),
  /** Origin under which browsers see the system, without a path. Sign-in returns to `<siteUrl>/api/auth/callback`. */
  siteUrl: z
    .string()
    .regex(
      /^(https:\/\/[a-z0-9.-]+|http:\/\/localhost)(:\d+)?$/,
      'is not an https:// origin without a path (http://localhost:<port> is allowed for development)',
    ),
  /**
   * Prefix of the Cognito login domain, unique in the region. `null` derives one from the id of the identity stack:
   * unique, the same at every synth, and without the account id in it.
   */
  loginDomainPrefix: z
    .string()
    .regex(
      /^(?!.*(aws|amazon|cognito))[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
      'is not a Cognito domain prefix: lower-case letters, digits and inner hyphens, without aws, amazon or cognito',
    )
    .nullable(),
  /** Cognito's managed login pages, or the older classic ones (the emulator has only those). */
  loginPages: z.enum(['managed', 'classic']),
  /** Whether anybody may register an account. */
  selfSignUp: z.boolean(),
  /** Whether tables and the user pool outlive their stack and are protected against deletion. */
  data: z.enum(['retain', 'destroy']),
  /** Days that logs are kept. */
  logRetentionDays: z.literal(LOG_RETENTION_DAYS),
  /** Requests per second and burst over the whole API; beyond that callers get 429. */
  throttling: z.strictObject({
    requestsPerSecond: z.int().min(1).max(10_000),
    burst: z.int().min(1).max(5_000),
  }),
  frontDoor: z
    .strictObject({
      /** Concurrent executions kept for the authorizer; also its ceiling. `null` shares the account's pool. */
      reservedConcurrency: z.int().min(1).nullable(),
      /** Authorizer instances kept warm (billed by the hour). `null` keeps none. */
      provisionedConcurrency: z.int().min(1).nullable(),
      /**
       * Seconds for which API Gateway may reuse a verdict; 0 asks the front door for every request. A cached verdict
       * outlives revocation and sign-out by up to this time: read docs/front-door.md before you raise it.
       */
      resultCacheSeconds: z.int().min(0).max(3600),
    })
    .refine(
      ({ reservedConcurrency, provisionedConcurrency }) =>
        (provisionedConcurrency ?? 0) <= (reservedConcurrency ?? Number.POSITIVE_INFINITY),
      'is wrong: provisionedConcurrency is more than reservedConcurrency, its ceiling; lower one or raise the other',
    ),
  session: z.strictObject({
    /** Minutes after which a browser must sign in again, whatever happens; refresh tokens of the pool live 12 hours. */
    lifetimeMinutes: z.int().min(1).max(720),
    /** Minutes without a request after which it must. */
    idleMinutes: z.int().min(1).max(720),
  }),
  /**
   * Who sets the role with which API Gateway writes logs. It is one setting per account and region: choose
   * `existing` where another stack of the account already keeps it.
   */
  apiGatewayLogRole: z.enum(['managed', 'existing']),
});

export type Settings = Readonly<z.infer<typeof schema>> & { readonly environment: EnvironmentName };

const base = {
  account: null,
  region: 'us-east-1',
  loginDomainPrefix: null,
  loginPages: 'managed',
  selfSignUp: false,
  data: 'destroy',
  logRetentionDays: 30,
  throttling: { requestsPerSecond: 100, burst: 200 },
  frontDoor: { reservedConcurrency: null, provisionedConcurrency: null, resultCacheSeconds: 0 },
  session: { lifetimeMinutes: 720, idleMinutes: 60 },
  apiGatewayLogRole: 'managed',
} as const;

const environments: Readonly<Record<EnvironmentName, unknown>> = {
  // account and region are the emulator's, so that these settings can never be deployed to a real account
  local: {
    ...base,
    account: '000000000000',
    siteUrl: 'http://localhost:8000',
    loginPages: 'classic',
    selfSignUp: true,
    logRetentionDays: 1,
  },
  dev: { ...base, siteUrl: 'http://localhost:8000' },
  test: { ...base, siteUrl: 'https://test.sallyport.example.com' },
  prod: {
    ...base,
    siteUrl: 'https://sallyport.example.com',
    data: 'retain',
    logRetentionDays: 365,
  },
};

/** A setting that is missing or wrong; the message names it and says what to write. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Validated settings of one environment.
 *
 * @param environment `local`, `dev`, `test` or `prod`
 * @param overrides settings that replace those of the file, e.g. in tests
 * @throws ConfigError naming the first setting that is missing, misspelt or wrong
 */
export function settingsFor(
  environment: unknown,
  overrides: Readonly<Record<string, unknown>> = {},
): Settings {
  if (!ENVIRONMENTS.includes(environment as EnvironmentName)) {
    throw new ConfigError(
      `environment is ${JSON.stringify(environment ?? null)}; choose one of ${ENVIRONMENTS.join(', ')}, e.g. -c environment=dev`,
    );
  }
  const name = environment as EnvironmentName;
  const result = schema.safeParse({ ...(environments[name] as object), ...overrides });
  if (result.success) return { ...result.data, environment: name };
  throw new ConfigError(describe(name, result.error.issues[0]));
}

function describe(environment: EnvironmentName, issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return `${environment}: invalid settings (lib/config.ts)`;
  const key = [environment, ...issue.path].join('.');
  if (issue.code === 'unrecognized_keys') {
    return `${key}: ${issue.keys.join(', ')} is not a setting; remove it or mend its spelling (lib/config.ts)`;
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return `${key} is missing; add it to lib/config.ts (${issue.expected})`;
  }
  return `${key} ${issue.message.startsWith('is ') ? issue.message : `is wrong: ${issue.message} (lib/config.ts)`}`;
}
