/** A Bloom filter in blocks of 64 octets: "not revoked" for all but one in about eighty, from one place in memory. */
import { viewOf } from './der';

/** Octets of a block, a cache line. */
export const FILTER_BLOCK = 64;
/** 10 bits per entry. */
const ENTRIES_PER_BLOCK = 51.2;

/** Blocks of a filter for so many entries. */
export function filterBlocks(entries: number): number {
  return Math.max(1, Math.floor(entries / ENTRIES_PER_BLOCK));
}

/** Numbers of a place: the block an entry is looked for in, and two with nine bits for each of six bits of the block. */
export const PLACE = 3;

/**
 * Hashes issuer and serial.
 *
 * @param places takes the answer from `to` on, so that nothing is allocated
 * @param issuer position in the index's table of issuers
 */
export function filterPlace(
  places: Int32Array,
  to: number,
  blocks: number,
  issuer: number,
  bytes: DataView,
  at: number,
  length: number,
): void {
  let a = 0x9e37_79b9 ^ issuer;
  let b = 0x85eb_ca6b ^ length;
  for (let i = 0; i < length; i += 4) {
    const left = length - i;
    // octets past the end count as 0, as the length is part of the hash
    const word = left >= 4 ? bytes.getInt32(at + i) : lastWord(bytes, at + i, left);
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
  places[to] = ((a >>> 0) * (blocks / 0x1_0000_0000)) | 0;
  places[to + 1] = b & 0x7ff_ffff;
  places[to + 2] = (c ^ (c >>> 16)) & 0x7ff_ffff;
}

/** One to three octets as the first of a word. */
function lastWord(bytes: DataView, at: number, length: number): number {
  let word = 0;
  for (let i = 0; i < length; i += 1) word |= bytes.getUint8(at + i) << (24 - 8 * i);
  return word;
}

/** @param base where the block begins in `bytes` */
export function hasBits(bytes: Uint8Array, base: number, place: Int32Array): boolean {
  for (let k = 1; k < PLACE; k += 1) {
    for (let i = 0, word = place[k] as number; i < 3; i += 1, word >>>= 9)
      if (((bytes[base + ((word >>> 3) & 63)] as number) & (1 << (word & 7))) === 0) return false;
  }
  return true;
}

/** Entries whose places are found before their bits are set: few enough for the fastest cache. */
const BATCH = 512;
/** Words of a block. */
const BLOCK_WORDS = FILTER_BLOCK / 4;

/** Puts entries into a filter. */
export class FilterWriter {
  readonly bytes: Uint8Array;
  private readonly blocks: number;
  /** The filter's octets in words whose bits are in the order of the octets' on a little-endian processor, as all are that Node.js runs on. */
  private readonly words: Int32Array;
  private readonly places = new Int32Array(BATCH * PLACE);
  /** Keeps the compiler from leaving out what has no other effect than to fetch. */
  protected fetched = 0;

  constructor(blocks: number) {
    this.blocks = blocks;
    this.words = new Int32Array(blocks * BLOCK_WORDS);
    this.bytes = new Uint8Array(this.words.buffer);
  }

  /** @param serials of `width` octets each */
  add(issuer: number, serials: Uint8Array, width: number): void {
    const { places, blocks } = this;
    const view = viewOf(serials);
    for (let start = 0; start < serials.length; start += BATCH * width) {
      const end = Math.min(start + BATCH * width, serials.length);
      let to = 0;
      for (let at = start; at < end; at += width, to += PLACE)
        filterPlace(places, to, blocks, issuer, view, at, width);
      this.set(to);
    }
  }

  /** Apart from hashing, so that many of the blocks, which lie anywhere in memory, are fetched at a time. */
  private set(end: number): void {
    const { words, places } = this;
    let fetched = 0;
    for (let i = 0; i < end; i += PLACE) fetched |= words[(places[i] as number) * BLOCK_WORDS] as number;
    this.fetched = fetched;
    for (let i = 0; i < end; i += PLACE) {
      const base = (places[i] as number) * BLOCK_WORDS;
      const low = places[i + 1] as number;
      const high = places[i + 2] as number;
      // a shift counts modulo 32, so it takes the place in the word as it stands
      (words[base + ((low >>> 5) & 15)] as number) |= 1 << low;
      (words[base + ((low >>> 14) & 15)] as number) |= 1 << (low >>> 9);
      (words[base + ((low >>> 23) & 15)] as number) |= 1 << (low >>> 18);
      (words[base + ((high >>> 5) & 15)] as number) |= 1 << high;
      (words[base + ((high >>> 14) & 15)] as number) |= 1 << (high >>> 9);
      (words[base + ((high >>> 23) & 15)] as number) |= 1 << (high >>> 18);
    }
  }
}
