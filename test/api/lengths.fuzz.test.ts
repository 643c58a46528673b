import Ajv2020 from 'ajv/dist/2020';
import fc from 'fast-check';

import { LENGTHS } from '../../tools/generate/lengths';

/** Validators of one length each, 0 to 6, by keyword. */
const compiled = (['minLength', 'maxLength'] as const).map((keyword) => {
  const ajv = new Ajv2020();
  for (const definition of LENGTHS) ajv.removeKeyword(String(definition.keyword)).addKeyword(definition);
  return Array.from({ length: 7 }, (_, length) => ajv.compile({ type: 'string', [keyword]: length }));
});

/** Texts of characters with one and with two code units, some with half a pair. */
const texts = fc
  .array(fc.constantFrom('a', 'é', '語', '😀', '𝒳', '\ud83d'), { maxLength: 8 })
  .map((units) => units.join(''));

it('lengths are those of characters, not of code units', () => {
  const [least = [], most = []] = compiled;
  fc.assert(
    fc.property(texts, fc.nat(6), (text, length) => {
      const characters = Array.from(text).length;

      expect(least[length]?.(text)).toBe(characters >= length);
      expect(most[length]?.(text)).toBe(characters <= length);
    }),
    { numRuns: 2000 },
  );
});
