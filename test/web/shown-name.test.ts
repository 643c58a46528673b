/** Names of strangers on the page: what would hide, reorder or break lines is shown by its number. */
import fc from 'fast-check';

import { namePartsOf } from '../../web/src/shown-name';

function shown(name: string): string {
  return namePartsOf(name)
    .map(({ text, coded }) => (coded ? `[${text}]` : text))
    .join('');
}

test.each([
  ['report.csv', 'report.csv'],
  ['ü-日本_1+2 %20.csv', 'ü-日本_1+2 %20.csv'],
  ['شركة.csv', 'شركة.csv'],
  ['नमस्ते.csv', 'नमस्ते.csv'],
  // text to whoever renders it, markup to nobody
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['a\r\nApproved by admin', 'a[U+000D][U+000A]Approved by admin'],
  ['a\tb\0', 'a[U+0009]b[U+0000]'],
  ['txt\u202Egnp.exe', 'txt[U+202E]gnp.exe'],
  ['a\u2066b\u2069', 'a[U+2066]b[U+2069]'],
  ['a\u200Bb\uFEFF\u00AD', 'a[U+200B]b[U+FEFF][U+00AD]'],
  ['a\uFFF9b', 'a[U+FFF9]b'],
  ['a\u2028b', 'a[U+2028]b'],
  ['a\u00A0b\u3000', 'a[U+00A0]b[U+3000]'],
  ['ㅤ.csv', '[U+3164].csv'],
  ['\u{E0041}tag', '[U+E0041]tag'],
  ['\uD800', '[U+D800]'],
  ['  a  b ', '[U+0020][U+0020]a  b[U+0020]'],
  [`e${'\u0301'.repeat(4)}`, 'e\u0301\u0301[U+0301][U+0301]'],
  ['', ''],
])('SCAN-07 the name %j is shown as %s', (name, text) => {
  expect(shown(name)).toBe(text);
});

test('SCAN-07 no name shows anything that breaks a line or reorders it, and none loses anything else', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const parts = namePartsOf(name);
      const plain = parts.filter(({ coded }) => !coded).map(({ text }) => text);
      expect(plain.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      const back = parts.map(({ text, coded }) =>
        coded ? String.fromCodePoint(Number.parseInt(text.slice(2), 16)) : text,
      );
      expect(back.join('')).toBe(name);
    }),
  );
});
