import fc from 'fast-check';

import { decodeCursor, encodeCursor } from '../../lambdas/widgets/core/cursor';

describe('the cursor', () => {
  it('leads back to any id', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(decodeCursor(encodeCursor(id))).toBe(id);
      }),
    );
  });

  it('has one spelling: what is read is written back character by character', () => {
    const nearly = fc.tuple(fc.uuid(), fc.nat(23), fc.string({ maxLength: 2 })).map(([id, at, text]) => {
      const cursor = encodeCursor(id);
      return cursor.slice(0, at) + text + cursor.slice(at + 1);
    });
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string(), fc.base64String()), (text) => {
        const id = decodeCursor(text);
        expect(id === undefined || encodeCursor(id) === text).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});
