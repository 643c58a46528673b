/** What the construct and the functions of the data scan agree on: rules, tags, environments, metrics. */
import { envContract, integer, oneOf, optional, text } from '../_kernel/env';

/** How bad Macie says a finding is (https://docs.aws.amazon.com/macie/latest/user/findings-severity.html). */
export const SEVERITIES = ['LOW', 'MEDIUM', 'HIGH'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What becomes of an object with sensitive data: a person decides, it passes with a tag, or it is deleted. */
const RULE_ACTIONS = ['review', 'pass', 'drop'] as const;
export type RuleAction = (typeof RULE_ACTIONS)[number];

/** One rule; the first that matches a detection decides about it. A rule without conditions matches all. */
export interface Rule {
  /** Severities of the object that it is about. @default all */
  readonly severities?: readonly Severity[] | undefined;
  /** Types or categories of sensitive data, e.g. `CREDIT_CARD_NUMBER`, `CREDENTIALS`, a custom identifier's name. @default all */
  readonly types?: readonly string[] | undefined;
  readonly action: RuleAction;
}

const RULE_MEMBERS: readonly string[] = ['severities', 'types', 'action'] satisfies (keyof Rule)[];

/**
 * Looks for what is wrong with rules; synth and functions refuse the same.
 *
 * @returns the first fault and what to write, e.g. `rules[0].action is "allow"; choose one of …`; `undefined` for rules
 */
export function faultOfRules(rules: unknown): string | undefined {
  if (!Array.isArray(rules)) return `rules is ${JSON.stringify(rules)}; write a list of rules`;
  const faults = rules.map(faultOfRule);
  const i = faults.findIndex((fault) => fault !== undefined);
  return i < 0 ? undefined : `rules[${i}]${faults[i] ?? ''}`;
}

function faultOfRule(rule: unknown): string | undefined {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule))
    return ` is ${JSON.stringify(rule)}; write an object with an action`;
  const unknown = Object.keys(rule).find((key) => !RULE_MEMBERS.includes(key));
  if (unknown !== undefined) return `.${unknown} is no member of a rule; write severities, types or action`;
  const { severities, types, action }: { readonly [K in keyof Rule]?: unknown } = rule;
  if (!RULE_ACTIONS.some((known) => known === action))
    return `.action is ${JSON.stringify(action)}; choose one of ${RULE_ACTIONS.join(', ')}`;
  if (!isList(severities, (one) => SEVERITIES.some((known) => known === one)))
    return `.severities is ${JSON.stringify(severities)}; write some of ${SEVERITIES.join(', ')}`;
  if (!isList(types, (one) => typeof one === 'string' && one !== ''))
    return `.types is ${JSON.stringify(types)}; write types or categories, e.g. CREDIT_CARD_NUMBER`;
  return undefined;
}

/** An empty list would be a condition that nothing meets. */
function isList(list: unknown, isGood: (one: unknown) => boolean): boolean {
  return list === undefined || (Array.isArray(list) && list.length > 0 && list.every(isGood));
}

/** What Macie looks for and how. */
export interface ScanOptions {
  /** Which of Macie's own identifiers are used. */
  readonly managed: 'ALL' | 'RECOMMENDED' | 'NONE' | 'INCLUDE' | 'EXCLUDE';
  /** Ids that INCLUDE and EXCLUDE are about. */
  readonly managedIds: readonly string[];
  readonly customIds: readonly string[];
  readonly allowListIds: readonly string[];
  /** Percent of the objects that Macie looks into; what it leaves out needs a person. */
  readonly samplingPercent: number;
}

/** Tag of a released object in which sensitive data was found. */
export const SENSITIVE_TAG = 'SensitiveDataFound';
/** Tag of a released object whose findings a reviewer has called false. */
export const SUPPRESSED_TAG = 'SensitiveDataSuppressed';
/** Tag in which GuardDuty writes its verdict (https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-s3-obj-tags.html). */
export const MALWARE_TAG = 'GuardDutyMalwareScanStatus';

/** Where objects of runs are, in the buckets of scan and review. */
export const RUNS = 'runs/';
/** Where the audit records are, in the bucket of records. */
export const AUDIT = 'audit/';

/** Prefix below which Macie writes its results, in the bucket of records. */
export const EXPORTS = 'macie';

/** Keys of the table: every item has both. */
export const KEYS = { partition: 'pk', sort: 'sk' } as const;

/** What a task of the state machine is called with. */
export interface RunEvent {
  readonly id: string;
}

/** What a task of a Map state is called with. */
export interface PageEvent extends RunEvent {
  readonly page: number;
}

/** Source of the events that tell of runs and reviews; the functions may send no others. */
export const EVENT_SOURCE = 'sallyport.data-scan';

/** A run stopped on the way and was left for another attempt. */
export const HELD_METRIC = 'DataScanHeld';
/** Objects that Macie did not classify. */
export const UNKNOWN_METRIC = 'DataScanUnknown';
/** Nobody answered in time. */
export const UNANSWERED_METRIC = 'DataScanUnanswered';
/** A notice that could not be sent. */
export const UNTOLD_METRIC = 'DataScanUntold';

/** Of every function: where records and runs are. */
const stores = {
  SCAN_RECORDS_BUCKET: text(),
  SCAN_TABLE_NAME: text(),
  /**
   * Where AWS service calls go instead of AWS, as for every AWS SDK
   * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
   */
  AWS_ENDPOINT_URL: optional(text()),
};

/** How people and systems are told. */
const telling = {
  SCAN_EVENT_BUS_NAME: text(),
  /** Sender of mails, an identity that Amazon SES has verified; with it, SCAN_MAIL_TO. */
  SCAN_MAIL_FROM: optional(text()),
  /** Receivers of mails, separated by spaces. */
  SCAN_MAIL_TO: optional(text()),
  /** Topic that mails go through instead. */
  SCAN_TOPIC_ARN: optional(text()),
  /** Origin of the site with the review page. */
  SCAN_SITE_URL: text(),
};

const audit = {
  /** Days for which S3 keeps an audit record from being changed or deleted; 0 leaves it to the bucket. */
  SCAN_AUDIT_LOCK_DAYS: integer({ min: 0, max: 36_500 }),
};

/** Of the tasks of the state machine. */
export const taskEnv = envContract({
  ...stores,
  ...telling,
  ...audit,
  SCAN_RAW_BUCKET: text(),
  SCAN_STAGE_BUCKET: text(),
  SCAN_REVIEW_BUCKET: text(),
  SCAN_OUTPUT_BUCKET: text(),
  /** JSON of {@link Rule}s. */
  SCAN_RULES: text(),
  /** JSON of {@link ScanOptions}. */
  SCAN_OPTIONS: text(),
  /** State machine that a run left behind is taken up by. */
  SCAN_STATE_MACHINE_ARN: text(),
  /** Key that Macie encrypts its results with. */
  SCAN_KEY_ARN: text(),
  /** Tag of an object with the subject of who uploaded it. */
  SCAN_UPLOADER_TAG: text(),
  /** Most objects of one page: what one call moves. */
  SCAN_PAGE_OBJECTS: integer({ min: 1, max: 1000 }),
  /** Most objects of one run; the rest waits for the next. */
  SCAN_RUN_OBJECTS: integer({ min: 1, max: 1_000_000 }),
  /** Size in MiB from which an object is copied in parts; S3 copies at most 5 GiB at once. */
  SCAN_MULTIPART_MIB: integer({ min: 5, max: 5120 }),
  /** Seconds after which a scan counts as failed. */
  SCAN_TIMEOUT_SECONDS: integer({ min: 1, max: 2_592_000 }),
  /** Seconds for which results that are missing are waited for after the job. */
  SCAN_RESULTS_SECONDS: integer({ min: 0, max: 86_400 }),
  /** Seconds for which no result may have come before verdicts are given. */
  SCAN_SETTLE_SECONDS: integer({ min: 0, max: 3600 }),
  /** Seconds for which a review is open. */
  SCAN_REVIEW_SECONDS: integer({ min: 1, max: 2_592_000 }),
  /** What becomes of what was denied or not answered. */
  SCAN_DENIED: oneOf('delete', 'keep'),
  /** Whether the verdict of GuardDuty Malware Protection is needed too. */
  SCAN_MALWARE: oneOf('yes', 'no'),
});

/** Of the functions behind the review page. */
export const reviewEnv = envContract({
  ...stores,
  ...audit,
  SCAN_EVENT_BUS_NAME: text(),
  /** Group whose members review. */
  SCAN_REVIEWERS: text(),
  /** Whether it takes two people to release an object. */
  SCAN_TWO_PEOPLE: oneOf('yes', 'no'),
  /** Whether who uploaded an object may not release it. */
  SCAN_NOT_UPLOADER: oneOf('yes', 'no'),
});

export type TaskSettings = ReturnType<typeof taskEnv.read>;
