/** What the stand-in for Macie finds, and how Macie writes it: enough to try the pipeline, no measure of Macie. */

interface Examined {
  readonly bucket: string;
  readonly key: string;
  readonly version: string;
  readonly size: number;
  readonly etag: string;
}

interface Detected {
  readonly category: string;
  readonly type?: string;
  readonly count: number;
}

/** Types it knows, each by a pattern and, where there is one, its check digit. */
const PATTERNS: readonly {
  readonly category: string;
  readonly type: string;
  readonly pattern: RegExp;
  readonly isValid?: (text: string) => boolean;
}[] = [
  {
    category: 'FINANCIAL_INFORMATION',
    type: 'CREDIT_CARD_NUMBER',
    pattern: /\b(?:\d[ -]?){13,18}\d\b/g,
    isValid: passesLuhn,
  },
  {
    category: 'PERSONAL_INFORMATION',
    type: 'USA_SOCIAL_SECURITY_NUMBER',
    pattern: /\b(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b/g,
  },
  { category: 'CREDENTIALS', type: 'AWS_CREDENTIALS', pattern: /\bAKIA[A-Z2-7]{16}\b/g },
  { category: 'CREDENTIALS', type: 'OPENSSH_PRIVATE_KEY', pattern: /-----BEGIN OPENSSH PRIVATE KEY-----/g },
];

/** Extensions of text that it reads; Macie reads more (docs, "Supported file and storage formats"). */
const READABLE = ['', 'csv', 'tsv', 'txt', 'json', 'jsonl', 'xml', 'html', 'md'];

export function detect(text: string): Detected[] {
  return PATTERNS.flatMap(({ category, type, pattern, isValid = () => true }) => {
    const count = [...text.matchAll(pattern)].filter(([found]) => isValid(found)).length;
    return count === 0 ? [] : [{ category, type, count }];
  });
}

export function isReadable(key: string): boolean {
  return READABLE.includes(extensionOf(key));
}

export type Status = 'COMPLETE' | 'PARTIAL' | 'SKIPPED';

/** One line of the results that Macie exports (docs, "Storing and retaining sensitive data discovery results"). */
export function resultLine(
  job: { readonly id: string; readonly account: string; readonly region: string },
  { bucket, key, version, size, etag }: Examined,
  status: { readonly code: Status; readonly reason?: string },
  detected: readonly Detected[],
): string {
  const { id, account, region } = job;
  const categories = [...new Set(detected.map(({ category }) => category))];
  const now = new Date().toISOString();
  return JSON.stringify({
    schemaVersion: '1.0',
    accountId: account,
    partition: 'aws',
    region,
    category: 'CLASSIFICATION',
    createdAt: now,
    updatedAt: now,
    ...(detected.length === 0 ? {} : { severity: severityOf(detected) }),
    classificationDetails: {
      jobArn: `arn:aws:macie2:${region}:${account}:classification-job/${id}`,
      jobId: id,
      originType: 'SENSITIVE_DATA_DISCOVERY_JOB',
      result: {
        status,
        sizeClassified: status.code === 'COMPLETE' ? size : 0,
        sensitiveData: categories.map((category) => {
          const detections = detected
            .filter((one) => one.category === category)
            .map(({ type, count }) => ({ type, count }));
          return { category, detections, totalCount: detections.reduce((sum, { count }) => sum + count, 0) };
        }),
        customDataIdentifiers: { totalCount: 0, detections: [] },
      },
    },
    resourcesAffected: {
      s3Bucket: { arn: `arn:aws:s3:::${bucket}`, name: bucket },
      s3Object: {
        bucketArn: `arn:aws:s3:::${bucket}`,
        key,
        path: `${bucket}/${key}`,
        extension: extensionOf(key),
        versionId: version,
        eTag: etag,
        size: String(size),
      },
    },
  });
}

/** By the kind and number of what was found (docs, "Severity scoring for sensitive data findings"), in short. */
function severityOf(detected: readonly Detected[]): { readonly description: string; readonly score: number } {
  const high = detected.some(
    ({ category, count }) =>
      category === 'CREDENTIALS' || (category === 'FINANCIAL_INFORMATION' && count >= 50),
  );
  return high ? { description: 'High', score: 3 } : { description: 'Medium', score: 2 };
}

function extensionOf(key: string): string {
  return /\.([A-Za-z0-9]+)$/.exec(key)?.[1]?.toLowerCase() ?? '';
}

/** ISO/IEC 7812-1, annex B. */
function passesLuhn(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, i) => {
      const value = Number(digit) * (i % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return digits.length >= 14 && sum % 10 === 0;
}
