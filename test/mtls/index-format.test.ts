/** The index read by the table of docs/mtls.md alone, without the code that writes or reads it. */
import { createHash } from 'node:crypto';

import { accepted, Authority, bytesOf } from './authority';
import { certificateIssuer, issuingPoint, NOW } from './make-crl';

const ca = new Authority('CA');

interface Row {
  readonly issuer: number;
  readonly serial: string;
  readonly reason: number;
  readonly date: number;
}

function u32(value: number): number {
  return value >>> 0;
}

/** As docs/mtls.md has it. @returns block of the page, and bits of the block */
function placeOf(issuer: number, serial: Buffer, blocks: number): readonly [number, readonly number[]] {
  const width = serial.length;
  let hash = u32(Math.imul(0x9e3779b9 ^ issuer, 0x85ebca6b) ^ width);
  for (let i = 0; i < width; i += 4) {
    const word =
      width < 4
        ? Buffer.concat([serial, Buffer.alloc(4)]).readUInt32BE(0)
        : serial.readUInt32BE(Math.min(i, width - 4));
    hash = u32(Math.imul(hash ^ word, 0xcc9e2d51));
    hash = u32(hash ^ (hash >>> 15));
  }
  hash = u32(Math.imul(hash, 0x846ca68b));
  hash = u32(hash ^ (hash >>> 16));
  const low = u32(Math.imul(hash, 0x7feb352d));
  const high = u32(Math.imul(hash ^ (low >>> 15), 0xc2b2ae35));
  const bits = [u32(low ^ (low >>> 16)), u32(high ^ (high >>> 16))].flatMap((word) =>
    [0, 9, 18].map((shift) => (word >>> shift) & 511),
  );
  return [u32((hash & 0xffff) * blocks) >>> 16, bits];
}

/** Everything that an index says; fails where its parts contradict each other. */
function read(index: Buffer): Row[] {
  const word = (at: number): number => index.readUInt32BE(at);
  const [issuers, groups, entries, blocks] = [word(12), word(16), word(20), word(24)];
  const [filterAt, sparseAt, serialsAt, detailsAt] = [word(28), word(32), word(36), word(40)];
  expect(index.subarray(0, 8).toString()).toBe('SALLYCRL');
  expect([word(8), word(44)]).toEqual([2, index.length]);
  expect(index.subarray(48, 64)).toEqual(Buffer.alloc(16));
  expect(filterAt).toBe(64 + 32 * (issuers + groups));
  expect(sparseAt).toBe(filterAt + 64 * blocks);
  expect(index.length).toBe(detailsAt + 5 * entries);
  let [filterNext, sparseNext, serialsNext, detailsNext] = [filterAt, sparseAt, serialsAt, detailsAt];
  const rows: Row[] = [];
  for (let g = 0; g < groups; g += 1) {
    const at = 64 + 32 * (issuers + g);
    const [issuer = 0, width = 0, count = 0, ...offsets] = [0, 1, 2, 3, 4, 5, 6, 7].map((k) =>
      word(at + 4 * k),
    );
    expect(offsets).toEqual([filterNext, sparseNext, serialsNext, detailsNext, 0]);
    const step = Math.floor(4096 / width);
    for (let page = 0; page * step < count; page += 1) {
      const onPage = Math.min(step, count - page * step);
      const pageBlocks = Math.ceil((onPage * 10) / 512);
      for (let i = page * step; i < page * step + onPage; i += 1) {
        const serial = index.subarray(serialsNext + i * width, serialsNext + (i + 1) * width);
        if (i % step === 0)
          expect(index.subarray(sparseNext + page * width, sparseNext + (page + 1) * width)).toEqual(serial);
        const [block, bits] = placeOf(issuer, serial, pageBlocks);
        const missing = bits.filter(
          (bit) => ((index[filterNext + 64 * block + (bit >> 3)] ?? 0) & (1 << (bit & 7))) === 0,
        );
        expect(missing).toEqual([]);
        const detail = detailsNext + 5 * i;
        const date = word(detail + 1) + Date.UTC(1950, 0) / 1000;
        rows.push({ issuer, serial: serial.toString('hex'), reason: index[detail] ?? -1, date });
      }
      filterNext += 64 * pageBlocks;
    }
    sparseNext += Math.ceil(count / step) * width;
    serialsNext += count * width;
    detailsNext += count * 5;
  }
  expect([filterNext, sparseNext, serialsNext, detailsNext]).toEqual([
    sparseAt,
    serialsAt,
    detailsAt,
    index.length,
  ]);
  return rows;
}

const digits = (serial: bigint): string => {
  const text = serial.toString(16);
  return text.length % 2 === 0 ? text : `0${text}`;
};

test('an index of many pages and widths has what the list has, where the documentation says', async () => {
  const entries = Array.from({ length: 3_000 }, (_, i) => ({
    // 1 to 17 octets, the first below 0x80
    serial: BigInt(i + 1) * (1n << BigInt(8 * (i % 16))) + BigInt(i),
    date: NOW - i * 1_000,
    ...(i % 3 === 0 ? { reason: 1 } : {}),
  }));
  const list = accepted(await ca.compile(ca.list(entries)));
  const index = bytesOf(list);
  const rows = read(index);

  expect(createHash('sha256').update(index).digest('hex')).toBe(list.manifest.index.key);
  const said = new Map(rows.map((row) => [BigInt(`0x${row.serial}`), row]));
  expect(said.size).toBe(new Set(entries.map(({ serial }) => serial)).size);
  // of equal serials the last one counts
  for (const { serial, date, reason = 0 } of new Map(entries.map((entry) => [entry.serial, entry])).values())
    expect(said.get(serial)).toMatchObject({ issuer: 0, date, reason });
});

test('an index of an indirect list has the hash of each name, and entries by issuer', async () => {
  const list = accepted(
    await ca.compile(
      ca.list([{ serial: 9n }, { serial: 9n, extensions: [certificateIssuer('Other')] }, { serial: 513n }], {
        extensions: [issuingPoint('http://lists.test/all.crl', 4)],
      }),
    ),
  );
  const index = bytesOf(list);

  expect(read(index).map(({ issuer, serial }) => [issuer, serial])).toEqual([
    [0, digits(9n)],
    [1, digits(9n)],
    [1, digits(513n)],
  ]);
  const hashes = [64, 96].map((at) => index.subarray(at, at + 32).toString('hex'));
  expect(hashes[0]).toBe(list.manifest.issuer.hash);
  expect(hashes[1]).toBe(new Authority('Other').certificate.subject.hash);
});
