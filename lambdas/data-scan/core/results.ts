/** Reads sensitive data discovery results: what Macie says of each object it was to look into. */
import { SEVERITIES, type Severity } from '../contract';

/** Sensitive data of one type in an object. */
export interface Detection {
  /** `PERSONAL_INFORMATION`, `FINANCIAL_INFORMATION`, `CREDENTIALS`, or `CUSTOM_IDENTIFIER`. */
  readonly category: string;
  /** Identifier of Macie, e.g. `CREDIT_CARD_NUMBER`, or the name of a custom one. */
  readonly type: string;
  readonly count: number;
}

/** One record: of an object, or of a file in an archive. */
export interface Result {
  readonly bucket: string;
  readonly key: string;
  /** Version that was classified; a record without one proves nothing of any version. */
  readonly version: string | undefined;
  /** `COMPLETE`, `PARTIAL` or `SKIPPED`. */
  readonly status: string;
  readonly reason: string | undefined;
  readonly severity: Severity | undefined;
  readonly detections: readonly Detection[];
}

/**
 * Reads one line of the exported results
 * (https://docs.aws.amazon.com/macie/latest/user/discovery-results-repository-s3.html); the members are those of a
 * finding (https://docs.aws.amazon.com/macie/latest/APIReference/findings-describe.html).
 *
 * @param job id of the job that the line must be of
 * @returns `unreadable` for a line that is not understood: then nothing can be said of what it was about
 */
export function readResult(line: string, job: string): Result | 'unreadable' {
  const record = parsed(line);
  const details = member(record, 'classificationDetails');
  const result = member(details, 'result');
  const affected = member(record, 'resourcesAffected');
  const bucket = member(affected, 's3Bucket')['name'];
  const { code, reason } = member(result, 'status');
  const { key, versionId } = member(affected, 's3Object');
  if (details['jobId'] !== job || !isText(code) || !isText(key) || !isText(bucket)) return 'unreadable';
  const managed = listOf(result['sensitiveData']);
  const custom = listOf(member(result, 'customDataIdentifiers')['detections']);
  if (managed === undefined || custom === undefined) return 'unreadable';
  const detections = [
    ...managed.flatMap((entry) => {
      const category = textOf(entry['category']);
      const found = (listOf(entry['detections']) ?? []).map((one) => detection(category, one['type'], one));
      // a category that counts something counts, whatever its list says
      return found.length === 0 ? [detection(category, category, { count: entry['totalCount'] })] : found;
    }),
    ...custom.map((one) => detection('CUSTOM_IDENTIFIER', one['name'], one)),
  ].filter(({ count }) => count > 0);
  const severity = textOf(member(record, 'severity')['description']).toUpperCase();
  return {
    bucket,
    key,
    version: isText(versionId) ? versionId : undefined,
    status: code,
    reason: isText(reason) ? reason : undefined,
    severity: SEVERITIES.find((known) => known === severity),
    detections,
  };
}

type Members = Readonly<Record<string, unknown>>;

function parsed(line: string): Members {
  try {
    return object(JSON.parse(line));
  } catch {
    return {};
  }
}

function member(parent: Members, name: string): Members {
  return object(parent[name]);
}

function object(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

/** Items of a list, none where there is none; `undefined` for what is no list of objects. */
function listOf(value: unknown): Members[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  return value.map(object);
}

function detection(category: string, type: unknown, { count }: Members): Detection {
  // a count that is no number is one at least: what is not understood must not vanish
  const number = Number(count);
  return {
    category,
    type: isText(type) ? type : 'UNNAMED',
    count: Number.isSafeInteger(number) && number >= 0 ? number : 1,
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'UNNAMED';
}
