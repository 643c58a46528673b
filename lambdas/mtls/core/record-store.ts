/** Revoked serials in typed arrays: collected in any order, answered sorted and without duplicates. */
import { viewOf } from './der';
import { DETAIL, RecordSorter } from './record-sorter';

/** What 0 means in the seconds of a detail: 1950-01-01T00:00:00Z, the first UTCTime there is (RFC 5280 section 4.1.2.5.1). */
const DETAIL_EPOCH = -631_152_000;

/** Octets of the first block of a bucket and of those that follow. */
const FIRST_BLOCK = 2 * 1024;
const BLOCK = 32 * 1024;
/** Octets that are allocated at once; no block reaches from one slab into the next. */
const SLAB_LOG = 18;
const SLAB = 1 << SLAB_LOG;
/** Octets of a block that stay free: four are copied at once, of the last serial up to three too many. */
const SPARE = 3;
/** First octets of serials that are stored apart, so that what is sorted at once fits a processor cache. */
const BUCKETS = 256;

/** All records of one issuer with serials of one length, sorted by octets. */
export interface SortedGroup {
  readonly issuer: number;
  readonly width: number;
  readonly count: number;
  /** `count` serials of `width` octets, in pieces of whole serials. */
  readonly serials: readonly Uint8Array[];
  /** `count` details, in pieces. */
  readonly details: readonly Uint8Array[];
}

interface Group {
  readonly issuer: number;
  readonly width: number;
  /** Octets of a record. */
  readonly size: number;
  /** Of each bucket: its blocks, where the next record goes, counted over all slabs, and where the last of its block. */
  readonly blocks: number[][];
  readonly next: Int32Array;
  readonly last: Int32Array;
}

export class RecordStore {
  private readonly slabs: DataView[] = [];
  /** The octets that `add` was given last, as four octets are read at once. */
  private source: DataView = new DataView(new ArrayBuffer(0));
  private sourceOf: Uint8Array | undefined;
  /** Where the next block goes. */
  private end = 0;
  private readonly direct: (Group | undefined)[] = [];
  private readonly others = new Map<number, Group>();

  /**
   * @param bytes holds the serial at `at`, `length` octets from 1 to 64
   * @param issuer 0 for the issuer of the list itself
   * @param seconds since 1970; before 1950 and after 2086 the nearest of both is kept
   */
  add(bytes: Uint8Array, at: number, length: number, issuer: number, seconds: number, reason: number): void {
    if (bytes !== this.sourceOf) {
      this.source = viewOf(bytes);
      this.sourceOf = bytes;
    }
    const { source } = this;
    const group = issuer === 0 ? (this.direct[length] ??= newGroup(0, length)) : this.groupOf(issuer, length);
    const bucket = issuer === 0 ? source.getUint8(at) : 0;
    let place = group.next[bucket] as number;
    if (place > (group.last[bucket] as number)) place = this.extend(group, bucket);
    group.next[bucket] = place + group.size;
    const slab = this.slabs[place >>> SLAB_LOG] as DataView;
    let to = place & (SLAB - 1);
    const stop = at + length;
    let from = at;
    for (; from + 4 <= stop; from += 4, to += 4) slab.setInt32(to, source.getInt32(from, true), true);
    for (; from < stop; from += 1, to += 1) slab.setUint8(to, source.getUint8(from));
    slab.setUint8(to, reason);
    slab.setUint32(to + 1, Math.min(Math.max(seconds - DETAIL_EPOCH, 0), 0xffff_ffff));
  }

  /** Every record, those of equal serials in the order they were added; arguments as `add` takes them. */
  forEach(use: RecordStore['add']): void {
    for (const group of this.groups()) {
      const { size, width, issuer } = group;
      for (let bucket = 0; bucket < group.blocks.length; bucket += 1) {
        const bytes = new Uint8Array(countIn(group, bucket) * size);
        this.gather(group, bucket, bytes);
        for (let at = 0; at < bytes.length; at += size)
          use(bytes, at, width, issuer, secondsOfDetail(bytes, at + width), bytes[at + width] ?? 0);
      }
    }
  }

  /**
   * Sorts, in the memory that the records are in: the store is empty afterwards. Of equal serials the one added last
   * counts.
   *
   * @param dropReason records whose last reason this is are left out (removeFromCRL of a merged delta)
   */
  sorted(dropReason?: number): SortedGroup[] {
    const sorter = new RecordSorter();
    const groups = this.groups().sort((a, b) => a.issuer - b.issuer || a.width - b.width);
    this.direct.length = 0;
    this.others.clear();
    return groups.map((group) => this.sortGroup(group, sorter, dropReason)).filter(({ count }) => count > 0);
  }

  private groups(): Group[] {
    return [...this.direct.filter((group) => group !== undefined), ...this.others.values()];
  }

  private sortGroup(group: Group, sorter: RecordSorter, dropReason: number | undefined): SortedGroup {
    const { width, issuer, size } = group;
    const serials: Uint8Array[] = [];
    const details: Uint8Array[] = [];
    let kept = 0;
    group.blocks.forEach((blocks, bucket) => {
      const count = countIn(group, bucket);
      if (count === 0) return;
      this.gather(group, bucket, sorter.reserve(count * size));
      // all of a bucket have the first octet in common
      sorter.sort(count, width, issuer === 0 ? 1 : 0);
      for (let block = 0; !sorter.done; block += 1) {
        const room = capacity(block, size);
        const place = blocks[block] ?? 0;
        const slab = this.slabs[place >>> SLAB_LOG] as DataView;
        const detailsAt = place & (SLAB - 1);
        const serialsAt = detailsAt + room * DETAIL;
        const length = sorter.take(room, slab, serialsAt, detailsAt, dropReason);
        serials.push(new Uint8Array(slab.buffer, serialsAt, length * width));
        details.push(new Uint8Array(slab.buffer, detailsAt, length * DETAIL));
        kept += length;
      }
    });
    return { issuer, width, count: kept, serials, details };
  }

  private gather(group: Group, bucket: number, into: Uint8Array): void {
    let left = countIn(group, bucket) * group.size;
    let to = 0;
    (group.blocks[bucket] ?? []).forEach((place, block) => {
      const length = Math.min(capacity(block, group.size) * group.size, left);
      const slab = this.slabs[place >>> SLAB_LOG];
      if (slab !== undefined) into.set(new Uint8Array(slab.buffer, place & (SLAB - 1), length), to);
      to += length;
      left -= length;
    });
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

  /** @returns where the first record of the new block goes */
  private extend(group: Group, bucket: number): number {
    const blocks = (group.blocks[bucket] ??= []);
    const length = blockLength(blocks.length);
    const left = this.slabs.length * SLAB - this.end;
    if (left < length) {
      this.end += left;
      this.slabs.push(new DataView(new ArrayBuffer(SLAB)));
    }
    const place = this.end;
    this.end += length;
    group.last[bucket] = place + (capacity(blocks.length, group.size) - 1) * group.size;
    blocks.push(place);
    return place;
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
    size: width + DETAIL,
    blocks: Array.from({ length: buckets }, () => []),
    next: new Int32Array(buckets),
    // as in a full block: the first record asks for one
    last: new Int32Array(buckets).fill(-1),
  };
}

/** @param block position among the blocks of its bucket */
function blockLength(block: number): number {
  return block === 0 ? FIRST_BLOCK : BLOCK;
}

/** Records of a block. */
function capacity(block: number, size: number): number {
  return Math.floor((blockLength(block) - SPARE) / size);
}

function countIn({ size, blocks, next }: Group, bucket: number): number {
  const places = blocks[bucket] ?? [];
  const lastBlock = places.length - 1;
  if (lastBlock < 0) return 0;
  const full = lastBlock === 0 ? 0 : capacity(0, size) + (lastBlock - 1) * capacity(1, size);
  return full + ((next[bucket] ?? 0) - (places[lastBlock] ?? 0)) / size;
}
