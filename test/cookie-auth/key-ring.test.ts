/** Key ring and secrets: their form, and how often they are read. */
import { keptKeyRing, keptSecret } from '../../lambdas/cookie-auth/adapters/secrets';
import { parseKeyRing } from '../../lambdas/cookie-auth/core/seal';

const KEY = 'k'.repeat(43);

test('COOKIE-06 a ring names its current key and has nothing but keys', () => {
  expect(parseKeyRing(JSON.stringify({ current: 'a', a: KEY, 'b-2': KEY }))?.current).toBe('a');
  for (const bad of [
    '',
    'null',
    '[]',
    '{}',
    JSON.stringify({ current: 'a' }),
    JSON.stringify({ a: KEY }),
    JSON.stringify({ current: 'b', a: KEY }),
    JSON.stringify({ current: 'a', a: KEY.slice(1) }),
    JSON.stringify({ current: 'a', a: KEY, 'b.c': KEY }),
    JSON.stringify({ current: 'a', a: { b: KEY } }),
  ]) {
    expect(parseKeyRing(bad)).toBeUndefined();
  }
});

test('COOKIE-06 an unknown key id has the ring read again, at most every ten seconds whatever is asked', async () => {
  let now = 0;
  let secret = { current: 'a', a: KEY } as Record<string, string>;
  const read = jest.fn(async () => JSON.stringify(secret));
  const ring = keptKeyRing(read, 'arn', () => now);
  await ring();
  for (let id = 0; id < 100; id += 1) await ring(`unknown-${id}`);
  expect(read).toHaveBeenCalledTimes(1);

  secret = { current: 'b', a: KEY, b: KEY };
  now = 10_000;
  expect((await ring('b')).current).toBe('b');
  await ring('a');
  expect(read).toHaveBeenCalledTimes(2);
  // a key that was withdrawn stops opening
  secret = { current: 'b', b: KEY };
  now += 300_000;
  expect((await ring('a')).keys.has('a')).toBe(false);
});

test('a ring that is none is an error without its text, and is read again', async () => {
  let text = 'mArKeD';
  const ring = keptKeyRing(
    async () => text,
    'arn',
    () => 0,
  );
  await expect(ring()).rejects.toThrow('the key ring secret is not a key ring; see docs/cookie-auth.md');
  text = JSON.stringify({ current: 'a', a: KEY });
  expect((await ring()).current).toBe('a');
});

test('a secret is read once in five minutes', async () => {
  let now = 0;
  const read = jest.fn(async () => 'value');
  const secret = keptSecret(read, 'arn', () => now);
  await secret();
  now = 299_999;
  await secret();
  expect(read).toHaveBeenCalledTimes(1);
  now = 300_000;
  expect(await secret()).toBe('value');
  expect(read).toHaveBeenCalledTimes(2);
});
