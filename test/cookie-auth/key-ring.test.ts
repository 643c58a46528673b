/** Key ring and secrets: their form, and how often they are read. */
import { createCipheriv, hkdfSync } from 'node:crypto';

import { keptKeyRing, keptSecret } from '../../lambdas/cookie-auth/adapters/secrets';
import {
  keyIdOf,
  open,
  openFromCookie,
  parseKeyRing,
  rowKey,
  seal,
  sealForCookie,
} from '../../lambdas/cookie-auth/core/seal';
import { givenRing, random } from './sample';

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

test('COOKIE-06 what another release sealed still opens: the derivation and the form are fixed', () => {
  const ring = parseKeyRing(JSON.stringify({ current: 'a', a: KEY }))!;
  const key = Buffer.from(hkdfSync('sha256', KEY, '', 'sallyport cookie seal 1', 32));
  const nonce = random(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from('purpose'));
  const content = Buffer.concat([cipher.update('text'), cipher.final()]);
  const sealed = `a.${Buffer.concat([nonce, content, cipher.getAuthTag()]).toString('base64url')}`;

  expect(openFromCookie(ring, 'purpose', sealed)).toBe('text');
  expect(openFromCookie(ring, 'another', sealed)).toBeUndefined();
});

test('COOKIE-06 a key id is letters, digits and hyphens, 32 at most, before one point', () => {
  expect([keyIdOf('k1.x'), keyIdOf(`${'k'.repeat(32)}.-_`)]).toEqual(['k1', 'k'.repeat(32)]);
  for (const bad of ['k1', 'k1.', '.x', 'k1.x.y', 'k_1.x', ' k1.x', 'k1.x ', `${'k'.repeat(33)}.x`]) {
    expect(keyIdOf(bad)).toBeUndefined();
  }
});

test.each(['', 'a', 'ab', 'abc', 'ä €'])(
  'COOKIE-06 %j opens as it was sealed, and in one spelling only',
  (text) => {
    const key = rowKey('k'.repeat(43));
    const sealed = seal(key, 'purpose', text, random);
    // bits behind the last byte, padding, white space and the other alphabet decode to the same bytes
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const stray = Array.from(alphabet, (last) => sealed.slice(0, -1) + last).filter(
      (other) => other !== sealed,
    );

    expect(open(key, 'purpose', sealed)).toBe(text);
    for (const other of [...stray, `${sealed}=`, `${sealed}==`, ` ${sealed}`, `${sealed}\n`]) {
      expect(open(key, 'purpose', other)).toBeUndefined();
    }
    expect(open(key, 'other purpose', sealed)).toBeUndefined();
    expect(open(rowKey('j'.repeat(43)), 'purpose', sealed)).toBeUndefined();
  },
);

test('COOKIE-06 what is too short to hold nonce and tag does not open, and is no error', () => {
  const key = rowKey('k'.repeat(43));

  for (let length = 0; length < 28; length += 1) {
    expect(open(key, 'purpose', Buffer.alloc(length).toString('base64url'))).toBeUndefined();
  }
});

test('COOKIE-06 nothing is sealed without the current key, and an unknown key opens nothing', () => {
  const sealed = sealForCookie(givenRing('k1'), 'purpose', 'text', random);

  expect(() => sealForCookie({ ...givenRing('k1'), current: 'k2' }, 'purpose', 'text', random)).toThrow(
    new TypeError('the key ring has no current key'),
  );
  expect(openFromCookie(givenRing('k1'), 'purpose', sealed)).toBe('text');
  expect(openFromCookie(givenRing('k2'), 'purpose', sealed)).toBeUndefined();
  expect(openFromCookie(givenRing('k1'), 'purpose', 'junk')).toBeUndefined();
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
