/** Everything the functions behind the review page need, for one deployed environment. */
import { systemClock } from '../../_kernel/clock';
import { createLogger } from '../../_kernel/log';
import { reviewEnv } from '../contract';
import type { DeskPorts } from '../core/desk';
import { machine } from './machine';
import { notices } from './notices';
import { runsTable } from './runs-table';
import { s3Client } from './s3';
import { s3Audit, s3Records } from './s3-records';

/** @throws EnvironmentError for a missing variable */
export function openDesk(env: NodeJS.ProcessEnv = process.env): DeskPorts {
  const settings = reviewEnv.read(env);
  const s3 = s3Client(settings.AWS_ENDPOINT_URL !== undefined);
  const records = settings.SCAN_RECORDS_BUCKET;
  return {
    runs: runsTable(settings.SCAN_TABLE_NAME),
    records: s3Records(s3, records),
    audit: s3Audit(s3, records, { clock: systemClock, lockDays: settings.SCAN_AUDIT_LOCK_DAYS }),
    machine: machine(systemClock),
    notices: notices({ bus: settings.SCAN_EVENT_BUS_NAME }, createLogger()),
    clock: systemClock,
    rules: {
      twoPeople: settings.SCAN_TWO_PEOPLE === 'yes',
      notUploader: settings.SCAN_NOT_UPLOADER === 'yes',
    },
    reviewers: settings.SCAN_REVIEWERS,
  };
}
