/** What a proof is bound to: the very bytes that are sent. */
import { createHash } from 'node:crypto';

import { exactBody, isExact } from '../../web/src/digest';

test('STEP-07 the digest is that of the bytes that are sent, in any script', async () => {
  const value = { amountCents: 12_500, to: 'DE89370400440532013000', note: 'Größe ✓' };
  const body = await exactBody(value);

  expect(JSON.parse(new TextDecoder().decode(body.bytes))).toEqual(value);
  expect(body.contentDigest).toBe(`sha-256=:${createHash('sha256').update(body.bytes).digest('base64')}:`);
  expect([isExact(body), isExact({ method: 'POST', contentDigest: body.contentDigest })]).toEqual([
    true,
    false,
  ]);
});
