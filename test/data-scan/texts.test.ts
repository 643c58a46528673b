/** Names, pages, mails and the chain of audit records. */
import { auditFaults, auditText, hashOf, nextRecord } from '../../lambdas/data-scan/core/audit';
import { mailName } from '../../lambdas/data-scan/core/escape';
import { endMail, heldMail, reviewMail } from '../../lambdas/data-scan/core/mail';
import {
  copyKey,
  fromLines,
  isRunId,
  pagesOf,
  toLines,
  type RawVersion,
} from '../../lambdas/data-scan/core/objects';
import { showAudit } from '../../tools/scan/audit';

test.each([
  ['report.csv', 'report[.]csv'],
  ['a b/ü-日本_1+2.csv', 'a b/ü-日本_1+2[.]csv'],
  ['<b>x</b>', '%3Cb%3Ex%3C/b%3E'],
  ['https://evil.example/approve', 'https%3A//evil[.]example/approve'],
  ['mailto:a@b.example', 'mailto%3Aa%40b[.]example'],
  ['a\r\nApprove here', 'a%0D%0AApprove here'],
  ['a%0Ab', 'a%250Ab'],
  ['txt\u202Egnp.exe', 'txt%E2%80%AEgnp[.]exe'],
  ['a[.]b', 'a%5B[.]%5Db'],
  ['\u2028', '%E2%80%A8'],
])('SCAN-07 in a mail the name %j is written %s', (name, shown) => {
  expect(mailName(name)).toBe(shown);
});

test('SCAN-07 a long name is cut between characters', () => {
  const shown = mailName('日'.repeat(400));

  expect(shown).toBe(`${'日'.repeat(200)}…`);
  expect(mailName('日'.repeat(200))).toBe('日'.repeat(200));
});

const COUNTS = {
  objects: 3,
  byVerdict: { CLEAN: 1, SENSITIVE: 1, UNKNOWN: 1 },
  byAction: { release: 1, review: 2 },
  bySeverity: { HIGH: 1 },
  byType: { CREDIT_CARD_NUMBER: 1 },
  byReason: { skipped: 1 },
};

test('SCAN-07 APPROVE-03 the mail has counts, escaped names and one link', () => {
  const url = 'https://site.example/reviews/abc';
  const { subject, text } = reviewMail('r1', COUNTS, ['<a href="https://evil.example">\nApprove', 'b.csv'], {
    url,
    until: '2026-11-26T00:00:00.000Z',
  });

  expect(subject).toBe('Data scan r1: 2 objects to review');
  expect(text).toContain('HIGH: 1');
  expect(text).toContain('CREDIT_CARD_NUMBER: 1');
  expect(text).toContain('skipped: 1');
  expect(text).toContain('2026-11-26T00:00:00.000Z');
  expect(text).not.toMatch(/[<>"]/);
  expect(text.match(/\w+:\/\/\S+/g)).toEqual([url]);
  expect(text).toContain('%3Ca href=%22https%3A//evil[.]example%22%3E%0AApprove');
});

test('a mail lists twenty names and says how many there are beyond', () => {
  const names = Array.from({ length: 100 }, (_, i) => `n${i}x`);
  const counts = { ...COUNTS, byAction: { review: 300 } };
  const { text } = reviewMail('r1', counts, names, { url: 'https://site.example/r', until: '' });

  expect(text.match(/^ {2}n\d+x$/gm)).toHaveLength(20);
  expect(text).toContain('and 280 more');
});

test('other mails say what became of the objects, without a link', () => {
  expect(endMail('r1', { denied: 2 }, false)).toMatchObject({ subject: 'Data scan r1: review is over' });
  expect(endMail('r1', { unanswered: 2 }, true).text).toContain('unanswered: 2');
  expect(heldMail('r1', 'scanning', 'Throttled.', true).text).toContain('The next run takes it up again.');
  expect(heldMail('r1', 'scanning', 'Throttled.', false).text).toContain('start it anew with its id');
});

function raw(key: string, version: string, uploadedAt = 0, size = 1): RawVersion {
  return { key, version, uploadedAt, size };
}

test('versions of one key stay on one page, the oldest first, whatever order S3 lists them in', () => {
  const listed = [
    raw('a', 'a1'),
    raw('b', 'b3', 3),
    raw('b', 'b2', 2),
    raw('b', 'b1', 2),
    raw('c', 'c1'),
    raw('d', 'd1'),
  ];
  const pages = pagesOf(listed, 2).map((page) => page.map(({ n, version }) => `${n}${version}`));

  expect(pages).toEqual([['0a1'], ['1b1', '2b2', '3b3'], ['4c1', '5d1']]);
});

test('a page holds no more than one call copies in its time', () => {
  const big = 6 * 1024 ** 3;

  expect(pagesOf([raw('a', '1', 0, big), raw('b', '1', 0, big), raw('c', '1')], 100)).toHaveLength(2);
});

test('SCAN-06 the key of a copy is short, keeps the extension, and says its number', () => {
  const long = `${'é'.repeat(510)}.csv`;

  expect(copyKey('r1', { n: 7, key: long })).toBe('runs/r1/0000007.csv');
  expect(copyKey('r1', { n: 7, key: 'a.<script>' })).toBe('runs/r1/0000007');
});

test.each(['', '-a', 'a/b', 'a'.repeat(65), 'a b', '../x', 'a\n', 7, null])('%j is no id of a run', (id) => {
  expect(isRunId(id)).toBe(false);
  expect(isRunId('3f1c9a52-6d0e-4b7a-9c44-2f6b8f0f9a11')).toBe(true);
});

test('lines hold any key', () => {
  const items = [{ key: 'a\nb\u2028"' }, { key: '' }];

  expect(fromLines(toLines(items))).toEqual(items);
});

describe('the chain of audit records', () => {
  const chain: string[] = [];
  for (const id of ['begun', 'judged', 'ended'])
    chain.push(auditText(nextRecord('r1', chain, { id, event: id, facts: {} }, '2026-11-21T10:00:00.000Z')));

  test('holds', () => {
    expect(auditFaults('r1', chain)).toEqual([]);
  });

  test.each([
    [
      'a record was changed',
      chain.map((text, i) => (i === 1 ? text.replace('judged', 'judgeD') : text)),
      'record 2 does not follow',
    ],
    ['a record was taken out', [chain[0] ?? '', chain[2] ?? ''], 'record 1 has the number 2'],
    ['two were exchanged', [chain[1] ?? '', chain[0] ?? '', chain[2] ?? ''], 'record 0 has the number 1'],
    [
      'it is of another run',
      chain.map((text) => text.replace('"run":"r1"', '"run":"r2"')),
      'record 0 is of another run',
    ],
    ['one cannot be read', [chain[0] ?? '', '{', chain[2] ?? ''], 'record 1 cannot be read'],
  ])('does not when %s', (_, changed, fault) => {
    expect(auditFaults('r1', changed).join('\n')).toContain(fault);
  });

  test('is shown by a command, which ends badly when it does not hold', async () => {
    const said: string[] = [];
    const show = (texts: readonly string[]): Promise<unknown> => {
      said.length = 0;
      return showAudit('r1', { chain: async () => texts, say: (line) => said.push(line) });
    };

    expect(await show(chain)).toBe(0);
    expect(said).toHaveLength(chain.length + 1);
    expect(said[0]).toBe('0 2026-11-21T10:00:00.000Z begun {}');
    expect(said.at(-1)).toBe(
      `3 records, none changed, left out or exchanged; the last one is ${hashOf(chain[2] ?? '')}`,
    );
    await expect(show(chain.map((text) => text.replaceAll('judged', 'judgeD\u009b\u202e')))).rejects.toThrow(
      'the audit record was changed:\n  record 2 does not follow the one before',
    );
    expect(said[1]).toBe('1 2026-11-21T10:00:00.000Z judgeD\\u009b\\u202e {}');
    await expect(show([])).rejects.toThrow('run "r1" has no audit record');
  });
});
