/** Everything the steps of a run need, for one deployed environment. */
import { randomBytes } from 'node:crypto';

import { systemClock } from '../../_kernel/clock';
import { createLogger } from '../../_kernel/log';
import { MALWARE_TAG, taskEnv, type ScanOptions, type TaskSettings } from '../contract';
import type { Ports } from '../core/ports';
import { rulesOf } from '../core/rules';
import type { Tags } from '../core/tags';
import type { Malware } from '../core/verdict';
import { machine } from './machine';
import { macie } from './macie';
import { notices } from './notices';
import { runsTable } from './runs-table';
import { s3Client } from './s3';
import { type Buckets, s3Objects } from './s3-objects';
import { s3Audit, s3Records } from './s3-records';

const MEBIBYTE = 1024 * 1024;

/** @throws EnvironmentError for a missing variable; TypeError for rules that are none */
export function openRun(env: NodeJS.ProcessEnv = process.env): Ports {
  const settings = taskEnv.read(env);
  const s3 = s3Client(settings.AWS_ENDPOINT_URL !== undefined);
  const [, , , region = '', account = ''] = settings.SCAN_STATE_MACHINE_ARN.split(':');
  const records = settings.SCAN_RECORDS_BUCKET;
  return {
    objects: s3Objects(s3, bucketsOf(settings), { multipart: settings.SCAN_MULTIPART_MIB * MEBIBYTE }),
    records: s3Records(s3, records),
    audit: s3Audit(s3, records, { clock: systemClock, lockDays: settings.SCAN_AUDIT_LOCK_DAYS }),
    runs: runsTable(settings.SCAN_TABLE_NAME),
    scanner: macie(s3, {
      account,
      region,
      stageBucket: settings.SCAN_STAGE_BUCKET,
      recordsBucket: records,
      keyArn: settings.SCAN_KEY_ARN,
    }),
    machine: machine(systemClock, settings.SCAN_STATE_MACHINE_ARN),
    notices: notices(noticeOptions(settings), createLogger()),
    clock: systemClock,
    rules: rulesOf(settings.SCAN_RULES),
    options: JSON.parse(settings.SCAN_OPTIONS) as ScanOptions,
    limits: {
      pageObjects: settings.SCAN_PAGE_OBJECTS,
      runObjects: settings.SCAN_RUN_OBJECTS,
      scanTimeout: settings.SCAN_TIMEOUT_SECONDS * 1000,
      resultsWait: settings.SCAN_RESULTS_SECONDS * 1000,
      settle: settings.SCAN_SETTLE_SECONDS * 1000,
      reviewTime: settings.SCAN_REVIEW_SECONDS * 1000,
    },
    uploaderTag: settings.SCAN_UPLOADER_TAG,
    denied: settings.SCAN_DENIED,
    malware: settings.SCAN_MALWARE === 'yes' ? malwareOf : null,
    newId: () => randomBytes(16).toString('base64url'),
    siteUrl: settings.SCAN_SITE_URL,
  };
}

function bucketsOf(settings: TaskSettings): Buckets {
  return {
    raw: settings.SCAN_RAW_BUCKET,
    stage: settings.SCAN_STAGE_BUCKET,
    review: settings.SCAN_REVIEW_BUCKET,
    output: settings.SCAN_OUTPUT_BUCKET,
  };
}

function noticeOptions(settings: TaskSettings): Parameters<typeof notices>[0] {
  const [from, to, topic] = [settings.SCAN_MAIL_FROM, settings.SCAN_MAIL_TO, settings.SCAN_TOPIC_ARN];
  return {
    bus: settings.SCAN_EVENT_BUS_NAME,
    ...(from === undefined || to === undefined ? {} : { mail: { from, to: to.split(' ') } }),
    ...(topic === undefined ? {} : { topic }),
  };
}

/** https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-s3-obj-tags.html */
export function malwareOf(tags: Tags): Malware {
  const verdict = tags[MALWARE_TAG];
  if (verdict === undefined) return 'pending';
  if (verdict === 'THREATS_FOUND') return 'found';
  return verdict === 'NO_THREATS_FOUND' ? 'clean' : 'unknown';
}
