/**
 * A Bloom filter in blocks of 64 octets: "not revoked" for all but one in about a hundred, from one place in memory.
 *
 * Every page of serials has blocks of its own, so that what is written page by page stays in the processor's cache.
 */
import { viewOf } from './der';

/** Octets of a block, a cache line. */
export const FILTER_BLOCK = 64;
/** Most octets of a page of serials, so of one ranged read. */
export const PAGE = 4096;
/** Of the filter, for each entry. */
const BITS_PER_ENTRY = 10;
const BLOCK_LOG = 9;
const BLOCK_BITS = 1 << BLOCK_LOG;

/** Serials on one page. */
export function perPage(width: number): number {
  return (PAGE / width) | 0;
}

/** Blocks of a page with so many entries. */
export function blocksOf(entries: number): number {
  return (entries * BITS_PER_ENTRY + BLOCK_BITS - 1) >>> BLOCK_LOG;
}

/** Blocks of a group: all of its pages but the last are full. */
export function blocksOfGroup(count: number, width: number): number {
  const step = perPage(width);
  return Math.floor(count / step) * blocksOf(step) + blocksOf(count % step);
}

/** Numbers of a place: the block of the page, and two with nine bits for each of six bits of the block. */
export const PLACE = 3;

/**
 * Hashes issuer and serial.
 *
 * @param place takes the answer, so that nothing is allocated
 * @param blocks of the page
 * @param issuer position in the index's table of issuers
 */
export function filterPlace(
  place: Int32Array,
  blocks: number,
  issuer: number,
  bytes: DataView,
  at: number,
  length: number,
): void {
  // 32 bits are many for the few hundred serials of a page
  let hash = Math.imul(0x9e37_79b9 ^ issuer, 0x85eb_ca6b) ^ length;
  for (let i = 0; i < length; i += 4) {
    // the last word of a long serial has octets of the word before it again
    const word = length < 4 ? shortWord(bytes, at, length) : bytes.getInt32(at + Math.min(i, length - 4));
    hash = Math.imul(hash ^ word, 0xcc9e_2d51);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x846c_a68b);
  hash ^= hash >>> 16;
  const low = Math.imul(hash, 0x7feb_352d);
  const high = Math.imul(hash ^ (low >>> 15), 0xc2b2_ae35);
  place[0] = Math.imul(hash & 0xffff, blocks) >>> 16;
  place[1] = (low ^ (low >>> 16)) & 0x7ff_ffff;
  place[2] = (high ^ (high >>> 16)) & 0x7ff_ffff;
}

/** One to three octets as the first of a word. */
function shortWord(bytes: DataView, at: number, length: number): number {
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

/** Words of a block. */
const BLOCK_WORDS = FILTER_BLOCK / 4;

/** Makes the filter of a group, whose serials it is given in their order. */
export class FilterWriter {
  readonly bytes: Uint8Array;
  private readonly issuer: number;
  private readonly width: number;
  private readonly count: number;
  /** Entries that were added. */
  private added = 0;
  /** The filter's octets in words whose bits are in the order of the octets' on a little-endian processor, as all are that Node.js runs on. */
  private readonly words: Int32Array;
  private readonly place = new Int32Array(PLACE);

  constructor(issuer: number, width: number, count: number) {
    this.issuer = issuer;
    this.width = width;
    this.count = count;
    this.words = new Int32Array(blocksOfGroup(count, width) * BLOCK_WORDS);
    this.bytes = new Uint8Array(this.words.buffer);
  }

  /** @param serials the next ones, whole */
  add(serials: Uint8Array): void {
    const { width, count } = this;
    const step = perPage(width);
    const view = viewOf(serials);
    for (let at = 0; at < serials.length;) {
      const page = (this.added / step) | 0;
      const entries = Math.min((page + 1) * step - this.added, (serials.length - at) / width);
      const end = at + entries * width;
      this.addToPage(page * blocksOf(step), blocksOf(Math.min(step, count - page * step)), view, at, end);
      this.added += entries;
      at = end;
    }
  }

  private addToPage(first: number, blocks: number, serials: DataView, from: number, end: number): void {
    const { words, place, issuer, width } = this;
    for (let at = from; at < end; at += width) {
      filterPlace(place, blocks, issuer, serials, at, width);
      const base = (first + (place[0] as number)) * BLOCK_WORDS;
      const low = place[1] as number;
      const high = place[2] as number;
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
