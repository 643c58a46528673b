import fc from 'fast-check';

import { placeOnSite } from '../../lambdas/cookie-auth/core/return-to';

const SITE = 'https://site.test';
const PIECES = [
  '/',
  '\\',
  '.',
  '..',
  '%2f',
  '%5c',
  '\t',
  '\n',
  ':',
  '@',
  '?',
  '#',
  'evil.test',
  'https:',
  ' ',
  '\u0000',
  'a',
];

test('LOGIN-05 whatever is given, the place is of this site and no browser reads another into it', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }), (pieces) => {
      const place = placeOnSite(SITE, pieces.join(''));
      const url = new URL(place, 'https://elsewhere.test');

      expect(url.origin).toBe(SITE);
      expect(place).toBe(url.href);
      expect(place).toMatch(/^[\x21-\x7e]+$/);
    }),
  );
});
