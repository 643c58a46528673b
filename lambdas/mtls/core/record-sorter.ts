/** Sorts records of serials by their octets, with buffers that are used again. */
import { viewOf } from './der';

/** Octets kept beside a serial: reason, then seconds since 1950 as an unsigned 32-bit number. */
export const DETAIL = 5;

/** Most records that are sorted by comparing. */
const SMALL = 32;
/** Octets of a key. */
const KEY = 4;
const KEY_BITS = 32;
/** Bits by which records are moved at once. */
const MIN_DIGIT = 8;
const MAX_DIGIT = 16;
/** Bits of a key that are looked at beyond those that tell so many records apart: then hardly any two are alike. */
const SPARE_BITS = 8;

/** Buffers of one sort, reused for the next. */
export class RecordSorter {
  /** Records before they are sorted, one after the other. */
  private bytes = new Uint8Array(0);
  private view = viewOf(this.bytes);
  private count = 0;
  private width = 0;
  private size = 0;
  /** Position of the record that is taken next. */
  private next = 0;
  /** Whether the records are in order as they stand. */
  private ascending = true;
  private order = new Uint32Array(0);
  private spare = new Uint32Array(0);
  /** One for each position, equal where serials are equal. */
  private keys = new Uint32Array(0);
  private spareKeys = new Uint32Array(0);
  /** Where the next record of a digit goes. */
  private readonly places = new Uint32Array(1 << MAX_DIGIT);

  /** @returns where records of so many octets go before they are sorted */
  reserve(octets: number): Uint8Array {
    // four octets are read at once
    if (octets + KEY > this.bytes.length) {
      this.bytes = new Uint8Array(octets + KEY);
      this.view = viewOf(this.bytes);
    }
    return this.bytes;
  }

  /**
   * Sorts records by their serials; stable.
   *
   * @param width octets of a serial
   * @param from octets that all serials have in common, at least
   */
  sort(count: number, width: number, from: number): void {
    this.count = count;
    this.width = width;
    this.size = width + DETAIL;
    this.next = 0;
    this.ascending = this.ascends();
    if (this.ascending) return;
    if (count > this.order.length) {
      this.order = new Uint32Array(count);
      this.spare = new Uint32Array(count);
      this.keys = new Uint32Array(count);
      this.spareKeys = new Uint32Array(count);
    }
    this.number();
    this.sortRange(0, count, from);
  }

  /**
   * Puts the order in which the records stand. A function by itself: V8 of Node.js 20 compiles its loop while it runs, and
   * threw that away after the loop each time where the sort followed.
   */
  private number(): void {
    const { order, count } = this;
    for (let i = 0; i < count; i += 1) order[i] = i;
  }

  /** Whether all records were taken. */
  get done(): boolean {
    return this.next >= this.count;
  }

  /**
   * Writes the next records in order. Of equal serials the one that stood last is taken.
   *
   * @param room most records; up to three octets after the last serial are overwritten too
   * @param dropReason records with this reason are left out
   * @returns how many were written
   */
  take(room: number, into: DataView, serialsAt: number, detailsAt: number, dropReason?: number): number {
    const { bytes, view, ascending, order, keys, count, width, size } = this;
    let taken = 0;
    let i = this.next;
    for (; i < count && taken < room; i += 1) {
      const from = ascending ? i * size : (order[i] as number) * size;
      // stable, so of equal serials the last one stands last
      if (i + 1 < count && (ascending || keys[i] === keys[i + 1])) {
        const following = ascending ? from + size : (order[i + 1] as number) * size;
        if (equal(bytes, from, following, width)) continue;
      }
      const detail = from + width;
      if (bytes[detail] === dropReason) continue;
      const to = serialsAt + taken * width;
      for (let k = 0; k < width; k += 4) into.setInt32(to + k, view.getInt32(from + k, true), true);
      const at = detailsAt + taken * DETAIL;
      into.setInt32(at, view.getInt32(detail, true), true);
      into.setUint8(at + 4, bytes[detail + 4] as number);
      taken += 1;
    }
    this.next = i;
    return taken;
  }

  private ascends(): boolean {
    const { bytes, count, width, size } = this;
    for (let i = 1; i < count; i += 1) if (above(bytes, (i - 1) * size, i * size, 0, width)) return false;
    return true;
  }

  /**
   * Radix sort by the next four octets that are not common to all, then by those that follow: the time depends on the
   * number of records and the width alone, not on how the serials were chosen.
   */
  private sortRange(low: number, high: number, from: number): void {
    const { width } = this;
    const small = high - low <= SMALL;
    const at = small ? from : this.commonOctets(low, high, from);
    if (at >= width) return;
    this.readKeys(low, high, at);
    if (small) {
      this.insert(low, high, at + KEY);
      return;
    }
    const wanted = Math.ceil((KEY_BITS - Math.clz32(high - low) + SPARE_BITS) / 2);
    const digit = Math.min(Math.max(wanted, MIN_DIGIT), MAX_DIGIT);
    const { order, spare, keys, spareKeys } = this;
    const shift = KEY_BITS - 2 * digit;
    this.pass(low, high, shift, digit, order, keys, spare, spareKeys);
    this.pass(low, high, shift + digit, digit, spare, spareKeys, order, keys);
    for (let start = low, i = low + 1; i <= high; i += 1) {
      if (i < high && ((keys[i] as number) ^ (keys[start] as number)) >>> shift === 0) continue;
      // a run's own sort overwrites no keys but its own
      if (i - start > SMALL) this.sortRange(start, i, at + Math.floor(digit / 4));
      else if (i - start > 1) this.insert(start, i, at + KEY);
      start = i;
    }
  }

  /** Reads four octets of every record; those past the serial, which are of the detail, count as 0. */
  private readKeys(low: number, high: number, at: number): void {
    const { view, order, keys, width, size } = this;
    const left = width - at;
    const mask = left >= KEY ? -1 : -1 << (8 * (KEY - left));
    for (let i = low; i < high; i += 1) keys[i] = view.getInt32((order[i] as number) * size + at) & mask;
  }

  /** Moves records into the order of some bits of their keys; stable. */
  private pass(
    low: number,
    high: number,
    shift: number,
    bits: number,
    order: Uint32Array,
    keys: Uint32Array,
    toOrder: Uint32Array,
    toKeys: Uint32Array,
  ): void {
    const { places } = this;
    const mask = (1 << bits) - 1;
    places.fill(0, 0, mask + 1);
    for (let i = low; i < high; i += 1) (places[((keys[i] as number) >>> shift) & mask] as number)++;
    let sum = low;
    for (let i = 0; i <= mask; i += 1) {
      const count = places[i] as number;
      places[i] = sum;
      sum += count;
    }
    for (let i = low; i < high; i += 1) {
      const key = keys[i] as number;
      const to = (places[(key >>> shift) & mask] as number)++;
      toKeys[to] = key;
      toOrder[to] = order[i] as number;
    }
  }

  /** Sorts by keys, then by the octets after them. */
  private insert(low: number, high: number, from: number): void {
    const { bytes, order, keys, width, size } = this;
    for (let i = low + 1; i < high; i += 1) {
      const current = order[i] as number;
      const key = keys[i] as number;
      let j = i - 1;
      while (
        j >= low &&
        ((keys[j] as number) > key ||
          (keys[j] === key && above(bytes, (order[j] as number) * size, current * size, from, width)))
      ) {
        order[j + 1] = order[j] as number;
        keys[j + 1] = keys[j] as number;
        j -= 1;
      }
      order[j + 1] = current;
      keys[j + 1] = key;
    }
  }

  private commonOctets(low: number, high: number, from: number): number {
    const { bytes, order, width, size } = this;
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

function equal(bytes: Uint8Array, a: number, b: number, width: number): boolean {
  // from the end, where neighbours differ most
  for (let i = width - 1; i >= 0; i -= 1) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}
