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

/** Stands for a category or a type that cannot be read. */
const UNNAMED = 'UNNAMED';

/** Whether it says what was found. One that does not cannot be told from another: they may be about anything. */
export function isNamed({ category, type }: Detection): boolean {
  // where the types of a category count nothing and the category does, it is its own type
  return category !== UNNAMED && type !== UNNAMED && type !== category;
}

/** One record: of an object, or of a file in an archive. */
export interface Result {
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
  const { code, reason } = member(result, 'status');
  const { key, versionId } = member(member(record, 'resourcesAffected'), 's3Object');
  if (details['jobId'] !== job || !isText(code) || !isText(key)) return 'unreadable';
  const detections = detectionsOf(result, code === 'COMPLETE');
  if (detections === undefined) return 'unreadable';
  const severity = textOf(member(record, 'severity')['description']).toUpperCase();
  return {
    key,
    version: isText(versionId) ? versionId : undefined,
    status: code,
    reason: isText(reason) ? reason : undefined,
    severity: SEVERITIES.find((known) => known === severity),
    detections,
  };
}

/**
 * @param outspoken whether both lists must be there: a record that says that all was looked into says what was found
 * @returns `undefined` for what is not understood
 */
function detectionsOf(result: Members, outspoken: boolean): Detection[] | undefined {
  const silence: Members = outspoken ? {} : { sensitiveData: [], customDataIdentifiers: { totalCount: 0 } };
  const managed = result['sensitiveData'] ?? silence['sensitiveData'];
  const custom = result['customDataIdentifiers'] ?? silence['customDataIdentifiers'];
  if (!Array.isArray(managed) || !isMembers(custom)) return undefined;
  const found = [
    ...managed.map(object).map((entry) => counted(textOf(entry['category']), 'type', entry)),
    counted('CUSTOM_IDENTIFIER', 'name', custom),
  ];
  return found.some((one) => one === undefined) ? undefined : found.flatMap((one) => one ?? []);
}

/** What one category counts: its types, and itself for whatever it counts beyond them. */
function counted(
  category: string,
  name: 'type' | 'name',
  { detections, totalCount }: Members,
): Detection[] | undefined {
  const list = detections ?? [];
  if (!Array.isArray(list)) return undefined;
  const types = list.map(object).map((one) => detection(category, one[name], one['count']));
  const named = types.reduce((sum, { count }) => sum + count, 0);
  const rest = isCount(totalCount) ? totalCount - named : 1;
  return [...types, detection(category, category, Math.max(rest, 0))].filter(({ count }) => count > 0);
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
  return isMembers(value) ? value : {};
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A count that is no whole number is one at least: what is not understood must not vanish. */
function detection(category: string, type: unknown, count: unknown): Detection {
  return {
    category,
    type: textOf(type),
    count: isCount(count) ? count : 1,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function textOf(value: unknown): string {
  return isText(value) ? value : UNNAMED;
}
