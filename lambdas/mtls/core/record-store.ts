/** Revoked serials in typed arrays: collected in any order, answered sorted and without duplicates. */
import { RecordSorter } from './record-sorter';

/** Octets kept beside a serial: reason, then seconds since 1950 as an unsigned 32-bit number. */
export const DETAIL = 5;
/** What 0 means in the seconds of a detail: 1950-01-01T00:00:00Z, the first UTCTime there is (RFC 5280 section 4.1.2.5.1). */
export const DETAIL_EPOCH = -631_152_000;

const BLOCK_LOG = 11;
const BLOCK = 1 << BLOCK_LOG;
/** Blocks of a slab, which is what is allocated at once. */
const BLOCKS_LOG = 9;
const BLOCKS = 1 << BLOCKS_LOG;
/** First octets of serials that are stored apart, so that what is sorted at once fits a processor cache. */
const BUCKETS = 256;

/** All records of one issuer with serials of one length, sorted by octets. */
export interface SortedGroup {
  readonly issuer: number;
  readonly width: number;
  readonly count: number;
  /** `count` serials of `width` octets. */
  readonly serials: Uint8Array;
  /** `count` details. */
  readonly details: Uint8Array;
}

interface Group {
  readonly issuer: number;
  readonly width: number;
  readonly heads: Int32Array;
  /** Last block of a bucket, and where in it the next record goes. */
  readonly tails: Int32Array;
  readonly offsets: Int32Array;
  readonly left: Int32Array;
  readonly counts: Int32Array;
}

export class RecordStore {
  /** Records added, duplicates included. */
  size = 0;
  private readonly slabs: DataView[] = [];
  /** The octets that `add` was given last, as four octets are read at once. */
  private source: DataView = new DataView(new ArrayBuffer(0));
  private sourceOf: Uint8Array | undefined;
  /** Which block follows a block in its bucket. */
  private following = new Int32Array(1024);
  private blocks = 0;
  private readonly direct: (Group | undefined)[] = [];
  private readonly others = new Map<number, Group>();

  /**
   * @param bytes holds the serial at `at`, `length` octets from 1 to 64
   * @param issuer 0 for the issuer of the list itself
   * @param seconds since 1970; before 1950 and after 2086 the nearest of both is kept
   */
  add(bytes: Uint8Array, at: number, length: number, issuer: number, seconds: number, reason: number): void {
    const group = issuer === 0 ? (this.direct[length] ??= newGroup(0, length)) : this.groupOf(issuer, length);
    const bucket = issuer === 0 ? (bytes[at] ?? 0) : 0;
    if (group.left[bucket] === 0) this.extend(group, bucket);
    const block = group.tails[bucket] as number;
    const slab = this.slabs[block >>> BLOCKS_LOG] as DataView;
    const source = this.viewOf(bytes);
    let to = ((block & (BLOCKS - 1)) << BLOCK_LOG) + (group.offsets[bucket] as number);
    const stop = at + length;
    let from = at;
    for (; from + 4 <= stop; from += 4, to += 4) slab.setUint32(to, source.getUint32(from));
    for (; from < stop; from += 1, to += 1) slab.setUint8(to, source.getUint8(from));
    const since = Math.min(Math.max(seconds - DETAIL_EPOCH, 0), 0xffff_ffff) >>> 0;
    slab.setUint8(to, reason);
    slab.setUint32(to + 1, since);
    (group.offsets[bucket] as number) += length + DETAIL;
    (group.left[bucket] as number)--;
    (group.counts[bucket] as number)++;
    this.size += 1;
  }

  /** Every record, those of equal serials in the order they were added; arguments as `add` takes them. */
  forEach(use: RecordStore['add']): void {
    for (const group of [...this.direct.filter((entry) => entry !== undefined), ...this.others.values()]) {
      const size = group.width + DETAIL;
      for (let bucket = 0; bucket < group.counts.length; bucket += 1) {
        const count = group.counts[bucket] ?? 0;
        const bytes = new Uint8Array(count * size);
        this.gather(group, bucket, bytes);
        for (let at = 0; at < bytes.length; at += size)
          use(
            bytes,
            at,
            group.width,
            group.issuer,
            secondsOfDetail(bytes, at + group.width),
            bytes[at + group.width] ?? 0,
          );
      }
    }
  }

  /**
   * Sorts. Of equal serials the one added last counts.
   *
   * @param dropReason records whose last reason this is are left out (removeFromCRL of a merged delta)
   */
  sorted(dropReason?: number): SortedGroup[] {
    const groups = [...this.direct.filter((group) => group !== undefined), ...this.others.values()];
    groups.sort((a, b) => a.issuer - b.issuer || a.width - b.width);
    const sorter = new RecordSorter();
    return groups.map((group) => this.sortGroup(group, sorter, dropReason)).filter(({ count }) => count > 0);
  }

  private sortGroup(group: Group, sorter: RecordSorter, dropReason: number | undefined): SortedGroup {
    const { width, issuer, counts } = group;
    const total = counts.reduce((sum, count) => sum + count, 0);
    // four octets are copied at once; what is copied too much is overwritten by the next record
    const serials = new DataView(new ArrayBuffer(total * width + 3));
    const details = new DataView(new ArrayBuffer(total * DETAIL + 3));
    const size = width + DETAIL;
    let kept = 0;
    for (let bucket = 0; bucket < counts.length; bucket += 1) {
      const count = counts[bucket] ?? 0;
      if (count === 0) continue;
      sorter.reserve(count, count * size + 3);
      this.gather(group, bucket, sorter.bytes);
      const order = sorter.sort(count, width, size);
      const { bytes, view } = sorter;
      for (let i = 0; i < count; i += 1) {
        const from = (order[i] as number) * size;
        // stable, so of equal serials the last one stands last
        if (i + 1 < count && equal(bytes, from, (order[i + 1] as number) * size, width)) continue;
        if (bytes[from + width] === dropReason) continue;
        const to = kept * width;
        for (let k = 0; k < width; k += 4) serials.setUint32(to + k, view.getUint32(from + k, true), true);
        const detail = from + width;
        details.setUint32(kept * DETAIL, view.getUint32(detail, true), true);
        details.setUint8(kept * DETAIL + 4, bytes[detail + 4] as number);
        kept += 1;
      }
    }
    return {
      issuer,
      width,
      count: kept,
      serials: new Uint8Array(serials.buffer, 0, kept * width),
      details: new Uint8Array(details.buffer, 0, kept * DETAIL),
    };
  }

  private viewOf(bytes: Uint8Array): DataView {
    if (bytes !== this.sourceOf) {
      this.source = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.sourceOf = bytes;
    }
    return this.source;
  }

  private gather(group: Group, bucket: number, into: Uint8Array): void {
    const size = group.width + DETAIL;
    const perBlock = Math.floor(BLOCK / size);
    let left = group.counts[bucket] ?? 0;
    let to = 0;
    for (let block = group.heads[bucket] ?? 0; left > 0; block = this.following[block] ?? 0) {
      const length = Math.min(perBlock, left) * size;
      const at = (block & (BLOCKS - 1)) << BLOCK_LOG;
      const slab = this.slabs[block >>> BLOCKS_LOG];
      if (slab !== undefined) into.set(new Uint8Array(slab.buffer, at, length), to);
      to += length;
      left -= perBlock;
    }
  }

  private groupOf(issuer: number, width: number): Group {
    const key = issuer * 128 + width;
    let group = this.others.get(key);
    if (group === undefined) {
      group = newGroup(issuer, width);
      this.others.set(key, group);
    }
    return group;
  }

  private extend(group: Group, bucket: number): void {
    const block = this.blocks++;
    if ((block & (BLOCKS - 1)) === 0) this.slabs.push(new DataView(new ArrayBuffer(BLOCKS * BLOCK)));
    if (block >= this.following.length) {
      const longer = new Int32Array(this.following.length * 2);
      longer.set(this.following);
      this.following = longer;
    }
    const size = group.width + DETAIL;
    if (group.counts[bucket] === 0) group.heads[bucket] = block;
    else this.following[group.tails[bucket] ?? 0] = block;
    group.tails[bucket] = block;
    group.offsets[bucket] = 0;
    group.left[bucket] = Math.floor(BLOCK / size);
  }
}

/** Seconds since 1970 of a detail. */
export function secondsOfDetail(bytes: Uint8Array, at: number): number {
  const octet = (i: number): number => bytes[at + i] ?? 0;
  return octet(1) * 0x100_0000 + (octet(2) << 16) + (octet(3) << 8) + octet(4) + DETAIL_EPOCH;
}

function newGroup(issuer: number, width: number): Group {
  // an indirect list may name many issuers with few entries each
  const buckets = issuer === 0 ? BUCKETS : 1;
  return {
    issuer,
    width,
    heads: new Int32Array(buckets),
    tails: new Int32Array(buckets),
    offsets: new Int32Array(buckets),
    left: new Int32Array(buckets),
    counts: new Int32Array(buckets),
  };
}

function equal(bytes: Uint8Array, a: number, b: number, width: number): boolean {
  // from the end, where neighbours differ most
  for (let i = width - 1; i >= 0; i -= 1) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}
