/** Serials looked up in an index, however a CA spreads them, whole in memory and by range. */
import fc from 'fast-check';

import { buildIndex, type Index } from '../../lambdas/mtls/core/index-format';
import { findByRanges, IndexView } from '../../lambdas/mtls/core/lookup';
import { RecordStore } from '../../lambdas/mtls/core/record-store';

const ISSUER = 'ab'.repeat(32);

function octetsOf(serial: bigint, width: number): Uint8Array {
  return Buffer.from(serial.toString(16).padStart(2 * width, '0'), 'hex');
}

function indexOf(serials: Iterable<bigint>, width: number): Index {
  const records = new RecordStore();
  for (const serial of serials) records.add(octetsOf(serial, width), 0, width, 0, Number(serial % 1000n), 1);
  return buildIndex(records.sorted(), [ISSUER]);
}

/** Below 2 to the power of 8 * width, so many, each way of spreading with its own weak spot for a search that guesses. */
function spread(width: number, count: number, random: () => bigint): Record<string, () => bigint[]> {
  const limit = 1n << BigInt(8 * width);
  const many = (make: (i: bigint) => bigint): bigint[] =>
    Array.from({ length: count }, (_, i) => ((make(BigInt(i)) % limit) + limit) % limit);
  return {
    random: () => many(random),
    'counting up': () => many((i) => limit / 3n + i),
    'counting up over a carry of every octet': () => many((i) => limit / 2n - BigInt(count >>> 1) + i),
    'close together, with one far away': () => many((i) => (i === 0n ? limit - 1n : i * 3n)),
    'in clusters': () => many((i) => (random() % 4n) * (limit / 4n) + i * 5n),
    'growing by powers': () => many((i) => 1n << (i % BigInt(8 * width))).concat(many((i) => i << 1n)),
    'at both ends': () => many((i) => (i % 2n === 0n ? i : -i)),
  };
}

/** Of octets that a seed alone decides (mulberry32, four at a time). */
function seeded(seed: number, width: number): () => bigint {
  let state = seed;
  const word = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return () => {
    let value = 0n;
    for (let i = 0; i < width; i += 4) value = (value << 32n) | BigInt(word());
    return value;
  };
}

function readOf(bytes: Uint8Array): (offset: number, length: number) => Promise<Uint8Array> {
  return (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length));
}

const KINDS = Object.keys(spread(1, 1, () => 0n));

test('exactly the serials of the list are revoked, however they are spread', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...KINDS),
      fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 16, 20, 33),
      fc.constantFrom(1, 2, 203, 204, 205, 409, 3000),
      fc.integer(),
      async (kind, width, count, seed) => {
        const random = seeded(seed, width);
        const revoked = new Set(spread(width, count, random)[kind]?.());
        const { pieces, resident } = indexOf(revoked, width);
        const bytes = Buffer.concat(pieces);
        const whole = new IndexView(bytes.subarray(0, resident.serials));
        const limit = 1n << BigInt(8 * width);
        const asked = new Set(
          [...revoked, 0n, limit - 1n, random() % limit].flatMap((serial) => [
            serial - 1n,
            serial,
            serial + 1n,
          ]),
        );
        const inside = [...asked].filter((serial) => serial >= 0n && serial < limit);
        const wrong = inside.filter((serial) => {
          // date and reason are behind what is in memory, so that of a revoked one they are asked for
          const isRevoked = !('status' in whole.find(ISSUER, octetsOf(serial, width)));
          return isRevoked !== revoked.has(serial);
        });
        expect(wrong).toEqual([]);
        const views = Object.values(resident).map((end: number) => new IndexView(bytes.subarray(0, end)));
        for (const serial of inside.slice(0, 40)) {
          const octets = octetsOf(serial, width);
          const date = Number(serial % 1000n);
          for (const view of views) {
            const found = await findByRanges(view, ISSUER, octets, readOf(bytes));
            expect(found).toEqual(
              revoked.has(serial) ? { status: 'revoked', date, reason: 1 } : { status: 'absent' },
            );
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('whether all serials are in memory or only the directory, nothing but how much is read differs', async () => {
  const random = seeded(1, 20);
  const serials = Array.from({ length: 5000 }, random);
  const { pieces, resident } = indexOf(serials, 20);
  const bytes = Buffer.concat(pieces);
  const reads = async (end: number, serial: bigint): Promise<number> => {
    let count = 0;
    await findByRanges(
      new IndexView(bytes.subarray(0, end)),
      ISSUER,
      octetsOf(serial, 20),
      (offset, length) => {
        count += 1;
        return Promise.resolve(bytes.subarray(offset, offset + length));
      },
    );
    return count;
  };
  const [revoked = 0n] = serials;
  const good = random();

  expect(await reads(resident.serials, good)).toBe(0);
  expect(await reads(resident.serials, revoked)).toBe(1);
  expect(await reads(resident.directory, revoked)).toBe(4);
});
