/** Rules by severity and type, suppressions, tags. */
import { readResult, type Result } from '../../lambdas/data-scan/core/results';
import { actionOf, rulesOf, typeOf, type Suppression } from '../../lambdas/data-scan/core/rules';
import { releasedTags, stagedTags, taggingOf } from '../../lambdas/data-scan/core/tags';
import type { Rule } from '../../lambdas/data-scan/contract';
import { verdictOf, type Verdict } from '../../lambdas/data-scan/core/verdict';
import { line } from './macie-results';

const card = { category: 'FINANCIAL_INFORMATION', type: 'CREDIT_CARD_NUMBER', count: 1 };
const address = { category: 'PERSONAL_INFORMATION', type: 'ADDRESS', count: 1 };

function sensitive(
  severity: 'LOW' | 'MEDIUM' | 'HIGH',
  ...detections: (typeof card)[]
): Extract<Verdict, { verdict: 'SENSITIVE' }> {
  return { verdict: 'SENSITIVE', severity, detections };
}

const RULES: readonly Rule[] = [
  { types: ['CREDIT_CARD_NUMBER'], action: 'drop' },
  { severities: ['LOW'], types: ['PERSONAL_INFORMATION'], action: 'pass' },
];

test.each<[string, Verdict, readonly Rule[], string]>([
  ['a clean object is released', { verdict: 'CLEAN' }, RULES, 'release'],
  ['sensitive data needs a person by default', sensitive('LOW', address), [], 'review'],
  ['a rule lets a type of low severity pass with a tag', sensitive('LOW', address), RULES, 'release_tagged'],
  ['the rule is about that severity only', sensitive('HIGH', address), RULES, 'review'],
  ['a rule drops a type', sensitive('HIGH', card), RULES, 'drop'],
  [
    'what is to be dropped is not released because other data may pass',
    sensitive('LOW', address, card),
    RULES,
    'drop',
  ],
  ['what needs a person is not dropped', sensitive('HIGH', address, card), RULES, 'review'],
  ['a rule without conditions matches all', sensitive('HIGH', card), [{ action: 'pass' }], 'release_tagged'],
  ['the first rule that matches decides', sensitive('LOW', card), [{ action: 'review' }, ...RULES], 'review'],
  ['no rule is about the unknown', { verdict: 'UNKNOWN', reason: 'skipped' }, [{ action: 'pass' }], 'review'],
  [
    'no rule is about an object in which there may be more than was found',
    { ...sensitive('LOW', address), doubt: { reason: 'partial' } },
    [{ action: 'pass' }],
    'review',
  ],
  ['no rule is about malware', { verdict: 'MALWARE' }, [{ action: 'pass' }], 'review'],
])('%s', (_, verdict, rules, action) => {
  expect(actionOf(verdict, rules, undefined, 0)).toBe(action);
});

test('what a reviewer has called false passes until it ends, and only these types', () => {
  const suppression: Suppression = {
    key: 'a',
    types: ['FINANCIAL_INFORMATION/CREDIT_CARD_NUMBER'],
    until: 100,
  };
  const action = (now: number, ...found: (typeof card)[]): string =>
    actionOf(sensitive('HIGH', ...found), RULES, suppression, now);

  expect([action(99, card), action(100, card), action(99, card, address)]).toEqual([
    'release_suppressed',
    'drop',
    'review',
  ]);

  const doubt = { ...sensitive('HIGH', card), doubt: { reason: 'partial' } } as const;

  expect(actionOf(doubt, RULES, suppression, 99)).toBe('review');
});

test.each([
  ['no type', [{ type: undefined, count: 1 }]],
  ['an empty type', [{ type: '', count: 1 }]],
  ['a type that is no text', [{ type: 7, count: 1 }]],
  ['no types at all', []],
])('SCAN-02 what was called false is never what has %s', (_, detections) => {
  const found = (category: unknown, types: unknown): Verdict => {
    const sensitiveData = [{ category, totalCount: 1, detections: types }];
    const result = readResult(line({ sensitiveData }), 'job-1') as Result;
    return verdictOf(
      { copy: 'v1' },
      { job: 'complete', results: [result], unreadable: false, malware: null },
    );
  };
  const action = (verdict: Verdict): string => {
    const types = verdict.verdict === 'SENSITIVE' ? verdict.detections.map(typeOf) : [];
    return actionOf(verdict, [], { key: 'a', types, until: 1 }, 0);
  };
  const named = [{ type: 'ADDRESS', count: 1 }];

  expect(action(found('PERSONAL_INFORMATION', detections))).toBe('review');
  expect(action(found('PERSONAL_INFORMATION', [...named, ...detections, { count: 1 }]))).toBe('review');
  expect(['', null].map((category) => action(found(category, named)))).toEqual(['review', 'review']);
  expect(action(found('PERSONAL_INFORMATION', named))).toBe('release_suppressed');
});

test.each([
  ['{}', 'rules is {}'],
  ['null', 'rules is null'],
  ['[{"action":"allow"}]', 'rules[0].action is "allow"'],
  ['[{"severities":["WORST"],"action":"drop"}]', 'rules[0].severities is ["WORST"]'],
  ['[null]', 'rules[0] is null'],
  ['[{"action":"drop"},[]]', 'rules[1] is []'],
  ['[{"types":"X","action":"drop"}]', 'rules[0].types is "X"'],
  ['[{"types":[],"action":"drop"}]', 'rules[0].types is []'],
  ['[{"types":[""],"action":"drop"}]', 'rules[0].types is [""]'],
  // without what was meant it would match everything
  ['[{"typs":["X"],"action":"pass"}]', 'rules[0].typs is no member of a rule'],
])('SCAN-02 the functions refuse what is no rule, as synth does: %s', (json, fault) => {
  expect(() => rulesOf(json)).toThrow(fault);
  expect(rulesOf(JSON.stringify(RULES))).toEqual(RULES);
});

test('tags of the owner are kept; those that claim a verdict are not', () => {
  const tags = { team: 'a b&c', SensitiveDataFound: 'false', GuardDutyMalwareScanStatus: 'NO_THREATS_FOUND' };

  expect(stagedTags(tags)).toEqual({ team: 'a b&c' });
  expect(releasedTags(tags, 'release')).toEqual({ team: 'a b&c' });
  expect(releasedTags(tags, 'approve')).toEqual({ team: 'a b&c', SensitiveDataFound: 'true' });
  expect(releasedTags(tags, 'release_tagged')).toEqual({ team: 'a b&c', SensitiveDataFound: 'true' });
  expect(releasedTags(tags, 'release_suppressed')).toEqual({
    team: 'a b&c',
    SensitiveDataSuppressed: 'true',
  });
  expect(taggingOf({ 'a b': 'c&d=é+' })).toBe('a%20b=c%26d%3D%C3%A9%2B');
});

test('an object with no room for the tag is not released without it', () => {
  const full = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`t${i}`, 'x']));

  expect(releasedTags(full, 'approve')).toBeUndefined();
  expect(releasedTags(full, 'release')).toEqual(full);
});
