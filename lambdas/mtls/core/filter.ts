/** A Bloom filter in blocks of 64 octets: "not revoked" for all but one in about eighty, from one place in memory. */

/** Octets of a block, a cache line. */
export const FILTER_BLOCK = 64;
/** 10 bits per entry. */
const ENTRIES_PER_BLOCK = 51.2;

/** Blocks of a filter for so many entries. */
export function filterBlocks(entries: number): number {
  return Math.max(1, Math.floor(entries / ENTRIES_PER_BLOCK));
}

/** Where an entry is looked for: the block, and two words with nine bits for each of six bits of the block. */
export interface FilterPlace {
  block: number;
  low: number;
  high: number;
}

/**
 * Hashes issuer and serial.
 *
 * @param place takes the answer, so that a lookup allocates nothing
 * @param issuer position in the index's table of issuers
 */
export function filterPlace(
  place: FilterPlace,
  blocks: number,
  issuer: number,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  let a = 0x9e37_79b9 ^ issuer;
  let b = 0x85eb_ca6b ^ length;
  for (let i = 0; i < length; i += 4) {
    // octets past the end count as 0; the length is part of the hash
    let word = (bytes[at + i] as number) << 24;
    if (i + 1 < length) word |= (bytes[at + i + 1] as number) << 16;
    if (i + 2 < length) word |= (bytes[at + i + 2] as number) << 8;
    if (i + 3 < length) word |= bytes[at + i + 3] as number;
    a = Math.imul(a ^ word, 0xcc9e_2d51);
    a ^= a >>> 15;
    b = Math.imul(b + word, 0x1b87_3593);
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ (b >>> 16), 0x7feb_352d);
  a ^= a >>> 15;
  b = Math.imul(b ^ a, 0x846c_a68b);
  b ^= b >>> 16;
  const c = Math.imul(a ^ (b >>> 7), 0xc2b2_ae35);
  place.block = ((a >>> 0) * (blocks / 0x1_0000_0000)) | 0;
  place.low = b & 0x7ff_ffff;
  place.high = (c ^ (c >>> 16)) & 0x7ff_ffff;
}

export function setBits(filter: Uint8Array, { block, low, high }: FilterPlace): void {
  const base = block * FILTER_BLOCK;
  for (let i = 0, word = low; i < 3; i += 1, word >>>= 9) setBit(filter, base, word);
  for (let i = 0, word = high; i < 3; i += 1, word >>>= 9) setBit(filter, base, word);
}

/** @param base where the block begins in `bytes` */
export function hasBits(bytes: Uint8Array, base: number, { low, high }: FilterPlace): boolean {
  for (let i = 0, word = low; i < 3; i += 1, word >>>= 9)
    if (((bytes[base + ((word >>> 3) & 63)] as number) & (1 << (word & 7))) === 0) return false;
  for (let i = 0, word = high; i < 3; i += 1, word >>>= 9)
    if (((bytes[base + ((word >>> 3) & 63)] as number) & (1 << (word & 7))) === 0) return false;
  return true;
}

function setBit(filter: Uint8Array, base: number, word: number): void {
  const at = base + ((word >>> 3) & 63);
  filter[at] = (filter[at] as number) | (1 << (word & 7));
}
