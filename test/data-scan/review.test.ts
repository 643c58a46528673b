/** Who may decide what about which object, once. */
import { approvalBy, cast, type Ballot, type Rules, type Vote } from '../../lambdas/data-scan/core/review';
import type { ReviewObject } from '../../lambdas/data-scan/core/review';

const UNKNOWN: ReviewObject['verdict'] = { verdict: 'UNKNOWN', reason: 'skipped' };
const ONE: Rules = { twoPeople: false, notUploader: false };

function vote(by: string, decision: Vote['decision'], falsePositive = false): Vote {
  return { by, decision, falsePositive, at: '2026-11-21T10:00:00.000Z', reason: 'seen' };
}

function after(votes: readonly Vote[], rules: Rules, uploader?: string): ReturnType<typeof cast> {
  const object = { verdict: UNKNOWN, ...(uploader === undefined ? {} : { uploader }) };
  let ballot: Ballot = {};
  let result: ReturnType<typeof cast> = { ok: true, ballot };
  for (const one of votes) {
    result = cast(object, ballot, one, rules);
    if (result.ok) ballot = result.ballot;
  }
  return result;
}

test('APPROVE-02 one person decides, and whoever comes second is told who and when', () => {
  const first = vote('ada', 'approve');

  expect(after([first], ONE)).toEqual({ ok: true, ballot: { decided: first } });
  expect(after([first, vote('bob', 'deny')], ONE)).toEqual({ ok: false, reason: 'decided', before: first });
  expect(after([first, first], ONE)).toMatchObject({ ok: false, reason: 'decided' });
});

test('two people release where the rules say so, one denies', () => {
  const rules = { ...ONE, twoPeople: true };
  const [ada, bob] = [vote('ada', 'approve'), vote('bob', 'approve')];

  expect(after([ada], rules)).toEqual({ ok: true, ballot: { first: ada } });
  expect(after([ada, ada], rules)).toEqual({ ok: false, reason: 'other_person_needed', before: ada });
  expect(after([ada, bob], rules)).toEqual({ ok: true, ballot: { first: ada, decided: bob } });
  expect(after([ada, vote('bob', 'deny')], rules)).toMatchObject({
    ok: true,
    ballot: { decided: { by: 'bob', decision: 'deny' } },
  });
});

test('a false positive of two takes both', () => {
  const rules = { ...ONE, twoPeople: true };
  const decided = (first: boolean, second: boolean): unknown =>
    after([vote('ada', 'approve', first), vote('bob', 'approve', second)], rules);

  expect(decided(true, true)).toMatchObject({ ballot: { decided: { falsePositive: true } } });
  expect(decided(true, false)).toMatchObject({ ballot: { decided: { falsePositive: false } } });
  expect(decided(false, true)).toMatchObject({ ballot: { decided: { falsePositive: false } } });
});

test('SCAN-02 findings without a readable type are not called false; without that, or denied, the vote is taken', () => {
  const named = { category: 'CREDENTIALS', type: 'AWS_CREDENTIALS', count: 1 };
  const result = (type: string, rules: Rules, said: Vote, ballot: Ballot = {}): unknown => {
    const detections = [named, { ...named, type }];
    return cast({ verdict: { verdict: 'SENSITIVE', severity: 'HIGH', detections } }, ballot, said, rules);
  };
  const two = { ...ONE, twoPeople: true };
  const marked = vote('ada', 'approve', true);
  const refused = { ok: false, reason: 'findings_unnamed' };

  for (const type of ['UNNAMED', 'CREDENTIALS']) {
    expect(result(type, ONE, marked)).toEqual(refused);
    expect(result(type, two, marked)).toEqual(refused);
    expect(result(type, two, marked, { first: vote('bob', 'approve') })).toEqual(refused);
    expect(result(type, ONE, vote('ada', 'approve'))).toMatchObject({ ok: true });
    expect(result(type, ONE, vote('ada', 'deny', true))).toMatchObject({ ok: true });
    expect(result(type, ONE, marked, { decided: vote('bob', 'deny') })).toMatchObject({ reason: 'decided' });
  }
  expect(result('OPENSSH_PRIVATE_KEY', ONE, marked)).toEqual({ ok: true, ballot: { decided: marked } });
});

test('who uploaded an object may deny it, not release it; of an unknown uploader it takes two', () => {
  const rules = { ...ONE, notUploader: true };

  expect(after([vote('ada', 'approve')], rules, 'ada')).toEqual({ ok: false, reason: 'own_upload' });
  expect(after([vote('ada', 'deny')], rules, 'ada')).toMatchObject({ ok: true, ballot: { decided: {} } });
  expect(after([vote('bob', 'approve')], rules, 'ada')).toMatchObject({ ok: true, ballot: { decided: {} } });
  expect(after([vote('bob', 'approve')], rules)).toEqual({
    ok: true,
    ballot: { first: vote('bob', 'approve') },
  });
  expect(after([vote('bob', 'approve'), vote('ada', 'approve')], rules)).toMatchObject({
    ok: true,
    ballot: { decided: { by: 'ada' } },
  });
});

test('malware is denied, never released', () => {
  const object = { verdict: { verdict: 'MALWARE' } } as const;

  expect(cast(object, {}, vote('ada', 'approve'), ONE)).toEqual({ ok: false, reason: 'malware' });
  expect(cast(object, {}, vote('ada', 'deny'), ONE)).toMatchObject({ ok: true });
});

test('what an approval would come to is said before anybody gives it', () => {
  const two = { twoPeople: true, notUploader: true };
  const object = { verdict: UNKNOWN, uploader: 'eve' };
  const first = { first: vote('ada', 'approve') };

  expect(approvalBy('ada', object, {}, ONE)).toBe('releases');
  expect(approvalBy('ada', object, {}, two)).toBe('first_of_two');
  expect(approvalBy('ada', object, first, two)).toBe('other_person_needed');
  expect(approvalBy('bob', object, first, two)).toBe('releases');
  expect(approvalBy('eve', object, {}, two)).toBe('own_upload');
  expect(approvalBy('ada', { verdict: { verdict: 'MALWARE' } }, {}, ONE)).toBe('malware');
  expect(approvalBy('ada', object, { decided: vote('bob', 'deny') }, ONE)).toBe('decided');
});
