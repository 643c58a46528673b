import fc from 'fast-check';

import { compileList } from '../../lambdas/mtls/core/compile';
import { findByRanges, IndexView } from '../../lambdas/mtls/core/lookup';
import { buildIndex } from '../../lambdas/mtls/core/index-format';
import { RecordStore } from '../../lambdas/mtls/core/record-store';
import { Refusal } from '../../lambdas/mtls/core/refusal';
import { serialOf, serialText } from '../../lambdas/mtls/core/serial';
import { accepted, Authority, bytesOf, RULES } from './authority';
import { der, NOW } from './make-crl';
import { chance, pick, Random } from './mutations';

const ISSUER = 'ab'.repeat(32);
const serials = fc.uint8Array({ minLength: 1, maxLength: 24 });

/** Serials that are alike in front, as a CA that counts makes them. */
const sequential = fc
  .tuple(serials, fc.nat(300))
  .map(([prefix, count]) =>
    Array.from({ length: count }, (_, i) => Uint8Array.from([...prefix, i >> 8, i & 255])),
  );

/** Serials of two octets in many arrangements: most are alike far in, many are there twice. */
const alike = fc.tuple(fc.nat(2000), fc.integer()).map(([count, seed]) => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const width = pick(random, [10, 11, 17]);
    return Uint8Array.from({ length: width }, () => (chance(random, 0.9) ? 1 : 2));
  });
});

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Whether a call answers, refuses or fails in a way that nobody expects. */
function outcomeOf(call: () => unknown): 'answer' | 'refusal' | 'crash' {
  try {
    call();
    return 'answer';
  } catch (error) {
    return error instanceof Refusal ? 'refusal' : 'crash';
  }
}

describe('an index', () => {
  it('has exactly the serials that were added, whole in memory and by ranges, the last of equal ones', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.array(serials, { maxLength: 300 }), sequential, alike),
        fc.array(serials, { maxLength: 20 }),
        async (added, others) => {
          const store = new RecordStore();
          const expected = new Map<string, number>();
          added.forEach((serial, i) => {
            store.add(serial, 0, serial.length, 0, i, i % 7);
            expected.set(hexOf(serial), i);
          });
          const index = buildIndex(store.sorted(), [ISSUER]);
          const bytes = Buffer.concat(index.pieces);
          const { directory, filter, serials: resident } = index.resident;
          const views = [index.size, directory, filter, resident].map(
            (length) => new IndexView(bytes.subarray(0, length)),
          );
          expect(index.entries).toBe(expected.size);
          for (const serial of [...added, ...others]) {
            const date = expected.get(hexOf(serial));
            for (const view of views) {
              const found = await findByRanges(view, ISSUER, serial, async (offset, length) =>
                bytes.subarray(offset, offset + length),
              );
              expect(found).toEqual(
                date === undefined ? { status: 'absent' } : { status: 'revoked', date, reason: date % 7 },
              );
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is refused or answers when any of its bytes are others', () => {
    const store = new RecordStore();
    for (let i = 0; i < 600; i += 1) store.add(Uint8Array.from([i >> 8, i & 255, 7]), 0, 3, 0, i, 0);
    const bytes = Buffer.concat(buildIndex(store.sorted(), [ISSUER]).pieces);
    fc.assert(
      fc.property(fc.nat(200), fc.nat(255), (at, value) => {
        const broken = Buffer.from(bytes);
        broken[at] = value;
        expect(outcomeOf(() => new IndexView(broken).find(ISSUER, Uint8Array.from([1, 2, 7])))).not.toBe(
          'crash',
        );
      }),
    );
  });
});

describe('CRL-07 a list', () => {
  const ca = new Authority('CA');
  const options = { issuers: [ca.certificate], now: NOW, rules: RULES };
  const list = ca.list(
    Array.from({ length: 40 }, (_, i) => ({ serial: BigInt(i * i), ...(i % 3 === 0 ? { reason: 1 } : {}) })),
  );

  it('with bytes changed, cut out or put in is refused with a rule, never accepted and never a crash', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(list.length - 1),
        fc.nat(8),
        fc.uint8Array({ maxLength: 8 }),
        async (at, cut, put) => {
          const broken = Buffer.concat([list.subarray(0, at), put, list.subarray(at + cut)]);
          fc.pre(!broken.equals(list));
          const compiled = await compileList([broken], options);
          expect(compiled.accepted).toBe(false);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('of any bytes in any nesting is refused with a rule', async () => {
    const { tree } = fc.letrec<{ tree: Buffer }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
        fc
          .tuple(
            fc.constantFrom(0x30, 0x31, 0x02, 0x03, 0x04, 0x06, 0x17, 0x18, 0xa0),
            fc.array(tie('tree'), { maxLength: 5 }),
          )
          .map(([tag, children]) => der(tag, ...children)),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(tree, async (bytes) => {
        expect((await compileList([bytes], options)).accepted).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('says the same in pieces of any sizes', async () => {
    const whole = accepted(await compileList([list], options));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), async (sizes) => {
        const pieces: Uint8Array[] = [];
        for (let at = 0, i = 0; at < list.length; i += 1) {
          const size = sizes[i % sizes.length] ?? 1;
          pieces.push(list.subarray(at, at + size));
          at += size;
        }
        const compiled = accepted(await compileList(pieces, options));
        expect(bytesOf(compiled).equals(bytesOf(whole))).toBe(true);
      }),
    );
  });
});

it('a serial is read as it is written', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(1n << 200n), max: 1n << 200n }), (value) => {
      const text = `${value < 0n ? '-' : ''}${(value < 0n ? -value : value).toString(16)}`;
      const written = serialText(serialOf(text)!);
      expect(BigInt(`0x${written.replace('-', '')}`) * (written.startsWith('-') ? -1n : 1n)).toBe(value);
    }),
  );
});
