/** Settings of the data scan that no type can say, checked at synth; AWS would tell of some late, and of some never. */
import { Duration, Token } from 'aws-cdk-lib';

import {
  faultOfRules,
  MALWARE_TAG,
  SENSITIVE_TAG,
  SUPPRESSED_TAG,
  type ScanOptions,
} from '../../lambdas/data-scan/contract';
import { DataScanError } from './error';
import type { DataScanProps } from './index';
import { DataScanBuckets } from './stores';

const ADDRESS = /^[^\s@]+@[^\s@]+$/;
const SELECTORS: readonly ScanOptions['managed'][] = ['ALL', 'RECOMMENDED', 'NONE', 'INCLUDE', 'EXCLUDE'];
const OWN_TAGS: readonly string[] = [SENSITIVE_TAG, SUPPRESSED_TAG, MALWARE_TAG];

/** Least and greatest of each duration. */
const TIMES = {
  every: [Duration.minutes(1), Duration.days(30)],
  poll: [Duration.seconds(1), Duration.hours(1)],
  scanTimeout: [Duration.minutes(1), Duration.days(30)],
  resultsWait: [Duration.seconds(0), Duration.days(1)],
  settle: [Duration.seconds(0), Duration.hours(1)],
  reviewTime: [Duration.seconds(1), Duration.days(30)],
} as const;

/** Least and greatest of each number. */
const NUMBERS = {
  maxConcurrency: [1, 1000],
  runObjects: [1, 1_000_000],
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
  multipartMiB: [5, 5120],
} as const;

/**
 * An execution has at most 25,000 events in its history, and a look at the job makes ten of them
 * (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
 */
const MOST_LOOKS = 2000;

/** Days for which copies are there after a scan that took its time: for attempts after trouble. */
const DAYS_OF_TROUBLE = 2;

/** Times that the checks need, as they are after defaults. */
export interface Times {
  readonly poll: Duration;
  readonly scanTimeout: Duration;
  readonly reviewTime: Duration;
}

/** @throws DataScanError for the first setting that is wrong: one line that says what to write */
export function checkSettings(props: DataScanProps, times: Times): void {
  checkName(props.stateMachineName);
  checkOrigin(props.siteUrl);
  checkRules(props);
  checkNotify(props);
  checkScan(props.scan ?? {});
  checkBounds(props);
  checkUploaderTag(props.uploaderTag);
  checkLooks(times);
  checkExpiry(props, times);
}

function wrong(setting: string, value: unknown, write: string): DataScanError {
  return new DataScanError(`${setting} is ${JSON.stringify(value)}; write ${write}`);
}

function checkName(name: string): void {
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(name))
    throw wrong('stateMachineName', name, '1 to 80 letters, digits, hyphens or underscores');
}

function checkOrigin(siteUrl: string): void {
  if (Token.isUnresolved(siteUrl)) return;
  if (!URL.canParse(siteUrl) || new URL(siteUrl).origin !== siteUrl || !siteUrl.startsWith('http'))
    throw wrong('siteUrl', siteUrl, 'the origin of the site, e.g. https://www.example.com');
}

function checkNotify({ notify }: DataScanProps): void {
  if (notify === null) return;
  if (notify.to.length === 0 || !notify.to.every((one) => ADDRESS.test(one)))
    throw wrong('notify.to', notify.to, 'at least one e-mail address, or notify: null');
  if (notify.via === 'ses' && !ADDRESS.test(notify.from))
    throw wrong('notify.from', notify.from, 'an e-mail address that Amazon SES has verified');
}

function checkRules({ rules = [] }: DataScanProps): void {
  const fault = faultOfRules(rules);
  if (fault !== undefined) throw new DataScanError(fault);
}

function checkScan({
  managed = 'ALL',
  managedIds = [],
  customIds = [],
  allowListIds = [],
  samplingPercent = 100,
}: Partial<ScanOptions>): void {
  if (!SELECTORS.includes(managed)) throw wrong('scan.managed', managed, `one of ${SELECTORS.join(', ')}`);
  // https://docs.aws.amazon.com/macie/latest/APIReference/jobs.html
  const named = managed === 'INCLUDE' || managed === 'EXCLUDE';
  if (named !== managedIds.length > 0)
    throw wrong(
      'scan.managedIds',
      managedIds,
      named ? `what ${managed} is about` : 'none, or INCLUDE or EXCLUDE for scan.managed',
    );
  if (managed === 'NONE' && customIds.length === 0)
    throw wrong(
      'scan.customIds',
      customIds,
      'at least one where scan.managed is NONE, or nothing is ever found',
    );
  for (const [name, ids] of Object.entries({ managedIds, customIds, allowListIds }))
    if (ids.some((id) => typeof id !== 'string' || id === ''))
      throw wrong(`scan.${name}`, ids, 'ids that are not empty');
  if (!Number.isInteger(samplingPercent) || samplingPercent < 1 || samplingPercent > 100)
    throw wrong('scan.samplingPercent', samplingPercent, '1 to 100');
}

function checkBounds(props: DataScanProps): void {
  const { attempts = 0, interval = Duration.seconds(1) } = props.retry ?? {};
  for (const [name, [least, most]] of Object.entries(TIMES) as [keyof typeof TIMES, [Duration, Duration]][])
    checkTime(name, props[name] ?? least, least, most);
  checkTime('retry.interval', interval, Duration.seconds(1), Duration.minutes(1));
  for (const [name, [least, most]] of Object.entries(NUMBERS) as [keyof typeof NUMBERS, [number, number]][])
    checkNumber(name, props[name] ?? least, least, most);
  checkNumber('retry.attempts', attempts, 0, 20);
}

function checkTime(name: string, value: Duration, least: Duration, most: Duration): void {
  const ms = value.toMilliseconds();
  if (ms < least.toMilliseconds() || ms > most.toMilliseconds() || ms % 1000 !== 0)
    throw new DataScanError(
      `${name} is ${value.toHumanString()}; write ${least.toHumanString()} to ${most.toHumanString()}, in whole seconds`,
    );
}

function checkNumber(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw wrong(name, value, `a whole number from ${least} to ${most}`);
}

function checkUploaderTag(tag = 'uploaded-by'): void {
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
  if (!/^[\p{L}\p{N} +\-=._:/@]{1,128}$/u.test(tag) || tag.startsWith('aws:') || OWN_TAGS.includes(tag))
    throw wrong('uploaderTag', tag, 'the name of a tag of S3 that the scan does not set itself');
}

function checkLooks({ poll, scanTimeout }: Times): void {
  if (scanTimeout.toSeconds() / poll.toSeconds() > MOST_LOOKS)
    throw new DataScanError(
      `poll is ${poll.toHumanString()} and scanTimeout ${scanTimeout.toHumanString()}; write at most ${MOST_LOOKS} times poll for scanTimeout, since an execution has no room for more looks`,
    );
}

function checkExpiry({ stores }: DataScanProps, { scanTimeout, reviewTime }: Times): void {
  if (!(stores instanceof DataScanBuckets)) return;
  const { stage, review } = stores.expireAfterDays;
  if (review !== null && review <= reviewTime.toDays({ integral: false }))
    throw wrong(
      'expireAfterDays.review',
      review,
      'more days than reviewTime, or copies are gone before anybody decides',
    );
  if (stage !== null && stage < scanTimeout.toDays({ integral: false }) + DAYS_OF_TROUBLE)
    throw wrong('expireAfterDays.stage', stage, `scanTimeout and ${DAYS_OF_TROUBLE} days at least, or null`);
}
