/** Sensitive data discovery results as Macie exports them. */
export interface Sample {
  readonly job?: string;
  readonly bucket?: string;
  readonly key?: string;
  /** Empty for a record that names none. */
  readonly version?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly severity?: string;
  readonly sensitiveData?: unknown;
  readonly custom?: unknown;
  readonly customTotal?: unknown;
}

export const CARD = [
  {
    category: 'FINANCIAL_INFORMATION',
    totalCount: 2,
    detections: [
      { type: 'CREDIT_CARD_NUMBER', count: 2, occurrences: { lineRanges: [{ start: 1, end: 1 }] } },
    ],
  },
];

/** One line; members that the pipeline does not read are there as they are on AWS. */
export function line({
  job = 'job-1',
  bucket = 'stage',
  key = 'runs/r/0000000.csv',
  version = 'v1',
  status = 'COMPLETE',
  reason,
  severity,
  sensitiveData = [],
  custom = [],
  customTotal = 0,
}: Sample = {}): string {
  return JSON.stringify({
    schemaVersion: '1.0',
    id: '00000000-0000-0000-0000-000000000000',
    accountId: '111122223333',
    partition: 'aws',
    region: 'us-east-1',
    type: severity === undefined ? '' : 'SensitiveData:S3Object/Financial',
    title: '',
    createdAt: '2026-11-21T10:00:00Z',
    category: 'CLASSIFICATION',
    ...(severity === undefined ? {} : { severity: { description: severity, score: 3 } }),
    classificationDetails: {
      jobArn: `arn:aws:macie2:us-east-1:111122223333:classification-job/${job}`,
      jobId: job,
      originType: 'SENSITIVE_DATA_DISCOVERY_JOB',
      result: {
        status: { code: status, ...(reason === undefined ? {} : { reason }) },
        sizeClassified: 100,
        mimeType: 'text/csv',
        sensitiveData,
        customDataIdentifiers: { totalCount: customTotal, detections: custom },
      },
    },
    resourcesAffected: {
      s3Bucket: { arn: `arn:aws:s3:::${bucket}`, name: bucket },
      s3Object: {
        bucketArn: `arn:aws:s3:::${bucket}`,
        key,
        path: `${bucket}/${key}`,
        ...(version === '' ? {} : { versionId: version }),
      },
    },
  });
}
