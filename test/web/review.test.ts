/** The words of the review page, and what is sent of what was chosen. */
import {
  allDoneText,
  approvalText,
  conflictText,
  decisionsOf,
  doneText,
  reasonErrors,
  sizeText,
  voteText,
  wordOf,
} from '../../web/src/review';
import type { ReviewedObject, Vote } from '../../web/src/review-types';
import { leftText } from '../../web/src/time';

const ADA: Vote = {
  by: 'ada',
  at: '2026-11-21T10:00:00Z',
  decision: 'approve',
  falsePositive: false,
  reason: 'seen',
};
const DENIED: Vote = { ...ADA, by: 'bob', decision: 'deny' };

function object(number: number, more: Partial<ReviewedObject> = {}): ReviewedObject {
  return { number, name: `n${number}`, size: 1, approval: 'releases', verdict: 'SENSITIVE', ...more };
}

test('what was decided meanwhile, or may not be approved, is not sent', () => {
  const approve = { decision: 'approve', falsePositive: true } as const;
  const deny = { decision: 'deny', falsePositive: false } as const;
  const choices = { 0: approve, 1: deny, 2: approve, 3: approve, 4: deny };
  const items = [
    object(0),
    object(1),
    object(2, { decided: DENIED }),
    object(3, { approval: 'malware', verdict: 'MALWARE' }),
    object(4, { approval: 'malware', verdict: 'MALWARE' }),
    object(5),
  ];
  const draft = { reason: '', choices };

  expect(decisionsOf(draft, items, {})).toEqual([
    { number: 0, ...approve },
    { number: 1, ...deny },
    { number: 4, ...deny },
  ]);
  // what was decided of all is decided of each
  expect(decisionsOf(draft, items, { decided: ADA })).toEqual([]);
});

test.each([
  ['', 1],
  ['no', 1],
  ['yes', 0],
  ['日本語', 0],
  ['x'.repeat(1000), 0],
  ['x'.repeat(1001), 1],
])('the reason %j has %i faults', (reason, faults) => {
  expect(reasonErrors(reason)).toHaveLength(faults);
});

test.each([
  ['malware', {}, /only be denied/],
  ['own_upload', {}, /You uploaded it/],
  ['other_person_needed', { first: ADA }, /You have approved it. Another person/],
  ['first_of_two', {}, /after you, another person/],
  ['releases', { first: ADA }, /^ada approved it on .* Your approval releases it.$/],
] as const)('%s is said before anybody tries', (approval, ballot, words) => {
  expect(approvalText(approval, ballot, 'me')).toMatch(words);
});

test('an approval that simply releases needs no words', () => {
  expect(approvalText('releases', {}, 'me')).toBeUndefined();
  expect(approvalText('own_upload', {}, 'me', 'all')).toMatch(/some of the objects/);
});

test('APPROVE-02 who decided is said, to themselves as you', () => {
  expect(voteText(DENIED, 'ada')).toMatch(/^Denied by bob on Nov 21, 2026, /);
  expect(voteText({ ...ADA, falsePositive: true }, 'ada')).toMatch(
    /^Approved, as a false positive by you on /,
  );
  expect(conflictText({ reason: 'decided', by: 'bob', at: ADA.at }, 'ada')).toMatch(
    /^was decided by bob on /,
  );
  expect(conflictText({ reason: 'decided' }, 'ada')).toBe('was decided by somebody else');
  expect(conflictText({ reason: 'other_person_needed', by: 'ada', at: ADA.at }, 'ada')).toMatch(
    /^was approved by you on .*: another person has to approve it too$/,
  );
  expect(conflictText({ reason: 'malware' }, 'ada')).toMatch(/only be denied/);
  expect(conflictText({ reason: 'own_upload' }, 'ada')).toMatch(/you may not approve/);
  expect(conflictText({ reason: 'findings_unnamed' }, 'ada')).toMatch(/cannot be called false/);
});

test('what came of it is said in one sentence', () => {
  const [approve, deny] = [{ decision: 'approve' }, { decision: 'deny' }] as const;

  expect(doneText([approve, approve, deny], { complete: false, pending: [] })).toBe(
    '2 objects approved, 1 object denied.',
  );
  expect(doneText([approve], { complete: false, pending: ['7'] })).toBe(
    '1 object approved by you, and by another person next.',
  );
  expect(doneText([deny], { complete: true, pending: [] })).toBe('1 object denied. The review is over.');
  expect(allDoneText('deny', { complete: true, pending: [] })).toBe(
    'All that was open is denied. The review is over.',
  );
  expect(allDoneText('approve', { complete: false, pending: ['all'] })).toMatch(
    /Another person has to approve too/,
  );
});

test.each([
  ['2026-11-26T10:00:00Z', '5 days left'],
  ['2026-11-23T09:59:00Z', '47 hours left'],
  ['2026-11-21T11:59:00Z', '119 minutes left'],
  ['2026-11-21T10:01:30Z', '1 minute left'],
  ['2026-11-21T09:00:00Z', '0 minutes left'],
])('until %s it is %s', (until, text) => {
  expect(leftText(until, Date.parse('2026-11-21T10:00:00Z'))).toBe(text);
});

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1 kB'],
  [1_550_000, '1.6 MB'],
  [5e15, '5,000 TB'],
])('%i bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

test('a code that is not known is shown as it is', () => {
  expect(wordOf('skipped')).toBe('The scanner skipped it');
  expect(wordOf('NEW_REASON')).toBe('NEW_REASON');
});
