/** Settings of the data scan; docs/data-scan.md says what each is for. */
import { z } from 'zod';

const days = z.int().min(1).max(36_500).nullable();
const address = z.email('is not an e-mail address');

/** Which managed identifiers a job uses (https://docs.aws.amazon.com/macie/latest/user/discovery-jobs-mdis-recommended.html). */
const SELECTORS = ['ALL', 'RECOMMENDED', 'NONE', 'INCLUDE', 'EXCLUDE'] as const;

const rule = z.strictObject({
  severities: z
    .array(z.enum(['LOW', 'MEDIUM', 'HIGH']))
    .min(1)
    .optional(),
  /** Types or categories, e.g. `CREDIT_CARD_NUMBER`, `CREDENTIALS`, or the name of a custom identifier. */
  types: z.array(z.string().min(1)).min(1).optional(),
  action: z.enum(['review', 'pass', 'drop']),
});

export const dataScanSettings = z
  .strictObject({
    /** Buckets are named `<prefix>-raw` and so on; `null` has names generated. */
    bucketPrefix: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9-]{1,46}[a-z0-9]$/,
        'is not a prefix of bucket names: 3 to 48 lower-case letters, digits and inner hyphens',
      )
      .nullable(),
    stateMachineName: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,80}$/, 'is not 1 to 80 letters, digits, hyphens or underscores'),
    /** Whether this deployment turns Macie on; `no` where it is on already. */
    enableMacie: z.enum(['yes', 'no']),
    /** Hours between runs; `null` starts none by schedule. */
    everyHours: z.int().min(1).max(720).nullable(),
    /** Whether each upload starts a run. */
    onUpload: z.boolean(),
    scan: z.strictObject({
      managed: z.enum(SELECTORS),
      managedIds: z.array(z.string().min(1)),
      customIds: z.array(z.string().min(1)),
      allowListIds: z.array(z.string().min(1)),
      /** What is not sampled needs a person. */
      samplingPercent: z.int().min(1).max(100),
      /** Seconds between two looks at the job. */
      pollSeconds: z.int().min(1).max(3600),
      timeoutMinutes: z.int().min(1).max(43_200),
      /** Seconds for which results are waited for after the job. */
      resultsWaitSeconds: z.int().min(0).max(86_400),
      /** Seconds for which no further result must have come before verdicts are given. */
      settleSeconds: z.int().min(0).max(3600),
      /** Whether GuardDuty Malware Protection must have found nothing. */
      malwareGate: z.boolean(),
    }),
    /** What becomes of sensitive data: the first rule that matches; a person decides where none does. */
    rules: z.array(rule),
    review: z.strictObject({
      /** Group whose members decide. */
      group: z.string().min(1).max(128),
      /** Days after which what is open is denied. */
      days: z.int().min(1).max(30),
      twoPeople: z.boolean(),
      /** Whether who uploaded an object may not release it. */
      notUploader: z.boolean(),
      /** Tag of an object with the subject of who uploaded it. */
      uploaderTag: z.string().min(1).max(128),
      /** What becomes of what was denied or not answered. */
      denied: z.enum(['delete', 'keep']),
    }),
    /** `null` tells nobody by mail. */
    notify: z
      .discriminatedUnion('via', [
        z.strictObject({ via: z.literal('ses'), from: address, to: z.array(address).min(1) }),
        z.strictObject({ via: z.literal('sns'), to: z.array(address).min(1) }),
      ])
      .nullable(),
    /** Days after which objects of a bucket are removed; `null` keeps them. */
    expireAfterDays: z.strictObject({ raw: days, stage: days, review: days, output: days }),
    /** Days for which Object Lock keeps audit records; 0 sets none. */
    auditLockDays: z.int().min(0).max(36_500),
    /** Attempts of a step after its first; the wait before them doubles each time. */
    retry: z.strictObject({
      attempts: z.int().min(0).max(20),
      intervalSeconds: z.int().min(1).max(60),
    }),
    /** Most objects of one run. */
    runObjects: z.int().min(1).max(1_000_000),
    /** Pages of 100 objects that are worked on at the same time. */
    maxConcurrency: z.int().min(1).max(1000),
    /** Size in MiB from which objects are copied in parts. */
    multipartMiB: z.int().min(5).max(5120),
  })
  .refine(
    ({ review, expireAfterDays }) => (expireAfterDays.review ?? Number.POSITIVE_INFINITY) > review.days,
    'is wrong: expireAfterDays.review must be longer than review.days, or copies are gone before anybody decides',
  );

/** Everything that has a sensible default; the name of the state machine is the deployment's own. */
const DATA_SCAN_DEFAULTS = {
  bucketPrefix: null,
  enableMacie: 'yes',
  everyHours: 6,
  onUpload: false,
  scan: {
    managed: 'ALL',
    managedIds: [],
    customIds: [],
    allowListIds: [],
    samplingPercent: 100,
    pollSeconds: 60,
    timeoutMinutes: 1440,
    resultsWaitSeconds: 900,
    settleSeconds: 300,
    malwareGate: false,
  },
  rules: [],
  review: {
    group: 'data-reviewers',
    days: 5,
    twoPeople: false,
    notUploader: false,
    uploaderTag: 'uploaded-by',
    denied: 'delete',
  },
  notify: null,
  expireAfterDays: { raw: null, stage: null, review: 10, output: null },
  auditLockDays: 0,
  retry: { attempts: 6, intervalSeconds: 2 },
  runObjects: 100_000,
  maxConcurrency: 40,
  multipartMiB: 1024,
} as const;

/** Of `npm start`, which has stand-ins for Macie and for a mailbox. */
export const LOCAL_DATA_SCAN = {
  ...DATA_SCAN_DEFAULTS,
  bucketPrefix: 'sallyport-local',
  stateMachineName: 'sallyport-local-data-scan',
  enableMacie: 'no',
  scan: {
    ...DATA_SCAN_DEFAULTS.scan,
    pollSeconds: 1,
    resultsWaitSeconds: 10,
    settleSeconds: 1,
    timeoutMinutes: 30,
  },
  notify: {
    via: 'ses',
    from: 'no-reply@sallyport.example.com',
    to: ['data-reviewers@sallyport.example.com'],
  },
  retry: { attempts: 2, intervalSeconds: 1 },
  maxConcurrency: 4,
  multipartMiB: 8,
} as const;
