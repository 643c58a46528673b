/** Typed settings of every environment: the one file a user edits before deploying. */
import { z } from 'zod';

import { dataScanSettings, LOCAL_DATA_SCAN } from './data-scan-settings';
import { MTLS_DEFAULTS, mtlsSettings } from './mtls-settings';
import { pipelineSettingsOf } from './pipeline-settings';

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

/** Environments of the pipeline, in the order in which a change reaches them; somebody approves before the last. */
export const PIPELINE_ENVIRONMENTS = ['dev', 'test', 'prod'] as const satisfies readonly EnvironmentName[];

/** Days CloudWatch Logs accepts as a retention period. */
const LOG_RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 180, 365, 400, 731, 1827] as const;

const fields = z.strictObject({
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
  /** Answers of operations are compared with openapi.yaml. */
  responseValidation: z.strictObject({
    /** Share of the answers that is compared, in percent; 0 compares none. */
    percent: z.int().min(0).max(100),
    /** An answer that does not fit: `report` sends it as it is and tells operators, `refuse` answers 500. */
    mismatch: z.enum(['report', 'refuse']),
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
  /** CloudFront distribution for web app and API under one origin; `null` makes none. */
  site: z
    .strictObject({
      /**
       * Certificate for the host of `siteUrl`, in us-east-1, where CloudFront looks for it. `null` takes the
       * distribution's own domain: see docs/site.md for the first deployment.
       */
      certificateArn: z
        .string()
        .regex(
          /^arn:aws:acm:us-east-1:\d{12}:certificate\/[\w-]+$/,
          'is not the ARN of a certificate in us-east-1 (arn:aws:acm:us-east-1:<account>:certificate/<id>)',
        )
        .nullable(),
      /** AWS WAF web ACL of scope CLOUDFRONT. */
      webAclArn: z
        .string()
        .regex(
          /^arn:aws:wafv2:us-east-1:\d{12}:global\/webacl\/[\w-]+\/[\w-]+$/,
          'is not the ARN of a web ACL of scope CLOUDFRONT (arn:aws:wafv2:us-east-1:<account>:global/webacl/<name>/<id>)',
        )
        .nullable(),
      /** Countries that are served, by ISO 3166-1 alpha-2 code; `null` serves all. */
      countries: z
        .array(z.string().regex(/^[A-Z]{2}$/, 'is not a code of two capital letters, e.g. CH'))
        .min(1)
        .nullable(),
    })
    .nullable(),
  stepUp: z.strictObject({
    /** Most minutes a completed step-up is kept; the token's or session's own end may come first. */
    itemTtlMinutes: z.int().min(1).max(1440),
    /** Sender of codes by mail, an address that Amazon SES has verified. `null` sends none. */
    emailFrom: z
      .email('is not an e-mail address; write one that Amazon SES has verified, or null')
      .nullable(),
    /** Whether codes are sent as text messages, to numbers that the pool has verified. */
    sms: z.boolean(),
    /**
     * Whether passkeys are offered. They are bound to the host of `siteUrl` for good: under another host, each person
     * must enrol anew.
     */
    passkeys: z.boolean(),
  }),
  /**
   * The API of operations with a `mutualTLS` scheme, under a domain of its own. `null` leaves those operations out of
   * the deployment; every synth says so.
   */
  mtls: mtlsSettings.nullable(),
  /** The data scan with its review page; `null` leaves both out of the deployment; every synth says so. */
  dataScan: dataScanSettings.nullable(),
  /**
   * Who sets the role with which API Gateway writes logs. It is one setting per account and region: choose
   * `existing` where another stack of the account already keeps it.
   */
  apiGatewayLogRole: z.enum(['managed', 'existing']),
});

/** What `mtls` names by an ARN and uses in the region of the deployment must be there. */
const regional = fields.superRefine(({ region, mtls }, context) => {
  const named: [string, string | null | undefined][] = [
    ['certificateArn', mtls?.certificateArn],
    ['canary.secretArn', mtls?.canary?.secretArn],
    ['loadBalancerTrustStoreArn', mtls?.loadBalancerTrustStoreArn],
  ];
  for (const [key, name] of named) {
    const there = name?.split(':')[3];
    if (there !== undefined && there !== region)
      context.addIssue({
        code: 'custom',
        path: ['mtls', key],
        message: `is in ${there}, and the deployment in ${region}; name one in ${region}`,
      });
  }
});

/** A site is reached by the host its certificate is for, or by the distribution's own, which is known afterwards. */
const schema = regional.refine(
  ({ site, siteUrl }) =>
    site === null ||
    (site.certificateArn === null) ===
      /^(http:\/\/localhost(:\d+)?|https:\/\/[a-z0-9]+\.cloudfront\.net)$/.test(siteUrl),
  {
    path: ['siteUrl'],
    message:
      'is wrong for this site: with site.certificateArn it is https:// and a host of the certificate; without, the SiteUrl that the deployment printed, or http://localhost:<port> until then',
  },
);

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
  responseValidation: { percent: 100, mismatch: 'report' },
  frontDoor: { reservedConcurrency: null, provisionedConcurrency: null, resultCacheSeconds: 0 },
  session: { lifetimeMinutes: 720, idleMinutes: 60 },
  site: { certificateArn: null, webAclArn: null, countries: null },
  mtls: null,
  dataScan: null,
  stepUp: { itemTtlMinutes: 15, emailFrom: null, sms: false, passkeys: false },
  apiGatewayLogRole: 'managed',
} as const;

/** Replace it by a certificate of yours. */
const EXAMPLE_CERTIFICATE =
  'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000';

const environments: Readonly<Record<EnvironmentName, unknown>> = {
  // account and region are the emulator's, so that these settings can never be deployed to a real account
  local: {
    ...base,
    account: '000000000000',
    siteUrl: 'http://localhost:8000',
    loginPages: 'classic',
    selfSignUp: true,
    stepUp: { ...base.stepUp, emailFrom: 'no-reply@sallyport.example.com', passkeys: true },
    logRetentionDays: 1,
    dataScan: LOCAL_DATA_SCAN,
    // a developer and the tests shall see it
    responseValidation: { percent: 100, mismatch: 'refuse' },
    // the emulator has no origin access control; npm start has an edge of its own
    site: null,
  },
  dev: { ...base, siteUrl: 'http://localhost:8000' },
  test: {
    ...base,
    siteUrl: 'https://test.sallyport.example.com',
    site: { ...base.site, certificateArn: EXAMPLE_CERTIFICATE },
  },
  prod: {
    ...base,
    siteUrl: 'https://sallyport.example.com',
    site: { ...base.site, certificateArn: EXAMPLE_CERTIFICATE },
    data: 'retain',
    logRetentionDays: 365,
    responseValidation: { percent: 10, mismatch: 'report' },
  },
};

const pipelineSchema = pipelineSettingsOf(ALLOWED_REGIONS);
export type PipelineSettings = Readonly<NonNullable<z.infer<typeof pipelineSchema>>>;

/** `null` until you want a pipeline: docs/pipeline.md has an example to fill in. */
const pipeline: unknown = null;

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

/** @throws ConfigError where there are no settings of a pipeline, or naming the first that is missing or wrong */
export function pipelineSettings(given: unknown = pipeline): PipelineSettings {
  const result = pipelineSchema.safeParse(given);
  if (!result.success) throw new ConfigError(describe('pipeline', result.error.issues[0]));
  if (result.data === null)
    throw new ConfigError(
      `no environment is asked for, and pipeline is null: choose one of ${ENVIRONMENTS.join(', ')}, e.g. -c environment=dev, or fill pipeline in for SallyportPipeline (lib/config.ts)`,
    );
  return result.data;
}

/**
 * Settings that the command line gives, since only the machine of a local instance knows them: `-c siteUrl=…`, its origin
 * with ports of its own, and `-c trustStore=…`, the PEM file of its CA, which turns the partner API on.
 *
 * @throws ConfigError for any other environment: what is deployed is what the file says
 */
export function commandLineSettings(
  environment: unknown,
  { siteUrl, trustStore }: { readonly siteUrl?: unknown; readonly trustStore?: unknown },
): Readonly<Record<string, unknown>> {
  if (environment !== 'local' && siteUrl !== undefined)
    throw new ConfigError('-c siteUrl is for the environment local alone; write siteUrl into lib/config.ts');
  if (environment !== 'local' && trustStore !== undefined)
    throw new ConfigError(
      '-c trustStore is for the environment local alone; write mtls.trustStore into lib/config.ts',
    );
  const mtls = {
    ...MTLS_DEFAULTS,
    domain: 'partners.sallyport.test',
    certificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/local',
    trustStore,
    revalidateSeconds: 1,
  };
  return { ...(siteUrl === undefined ? {} : { siteUrl }), ...(trustStore === undefined ? {} : { mtls }) };
}

function describe(block: EnvironmentName | 'pipeline', issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return `${block}: invalid settings (lib/config.ts)`;
  const key = [block, ...issue.path].join('.');
  if (issue.code === 'unrecognized_keys') {
    return `${key}: ${issue.keys.join(', ')} is not a setting; remove it or mend its spelling (lib/config.ts)`;
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return `${key} is missing; add it to lib/config.ts (${issue.expected})`;
  }
  return `${key} ${issue.message.startsWith('is ') ? issue.message : `is wrong: ${issue.message} (lib/config.ts)`}`;
}
