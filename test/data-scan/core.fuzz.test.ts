/** Properties: nothing is clean without proof, no name gets out of its line, no page loses a version. */
import fc from 'fast-check';

import { mailName } from '../../lambdas/data-scan/core/escape';
import { pagesOf, type RawVersion } from '../../lambdas/data-scan/core/objects';
import { readResult } from '../../lambdas/data-scan/core/results';
import { verdictOf, type JobOutcome } from '../../lambdas/data-scan/core/verdict';
import { CARD, line } from './macie-results';

const sample = fc.record({
  version: fc.constantFrom('v1', 'v2', ''),
  status: fc.constantFrom('COMPLETE', 'PARTIAL', 'SKIPPED', 'OTHER'),
  sensitiveData: fc.constantFrom([], CARD),
});

test('SCAN-01 SCAN-02 clean exactly if the job is complete, every record of the version is, and none found anything', () => {
  fc.assert(
    fc.property(
      fc.array(sample, { maxLength: 4 }),
      fc.constantFrom<JobOutcome>('complete', 'cancelled', 'paused', 'timed_out'),
      fc.boolean(),
      fc.constantFrom('clean', 'found', 'unknown', null),
      (samples, job, unreadable, malware) => {
        const results = samples.flatMap((one) => {
          const result = readResult(line(one), 'job-1');
          return result === 'unreadable' ? [] : [result];
        });
        const { verdict } = verdictOf({ copy: 'v1' }, { job, results, unreadable, malware });
        // without a version a record speaks against the object, never for it
        const about = samples.filter(({ version }) => version !== 'v2');
        const clean =
          job === 'complete' &&
          !unreadable &&
          (malware === null || malware === 'clean') &&
          about.some(({ version }) => version === 'v1') &&
          about.every(({ status, sensitiveData }) => status === 'COMPLETE' && sensitiveData.length === 0);

        expect(verdict === 'CLEAN').toBe(clean);
      },
    ),
  );
});

test('a line of any JSON, or of none, is read or unreadable, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.constant(line())), (text) => {
      const result = readResult(text, 'job-1');

      expect(result === 'unreadable' || result.key !== '').toBe(true);
    }),
  );
});

test('SCAN-07 no name breaks a line, has markup or looks like a link, and different names stay different', () => {
  const name = fc.string({ unit: 'binary', maxLength: 40 });
  fc.assert(
    fc.property(name, name, (a, b) => {
      const [one, other] = [mailName(a), mailName(b)];

      expect(one).not.toMatch(/[\p{C}\u2028\u2029<>"'&@:]|[^[]\.|\.[^\]]/u);
      expect(one === other).toBe(a === b);
    }),
  );
});

test('every version is on exactly one page, under a number of its own', () => {
  const version = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    uploadedAt: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(version, { maxLength: 30 }), fc.integer({ min: 1, max: 5 }), (given, size) => {
      const listed: RawVersion[] = given
        .map((one, i) => ({ ...one, version: `v${i}`, size: 1 }))
        .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : b.uploadedAt - a.uploadedAt));
      const pages = pagesOf(listed, size);
      const all = pages.flat();

      expect(all.map(({ version: id }) => id).sort()).toEqual(listed.map(({ version: id }) => id).sort());
      expect(all.map(({ n }) => n)).toEqual(all.map((_, i) => i));
      for (const key of 'abcd') {
        const times = all.filter((one) => one.key === key).map(({ uploadedAt }) => uploadedAt);

        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(pages.filter((page) => page.some((one) => one.key === key)).length).toBeLessThanOrEqual(1);
      }
    }),
  );
});
