/** Verdicts: clean only where Macie has classified exactly the version that would be released. */
import { readResult, type Result } from '../../lambdas/data-scan/core/results';
import { verdictOf, type Evidence } from '../../lambdas/data-scan/core/verdict';
import { CARD, line, type Sample } from './macie-results';

function resultsOf(...samples: Sample[]): Result[] {
  return samples.map((sample) => readResult(line(sample), 'job-1') as Result);
}

const FOUND: Sample = { sensitiveData: CARD, severity: 'Low' };

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
  [
    'skipped by a record that names no version',
    [{}, { version: '', status: 'SKIPPED' }],
    { reason: 'skipped' },
  ],
])('SCAN-02 an object that was %s is unknown, and named so', (_, samples: Sample[], unknown) => {
  expect(judged(samples)).toEqual({ verdict: 'UNKNOWN', ...unknown });
});

test.each(['cancelled', 'paused', 'timed_out'] as const)(
  'SCAN-01 after a job that was %s nothing is clean, but what was found counts',
  (job) => {
    expect(judged([{}], { job })).toEqual({ verdict: 'UNKNOWN', reason: `job_${job}` });
    expect(judged([{ sensitiveData: CARD, severity: 'High' }], { job })).toMatchObject({
      verdict: 'SENSITIVE',
      doubt: { reason: `job_${job}` },
    });
  },
);

test.each<[string, readonly Sample[], Partial<Evidence>, object]>([
  [
    'a file of its archive was skipped',
    [FOUND, { status: 'SKIPPED', reason: 'X' }],
    {},
    { reason: 'skipped', detail: 'X' },
  ],
  ['it was classified in part', [{ ...FOUND, status: 'PARTIAL' }], {}, { reason: 'partial' }],
  ['no record names its version', [{ ...FOUND, version: '' }], {}, { reason: 'other_version_scanned' }],
  ['a record cannot be read', [FOUND], { unreadable: true }, { reason: 'results_unreadable' }],
  ['malware may be in it', [FOUND], { malware: 'unknown' }, { reason: 'malware_unknown' }],
])('SCAN-02 sensitive data is not all that there may be where %s', (_, samples, how, doubt) => {
  expect(judged(samples, how)).toMatchObject({ verdict: 'SENSITIVE', doubt });
  expect(judged([FOUND], { malware: 'clean' })).not.toHaveProperty('doubt');
});

test('SCAN-02 a record that cannot be read may be about any object, so none is clean', () => {
  expect(judged([{}], { unreadable: true })).toEqual({ verdict: 'UNKNOWN', reason: 'results_unreadable' });
});

test('sensitive data is told by type and severity, over all files of an archive', () => {
  const custom = [{ arn: 'arn:aws:macie2:::custom', name: 'Customer number', count: 3 }];

  expect(
    judged([
      { sensitiveData: CARD, severity: 'Low' },
      { sensitiveData: CARD, severity: 'Medium' },
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
  ['is null', 'null'],
  ['is of another job', line({ job: 'job-2' })],
  ['has no status', line({ status: '' })],
  ['has no key', line({ key: '' })],
  ['has findings that are no list', line({ sensitiveData: 'none' })],
  ['has no word of findings', line({ sensitiveData: null })],
  [
    'has a category whose findings are no list',
    line({ sensitiveData: [{ totalCount: 0, detections: 'none' }] }),
  ],
  ['has custom findings that are no list', line({ custom: {} })],
  ['has no word of custom findings', line().replace('customDataIdentifiers', 'identifiers')],
])('SCAN-02 a line that %s is unreadable', (_, text) => {
  expect(readResult(text, 'job-1')).toBe('unreadable');
  expect(readResult(line(), 'job-1')).toMatchObject({ key: 'runs/r/0000000.csv', version: 'v1' });
});

test('a record of what was skipped may be silent about findings', () => {
  const silent = line({ status: 'SKIPPED', sensitiveData: null }).replace(
    'customDataIdentifiers',
    'identifiers',
  );

  expect(readResult(silent, 'job-1')).toMatchObject({ status: 'SKIPPED', detections: [] });
});

const CATEGORY = 'PERSONAL_INFORMATION';

/** An object with one entry of findings. */
function withEntry(entry: unknown): object {
  return judged([{ sensitiveData: [entry] }]);
}

test.each([null, '', false, true, [], {}, '0', 'many', -1, 0.5, 1e300, undefined])(
  'SCAN-02 a count that is %j is one at least: the object is not clean',
  (count) => {
    const one = { verdict: 'SENSITIVE', detections: [{ category: CATEGORY, type: 'NAME', count: 1 }] };
    const whole = { verdict: 'SENSITIVE', detections: [{ category: CATEGORY, type: CATEGORY, count: 1 }] };

    expect(
      withEntry({ category: CATEGORY, totalCount: 0, detections: [{ type: 'NAME', count }] }),
    ).toMatchObject(one);
    expect(withEntry({ category: CATEGORY, totalCount: count, detections: [] })).toMatchObject(whole);
    expect(withEntry({ category: CATEGORY, totalCount: count })).toMatchObject(whole);
    expect(judged([{ custom: [{ name: 'Customer', count }] }])).toMatchObject({ verdict: 'SENSITIVE' });
    expect(judged([{ customTotal: count ?? null }])).toMatchObject({ verdict: 'SENSITIVE' });
    expect(
      withEntry({ category: CATEGORY, totalCount: 0, detections: [{ type: 'NAME', count: 0 }] }),
    ).toEqual({
      verdict: 'CLEAN',
    });
  },
);

test('SCAN-02 a category counts what its types do not', () => {
  const entry = { category: CATEGORY, totalCount: 7, detections: [{ type: 'NAME', count: 0 }] };

  expect(withEntry(entry)).toMatchObject({ detections: [{ category: CATEGORY, type: CATEGORY, count: 7 }] });
  const names = { category: CATEGORY, type: 'NAME', count: 3 };
  expect(withEntry({ ...entry, detections: [{ type: 'NAME', count: 3 }] })).toMatchObject({
    detections: [names, { category: CATEGORY, type: CATEGORY, count: 4 }],
  });
  expect(withEntry({ category: CATEGORY, totalCount: 3, detections: [names] })).toMatchObject({
    detections: [names],
  });
  expect(withEntry({ ...entry, totalCount: 0 })).toEqual({ verdict: 'CLEAN' });
});

test.each([null, 'x', 7, [], {}])('SCAN-02 an entry that is %j, or a finding in it, counts', (entry) => {
  expect(withEntry(entry)).toMatchObject({ verdict: 'SENSITIVE', detections: [{ count: 1 }] });
  expect(withEntry({ category: CATEGORY, totalCount: 0, detections: [entry] })).toMatchObject({
    verdict: 'SENSITIVE',
    detections: [{ category: CATEGORY, type: 'UNNAMED', count: 1 }],
  });
});
