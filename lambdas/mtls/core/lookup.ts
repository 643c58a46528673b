/** Looks a serial up in an index, of which any beginning is in memory; the rest is asked for by range. */
import { blocksOf, FILTER_BLOCK, filterPlace, hasBits, PAGE, perPage, PLACE } from './filter';
import { pagesOf, readDirectory, type Directory, type GroupEntry } from './index-directory';
import { DETAIL } from './record-sorter';
import { secondsOfDetail, type RecordStore } from './record-store';
import { viewOf } from './der';
import { MAX_SERIAL } from './entries';
import { Refusal } from './refusal';

/** Octets of the index that are not in memory and needed to go on. */
interface Range {
  readonly offset: number;
  readonly length: number;
}

export type Found =
  | { readonly status: 'absent' }
  /** Seconds since 1970, CRLReason. */
  | { readonly status: 'revoked'; readonly date: number; readonly reason: number };

const ABSENT: Found = { status: 'absent' };
const NONE: readonly Window[] = [];

/** Most octets that are read at once of the first serials of pages, of which several reads are needed one after the other. */
const SPARSE_READ = 16 * PAGE;

/** Octets that are compared at once. */
const WORD = 4;
/** Keys that the first step away from a guess goes: about as many as are in a line of the processor's cache. */
const FIRST_STEP = 4;

/** An index, opened. */
export class IndexView {
  readonly entries: number;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly issuers: Directory['issuers'];
  private readonly groups: Directory['groups'];
  private readonly place = new Int32Array(PLACE);
  /** The serial that is looked up, since making a view of it would take longer than copying it. */
  private readonly serial = new Uint8Array(MAX_SERIAL);
  private readonly serialView = viewOf(this.serial);

  /**
   * @param bytes the beginning of the index, at least its directory (`Resident` of its manifest)
   * @throws Refusal `index_malformed` when it is not an index of this version or contradicts itself
   */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    ({ entries: this.entries, issuers: this.issuers, groups: this.groups } = readDirectory(bytes));
  }

  /**
   * Looks up without waiting.
   *
   * @param issuer hash of the issuer's name
   * @param serial octets of the INTEGER of the certificate
   * @param windows what was read of the ranges that earlier calls asked for
   * @returns what was found, or the range that is needed first
   */
  find(issuer: string, serial: Uint8Array, windows: readonly Window[] = NONE): Found | Range {
    const position = this.issuers.get(issuer);
    if (position === undefined) return ABSENT;
    const group = this.groups[position]?.[serial.length];
    if (group === undefined) return ABSENT;
    const { sparseAt, width, count } = group;
    for (let i = 0; i < width; i += 1) this.serial[i] = serial[i] as number;
    const pages = pagesOf(count, width);
    const page =
      group.resident && width >= WORD
        ? this.upperBoundInMemory(sparseAt, width, 0, pages, sparseAt, sparseAt + (pages - 1) * width)
        : this.upperBound(sparseAt, width, 0, pages, pages, windows, SPARSE_READ);
    if (typeof page !== 'number') return page;
    if (page === 0) return ABSENT;
    // with every serial in memory there is no read that the filter could save
    const hit = group.resident || this.mayHave(group, page - 1, windows);
    if (typeof hit !== 'boolean') return hit;
    return hit ? this.confirm(group, page - 1, windows) : ABSENT;
  }

  /** Every record of an index that is in memory as a whole; arguments as `RecordStore.add` takes them. */
  forEach(use: RecordStore['add']): void {
    for (const group of this.groups.flatMap((ofIssuer) => ofIssuer.filter((entry) => entry !== undefined))) {
      const { issuer, width, count, serialsAt, detailsAt } = group;
      for (let i = 0; i < count; i += 1) {
        const detail = detailsAt + i * DETAIL;
        use(
          this.bytes,
          serialsAt + i * width,
          width,
          issuer,
          secondsOfDetail(this.bytes, detail),
          this.bytes[detail] ?? 0,
        );
      }
    }
  }

  /** Hashes of the names of issuers, by position. */
  get issuerHashes(): readonly string[] {
    return [...this.issuers.keys()];
  }

  /** What the filter says of a page. */
  private mayHave(
    { issuer, width, count, filterAt }: GroupEntry,
    page: number,
    windows: readonly Window[],
  ): boolean | Range {
    const { place, bytes } = this;
    const step = perPage(width);
    const blocks = blocksOf(Math.min(step, count - page * step));
    filterPlace(place, blocks, issuer, this.serialView, 0, width);
    const offset = filterAt + (page * blocksOf(step) + (place[0] as number)) * FILTER_BLOCK;
    if (offset + FILTER_BLOCK <= bytes.length) return hasBits(bytes, offset, place);
    const block = windowOf(windows, offset, FILTER_BLOCK);
    if (block === undefined) return { offset, length: FILTER_BLOCK };
    return hasBits(block.bytes, offset - block.offset, place);
  }

  /** Looks at the serials themselves: a hit of the filter is confirmed exactly. */
  private confirm(group: GroupEntry, page: number, windows: readonly Window[]): Found | Range {
    const { sparseAt, serialsAt, width, count, resident } = group;
    const first = sparseAt + page * width;
    const step = perPage(width);
    const low = page * step;
    const high = Math.min(low + step, count);
    const after =
      resident && width >= WORD
        ? this.upperBoundInMemory(
            serialsAt,
            width,
            low,
            high,
            first,
            high < count ? first + width : serialsAt + (count - 1) * width,
          )
        : this.upperBound(serialsAt, width, low, high, count, windows, PAGE);
    if (typeof after !== 'number') return after;
    if (after === low || this.orderOf(serialsAt + (after - 1) * width, width, windows) !== 0) return ABSENT;
    const detailAt = group.detailsAt + (after - 1) * DETAIL;
    let { bytes } = this;
    let at = detailAt;
    if (detailAt + DETAIL > bytes.length) {
      const detail = windowOf(windows, detailAt, DETAIL);
      if (detail === undefined) return { offset: detailAt, length: DETAIL };
      ({ bytes } = detail);
      at = detailAt - detail.offset;
    }
    return { status: 'revoked', date: secondsOfDetail(bytes, at), reason: bytes[at] ?? 0 };
  }

  /**
   * Number of keys from `from` to `to` that are not above the serial, counted from 0.
   *
   * @param read most octets of a range that is asked for
   */
  private upperBound(
    base: number,
    width: number,
    from: number,
    to: number,
    count: number,
    windows: readonly Window[],
    read: number,
  ): number | Range {
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const difference = this.orderOf(base + middle * width, width, windows);
      if (difference === undefined) return windowAround(base, width, middle, count, read);
      if (difference > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /**
   * As `upperBound`, of keys that are in memory. Serials of a CA are random or count up, so the place in proportion between
   * two that are known is a few keys off: one or two lines of memory are read of a page, where halving it reads six. For
   * others the steps away from there double, and what is left is halved.
   *
   * @param first where a key is that is at most the one at `low`
   * @param last where a key is that is at least the one before `high`
   */
  private upperBoundInMemory(
    base: number,
    width: number,
    low: number,
    high: number,
    first: number,
    last: number,
  ): number | Range {
    const guess = this.guess(width, low, high, first, last);
    let from = low;
    let to = high;
    if (this.isAbove(base + guess * width, width)) {
      to = guess;
      for (let step = FIRST_STEP; to - step >= low; step *= 2) {
        if (!this.isAbove(base + (to - step) * width, width)) {
          from = to - step + 1;
          break;
        }
        to -= step;
      }
    } else {
      from = guess + 1;
      for (let step = FIRST_STEP; from + step < high; step *= 2) {
        if (this.isAbove(base + (from + step) * width, width)) {
          to = from + step;
          break;
        }
        from += step + 1;
      }
    }
    return this.upperBound(base, width, from, to, high, NONE, PAGE);
  }

  /** Where the serial would be if the keys were evenly spread. */
  private guess(width: number, low: number, high: number, first: number, last: number): number {
    const { view, serialView } = this;
    let word = 0;
    while (word < width - WORD && view.getInt32(first + word) === view.getInt32(last + word))
      word = Math.min(word + WORD, width - WORD);
    const start = view.getUint32(first + word);
    const above = serialView.getUint32(word) - start;
    const range = view.getUint32(last + word) - start;
    // the serial may be outside of both; keys out of order may cost time, and no more
    if (above <= 0) return low;
    return above < range ? low + (((above / range) * (high - low)) | 0) : high - 1;
  }

  /** Whether the key at a place in memory is above the serial that is looked up. */
  private isAbove(at: number, width: number): boolean {
    return order(this.view, at, this.serialView, width) > 0;
  }

  /** Order of the key at a place against the serial that is looked up; `undefined` when it is not there. */
  private orderOf(at: number, width: number, windows: readonly Window[]): number | undefined {
    if (at + width <= this.bytes.length) return order(this.view, at, this.serialView, width);
    const window = windowOf(windows, at, width);
    if (window === undefined) return undefined;
    return order(viewOf(window.bytes), at - window.offset, this.serialView, width);
  }
}

/** Order of a key against a serial, octet by octet. */
function order(keys: DataView, at: number, serial: DataView, width: number): number {
  let k = 0;
  for (; k + 4 <= width; k += 4) {
    const difference = keys.getUint32(at + k) - serial.getUint32(k);
    if (difference !== 0) return difference;
  }
  for (; k < width; k += 1) {
    const difference = keys.getUint8(at + k) - serial.getUint8(k);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Octets of an index that were read by range. */
interface Window {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * Looks up, reading by range what is not in memory; nothing of it is kept.
 *
 * With the filter resident a serial that is not revoked costs no read in 99 of 100 cases; confirming one costs one read
 * of at most 4,096 octets, and date and reason of a revoked one 5 octets more.
 *
 * @param readRange octets of the index; what it throws is passed on, as the status is not known then
 */
export async function findByRanges(
  view: IndexView,
  issuer: string,
  serial: Uint8Array,
  readRange: (offset: number, length: number) => Promise<Uint8Array>,
): Promise<Found> {
  const windows: Window[] = [];
  for (;;) {
    const found = view.find(issuer, serial, windows);
    if ('status' in found) return found;
    const bytes = await readRange(found.offset, found.length);
    if (bytes.length !== found.length) {
      throw new Refusal(
        'index_malformed',
        `a read of ${found.length} bytes answered ${bytes.length}; the index is not whole`,
        found.offset,
      );
    }
    windows.push({ offset: found.offset, bytes });
  }
}

/** The window that key `i` is in; windows begin at the first key, as pages do. */
function windowAround(base: number, width: number, i: number, count: number, read: number): Range {
  const step = Math.floor(read / width);
  const first = Math.floor(i / step) * step;
  return { offset: base + first * width, length: Math.min(step, count - first) * width };
}

function windowOf(windows: readonly Window[], at: number, length: number): Window | undefined {
  for (const window of windows)
    if (at >= window.offset && at + length <= window.offset + window.bytes.length) return window;
  return undefined;
}
