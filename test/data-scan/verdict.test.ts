/** Verdicts: clean only where Macie has classified exactly the version that would be released. */
import { readResult, type Result } from '../../lambdas/data-scan/core/results';
import { verdictOf, type Evidence } from '../../lambdas/data-scan/core/verdict';
import { CARD, line, type Sample } from './macie-results';

function resultsOf(...samples: Sample[]): Result[] {
  return samples.map((sample) => readResult(line(sample), 'job-1') as Result);
}

function judged(samples: readonly Sample[], how: Partial<Evidence> = {}): object {
  const evidence: Evidence = {
    job: 'complete',
    results: resultsOf(...samples),
    unreadable: false,
    malware: null,
  };
  return verdictOf({ copy: 'v1' }, { ...evidence, ...how });
}

test('an object whose very version was classified without a finding is clean', () => {
  expect(judged([{}])).toEqual({ verdict: 'CLEAN' });
  expect(judged([{}, {}])).toEqual({ verdict: 'CLEAN' });
  expect(judged([{}], { malware: 'clean' })).toEqual({ verdict: 'CLEAN' });
});

test.each([
  [
    'skipped',
    [{ status: 'SKIPPED', reason: 'UNSUPPORTED_FILE_TYPE_EXCEPTION' }],
    { reason: 'skipped', detail: 'UNSUPPORTED_FILE_TYPE_EXCEPTION' },
  ],
  [
    'classified in part',
    [{ status: 'PARTIAL', reason: 'ARCHIVE_EXCEEDS_SIZE_LIMIT' }],
    { reason: 'partial', detail: 'ARCHIVE_EXCEEDS_SIZE_LIMIT' },
  ],
  ['skipped in one file of an archive', [{}, { status: 'SKIPPED' }], { reason: 'skipped' }],
  ['of a status nobody knows', [{ status: 'LATER' }], { reason: 'skipped' }],
  ['not sampled', [], { reason: 'not_scanned' }],
  ['classified in another version', [{ version: 'v0' }], { reason: 'other_version_scanned' }],
  ['classified in no version that is named', [{ version: '' }], { reason: 'other_version_scanned' }],
])('SCAN-02 an object that was %s is unknown, and named so', (_, samples: Sample[], unknown) => {
  expect(judged(samples)).toEqual({ verdict: 'UNKNOWN', ...unknown });
});

test.each(['cancelled', 'paused', 'timed_out'] as const)(
  'SCAN-01 after a job that was %s nothing is clean, but what was found counts',
  (job) => {
    expect(judged([{}], { job })).toEqual({ verdict: 'UNKNOWN', reason: `job_${job}` });
    expect(judged([{ sensitiveData: CARD, severity: 'High' }], { job })).toMatchObject({
      verdict: 'SENSITIVE',
    });
  },
);

test('SCAN-02 a record that cannot be read may be about any object, so none is clean', () => {
  expect(judged([{}], { unreadable: true })).toEqual({ verdict: 'UNKNOWN', reason: 'results_unreadable' });
});

test('sensitive data is told by type and severity, over all files of an archive', () => {
  const custom = [{ arn: 'arn:aws:macie2:::custom', name: 'Customer number', count: 3 }];

  expect(
    judged([
      { sensitiveData: CARD, severity: 'Low' },
      { sensitiveData: CARD, severity: 'Medium', status: 'PARTIAL' },
      { custom, severity: 'Low' },
    ]),
  ).toEqual({
    verdict: 'SENSITIVE',
    severity: 'MEDIUM',
    detections: [
      { category: 'FINANCIAL_INFORMATION', type: 'CREDIT_CARD_NUMBER', count: 4 },
      { category: 'CUSTOM_IDENTIFIER', type: 'Customer number', count: 3 },
    ],
  });
});

test('sensitive data without a severity is taken for the worst', () => {
  expect(judged([{ sensitiveData: CARD }])).toMatchObject({ severity: 'HIGH' });
});

test('malware is never anything else; a gate without a verdict is not clean', () => {
  expect(judged([{}], { malware: 'found' })).toEqual({ verdict: 'MALWARE' });
  expect(judged([{ sensitiveData: CARD }], { malware: 'found' })).toEqual({ verdict: 'MALWARE' });
  expect(judged([{}], { malware: 'unknown' })).toEqual({ verdict: 'UNKNOWN', reason: 'malware_unknown' });
});

test.each([
  ['is no JSON', '{'],
  ['is no record', '[]'],
  ['is of another job', line({ job: 'job-2' })],
  ['has no status', line({ status: '' })],
  ['has no key', line({ key: '' })],
  ['has findings that are no list', line({ sensitiveData: 'none' })],
  ['has custom findings that are no list', line({ custom: {} })],
])('a line that %s is unreadable', (_, text) => {
  expect(readResult(text, 'job-1')).toBe('unreadable');
  expect(readResult(line(), 'job-1')).toMatchObject({ key: 'runs/r/0000000.csv', version: 'v1' });
});

test('a finding that is written in a way nobody knows still counts', () => {
  const [one] = resultsOf({ sensitiveData: [{ category: 'PERSONAL_INFORMATION', totalCount: 'many' }] });

  expect(one?.detections).toEqual([
    { category: 'PERSONAL_INFORMATION', type: 'PERSONAL_INFORMATION', count: 1 },
  ]);
});
