/** The QR code as a path: the same modules as the library's, with its quiet zone. */
import { encode } from 'uqr';

import { qrPath } from '../../web/src/qr-path';

test.each(['otpauth://totp/Widget%20API:a@example.com?issuer=Widget%20API&secret=JBSWY3DPEHPK3PXP', 'a'])(
  '%s: every dark module is drawn, and no other',
  (text) => {
    const { size, path } = qrPath(text);
    const drawn = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
    for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g))
      drawn[Number(y)]!.fill(true, Number(x), Number(x) + Number(width));

    expect(drawn).toEqual(encode(text, { ecc: 'M', border: 4 }).data);
    expect(drawn.slice(0, 4).flat()).not.toContain(true);
    expect(drawn[4]!.indexOf(true)).toBe(4);
  },
);
