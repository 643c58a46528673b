/** Revoked serials in typed arrays: collected in any order, answered sorted and without duplicates. */

/** Octets kept beside a serial: reason, then seconds since 1950 as an unsigned 32-bit number. */
export const DETAIL = 5;
/** What 0 means in the seconds of a detail: 1950-01-01T00:00:00Z, the first UTCTime there is (RFC 5280 section 4.1.2.5.1). */
export const DETAIL_EPOCH = -631_152_000;

const BLOCK_LOG = 11;
const BLOCK = 1 << BLOCK_LOG;
/** Blocks of a slab, which is what is allocated at once. */
const BLOCKS_LOG = 9;
const BLOCKS = 1 << BLOCKS_LOG;
const SMALL = 32;
/** Values of half a key. */
const DIGITS = 4096;
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
  private readonly slabs: Uint8Array[] = [];
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
    const slab = this.slabs[block >>> BLOCKS_LOG] as Uint8Array;
    let to = ((block & (BLOCKS - 1)) << BLOCK_LOG) + (group.offsets[bucket] as number);
    for (let i = at; i < at + length; i += 1) slab[to++] = bytes[i] as number;
    const since = Math.min(Math.max(seconds - DETAIL_EPOCH, 0), 0xffff_ffff) >>> 0;
    slab[to] = reason;
    slab[to + 1] = since >>> 24;
    slab[to + 2] = since >>> 16;
    slab[to + 3] = since >>> 8;
    slab[to + 4] = since;
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
    const scratch = new Scratch();
    return groups.map((group) => this.sortGroup(group, scratch, dropReason)).filter(({ count }) => count > 0);
  }

  private sortGroup(group: Group, scratch: Scratch, dropReason: number | undefined): SortedGroup {
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
      scratch.reserve(count, count * size + 3);
      this.gather(group, bucket, scratch.bytes);
      const order = scratch.sort(count, width, size);
      const { bytes, view } = scratch;
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

  private gather(group: Group, bucket: number, into: Uint8Array): void {
    const size = group.width + DETAIL;
    const perBlock = Math.floor(BLOCK / size);
    let left = group.counts[bucket] ?? 0;
    let to = 0;
    for (let block = group.heads[bucket] ?? 0; left > 0; block = this.following[block] ?? 0) {
      const length = Math.min(perBlock, left) * size;
      const at = (block & (BLOCKS - 1)) << BLOCK_LOG;
      const slab = this.slabs[block >>> BLOCKS_LOG];
      if (slab !== undefined) into.set(slab.subarray(at, at + length), to);
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
    if ((block & (BLOCKS - 1)) === 0) this.slabs.push(new Uint8Array(BLOCKS * BLOCK));
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

/** Buffers of one sort, reused for the next. */
class Scratch {
  bytes = new Uint8Array(0);
  view = new DataView(this.bytes.buffer);
  private order = new Uint32Array(0);
  private spare = new Uint32Array(0);
  private keys = new Uint32Array(0);
  private spareKeys = new Uint32Array(0);
  private readonly histogram = new Uint32Array(2 * DIGITS);

  reserve(count: number, size: number): void {
    if (size > this.bytes.length) {
      this.bytes = new Uint8Array(size);
      this.view = new DataView(this.bytes.buffer);
    }
    if (count <= this.order.length) return;
    this.order = new Uint32Array(count);
    this.spare = new Uint32Array(count);
    this.keys = new Uint32Array(count);
    this.spareKeys = new Uint32Array(count);
  }

  /** Order of the first `count` records by their first `width` octets; stable. */
  sort(count: number, width: number, size: number): Uint32Array {
    const { order } = this;
    for (let i = 0; i < count; i += 1) order[i] = i;
    this.sortRange(0, count, 0, width, size);
    return this.order;
  }

  /**
   * Radix sort by the next three octets that are not common to all, then by those that follow: the time depends on the
   * number of records and the width alone, not on how the serials were chosen.
   */
  private sortRange(low: number, high: number, from: number, width: number, size: number): void {
    if (high - low <= SMALL) {
      this.insert(low, high, from, width, size);
      return;
    }
    const { bytes, order, keys, histogram } = this;
    const at = this.commonOctets(low, high, from, width, size);
    if (at >= width) return;
    histogram.fill(0);
    let ascending = true;
    let previous = -1;
    for (let i = low; i < high; i += 1) {
      const record = (order[i] as number) * size;
      // octets past the serial would be of the detail
      const key =
        ((bytes[record + at] as number) << 16) |
        (at + 1 < width ? (bytes[record + at + 1] as number) << 8 : 0) |
        (at + 2 < width ? (bytes[record + at + 2] as number) : 0);
      keys[i] = key;
      (histogram[key & (DIGITS - 1)] as number)++;
      (histogram[DIGITS + (key >>> 12)] as number)++;
      if (key < previous) ascending = false;
      previous = key;
    }
    if (!ascending) for (let pass = 0; pass < 2; pass += 1) this.pass(low, high, pass);
    let start = low;
    for (let i = low + 1; i <= high; i += 1) {
      if (i < high && this.keys[i] === this.keys[start]) continue;
      if (i - start > 1 && at + 3 < width) this.ties(start, i, at + 3, width, size);
      start = i;
    }
  }

  /** Sorts a run of equal keys; what was read of the keys so far is kept for the runs that follow. */
  private ties(low: number, high: number, from: number, width: number, size: number): void {
    if (high - low <= SMALL) this.insert(low, high, from, width, size);
    else this.sortRange(low, high, from, width, size);
  }

  private pass(low: number, high: number, pass: number): void {
    const { order, spare, keys, spareKeys, histogram } = this;
    const table = histogram.subarray(pass * DIGITS, (pass + 1) * DIGITS);
    const shift = pass * 12;
    // all in one place: nothing would move
    if (table[((keys[low] as number) >>> shift) & (DIGITS - 1)] === high - low) return;
    let sum = low;
    for (let i = 0; i < DIGITS; i += 1) {
      const count = table[i] as number;
      table[i] = sum;
      sum += count;
    }
    for (let i = low; i < high; i += 1) {
      const key = keys[i] as number;
      const to = (table[(key >>> shift) & (DIGITS - 1)] as number)++;
      spareKeys[to] = key;
      spare[to] = order[i] as number;
    }
    keys.set(spareKeys.subarray(low, high), low);
    order.set(spare.subarray(low, high), low);
  }

  private insert(low: number, high: number, from: number, width: number, size: number): void {
    const { bytes, order } = this;
    for (let i = low + 1; i < high; i += 1) {
      const current = order[i] as number;
      let j = i - 1;
      while (j >= low && above(bytes, (order[j] as number) * size, current * size, from, width)) {
        order[j + 1] = order[j] as number;
        j -= 1;
      }
      order[j + 1] = current;
    }
  }

  private commonOctets(low: number, high: number, from: number, width: number, size: number): number {
    const { bytes, order } = this;
    const first = (order[low] as number) * size;
    let common = width;
    for (let i = low + 1; i < high && common > from; i += 1) {
      const record = (order[i] as number) * size;
      let at = from;
      while (at < common && bytes[first + at] === bytes[record + at]) at += 1;
      common = at;
    }
    return common;
  }
}

/** Whether the record at `a` comes after the one at `b`. */
function above(bytes: Uint8Array, a: number, b: number, from: number, width: number): boolean {
  for (let i = from; i < width; i += 1) {
    const difference = (bytes[a + i] as number) - (bytes[b + i] as number);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
