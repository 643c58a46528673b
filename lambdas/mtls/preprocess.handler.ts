/** An upload to the bucket: the list is verified and published, or refused with its reason. */
import { systemClock } from '../_kernel/clock';
import { atFirstUse } from '../_kernel/env';
import { createLogger } from '../_kernel/log';
import { listsBucket } from './adapters/lists-bucket';
import { logPublication } from './adapters/publication-log';
import { s3Client } from './adapters/s3';
import { ISSUER_SUFFIX, LIST_SUFFIX, preprocessEnv } from './contract';
import { publish } from './core/publish';
import { timeRules } from './core/rules';
import { uploadedAt, uploadOf } from './core/upload';

const log = createLogger();

const parts = atFirstUse(() => {
  const env = preprocessEnv.read(process.env);
  const client = s3Client(env.AWS_ENDPOINT_URL !== undefined);
  const trustStore = { bucket: env.TRUST_STORE_BUCKET, key: env.TRUST_STORE_KEY };
  return {
    lists: listsBucket(client, env.LISTS_BUCKET, trustStore),
    prefixes: env.UPLOAD_PREFIXES.split(' '),
    rules: timeRules(env),
    maximumBytes: env.MAXIMUM_LIST_MIB * 1024 * 1024,
  };
});

/** A refusal is final and only said; trouble throws, is tried again and ends in the dead-letter queue. */
export async function handler(event: unknown): Promise<void> {
  const { lists, prefixes, rules, maximumBytes } = parts();
  const upload = uploadOf(event, prefixes, { list: LIST_SUFFIX, issuer: ISSUER_SUFFIX });
  if (upload === undefined) return;
  const publication = await publish(upload, lists, { now: seconds(), rules, maximumBytes });
  logPublication(log, upload.key, publication, uploadedAt(event), seconds());
}

function seconds(): number {
  return Math.floor(systemClock() / 1000);
}
