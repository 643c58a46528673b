/** Sorts records of serials by their octets, with buffers that are used again. */

const SMALL = 32;
/** Values of half a key. */
const DIGITS = 4096;

/** Buffers of one sort, reused for the next. */
export class RecordSorter {
  bytes = new Uint8Array(0);
  view = new DataView(this.bytes.buffer);
  private order = new Uint32Array(0);
  private spare = new Uint32Array(0);
  private keys = new Uint32Array(0);
  private spareKeys = new Uint32Array(0);
  /** Where the next record of a digit goes. */
  private readonly places = new Uint32Array(DIGITS);

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
    const at = this.commonOctets(low, high, from, width, size);
    if (at >= width) return;
    if (this.readKeys(low, high, at, width, size)) {
      this.ties(low, high, at, width, size);
      return;
    }
    this.pass(low, high, 12);
    const { keys } = this;
    for (let start = low, i = low + 1; i <= high; i += 1) {
      if (i < high && (keys[i] as number) >>> 12 === (keys[start] as number) >>> 12) continue;
      // the octet that all of the run have in common is not compared again
      if (i - start <= SMALL) this.insert(start, i, at + 1, width, size);
      else {
        this.pass(start, i, 0);
        this.ties(start, i, at, width, size);
      }
      start = i;
    }
  }

  /** Reads three octets of every record; whether they ascend as they stand. */
  private readKeys(low: number, high: number, at: number, width: number, size: number): boolean {
    const { bytes, order, keys } = this;
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
      if (key < previous) ascending = false;
      previous = key;
    }
    return ascending;
  }

  /** Sorts every run of equal keys by the octets after them. */
  private ties(low: number, high: number, at: number, width: number, size: number): void {
    if (at + 3 >= width) return;
    const { keys } = this;
    // a run's own sort overwrites no keys but its own
    for (let start = low, i = low + 1; i <= high; i += 1) {
      if (i < high && keys[i] === keys[start]) continue;
      if (i - start > 1) this.sortRange(start, i, at + 3, width, size);
      start = i;
    }
  }

  /** Moves records into the order of twelve bits of their keys; stable. */
  private pass(low: number, high: number, shift: number): void {
    const { order, spare, keys, spareKeys, places } = this;
    places.fill(0);
    for (let i = low; i < high; i += 1) (places[((keys[i] as number) >>> shift) & (DIGITS - 1)] as number)++;
    let sum = low;
    for (let i = 0; i < DIGITS; i += 1) {
      const count = places[i] as number;
      places[i] = sum;
      sum += count;
    }
    for (let i = low; i < high; i += 1) {
      const key = keys[i] as number;
      const to = (places[(key >>> shift) & (DIGITS - 1)] as number)++;
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
