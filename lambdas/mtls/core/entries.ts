/** The entries of a list: walked octet by octet, handed on without an object each (RFC 5280 section 5.1.2.6). */
import { checkInteger, elementAt, Reader, SEQUENCE, UTC_TIME, INTEGER, viewOf } from './der';
import { entryExtensionsOf } from './extensions';
import type { Name } from './names';
import { Refusal } from './refusal';
import { timeOf, utcSeconds } from './time';

/** Takes entries as they are read. */
export interface EntrySink {
  /** @see RecordStore.add */
  add(bytes: Uint8Array, at: number, length: number, issuer: number, seconds: number, reason: number): void;
}

/** Most octets of a serial. RFC 5280 section 4.1.2.2 gives CAs 20; those that took more must be revocable as well. */
export const MAX_SERIAL = 64;
/** Most issuers that an indirect list may name. */
const MAX_ISSUERS = 1024;
export const REMOVE_FROM_CRL = 8;

/**
 * `SEQUENCE { SEQUENCE { OID reasonCode, OCTET STRING { ENUMERATED` as nearly every list has it, twelve octets in three
 * words and the last by itself; the reason follows.
 */
const REASON_ONLY = { first: 0x300c300a, second: 0x0603551d, third: 0x1504030a, last: 0x01 } as const;

export class EntryReader {
  /** Issuers named by entries, in order of appearance; entry issuer 1 is the first of them. */
  readonly issuers: Name[] = [];
  /** Offset of the first entry with removeFromCRL. */
  removalAt: number | undefined;
  private readonly sink: EntrySink;
  private readonly maximum: number;
  private readonly positions = new Map<string, number>();
  /** RFC 5280 section 5.3.3: an entry without certificateIssuer has that of the entry before it. */
  private issuer = 0;

  constructor(sink: EntrySink, maximum: number) {
    this.sink = sink;
    this.maximum = maximum;
  }

  /** Says who issued the list, so that an entry that names the same issuer is no other's. */
  own(issuer: Name): void {
    this.positions.set(issuer.hash, 0);
  }

  /**
   * Reads the entries that are there as a whole.
   *
   * @param available end of what is there
   * @param end end of all entries, may be beyond `available`
   * @param base what must be added to a position to have the offset in the file
   * @returns position of the first entry that is not complete
   */
  read(
    bytes: Uint8Array,
    from: number,
    available: number,
    end: number,
    base: number,
    version: 1 | 2,
  ): number {
    const { sink } = this;
    const view = viewOf(bytes);
    let at = from;
    while (at < available) {
      if (bytes[at] !== SEQUENCE)
        throw new Refusal(
          'entry_malformed',
          `an entry has tag 0x${(bytes[at] ?? 0).toString(16)}`,
          base + at,
        );
      if (at + 1 >= available) break;
      const length = bytes[at + 1] as number;
      if (length >= 0x80) {
        const next = this.slow(bytes, at, available, end, base, version);
        if (next === at) break;
        at = next;
        continue;
      }
      const stop = at + 2 + length;
      if (stop > end)
        throw new Refusal('der_length_beyond_parent', 'an entry reaches beyond the entries', base + at + 1);
      if (stop > available) break;
      const serial = at + 4;
      const width = bytes[at + 3] as number;
      const time = serial + width;
      // the common form, in which every length has one octet; all else is read, or refused, by the slow path
      const common =
        bytes[at + 2] === INTEGER &&
        width > 0 &&
        width <= 32 &&
        time + 15 <= stop &&
        bytes[time] === UTC_TIME &&
        bytes[time + 1] === 13 &&
        (width === 1 || !padded(bytes[serial] as number, bytes[serial + 1] as number));
      const seconds = common ? utcSeconds(view, time + 2) : NaN;
      const rest = time + 15;
      if (seconds === seconds && rest === stop) {
        sink.add(bytes, serial, width, this.issuer, seconds, 0);
      } else if (seconds === seconds && version === 2 && rest + 14 === stop && reasonOnly(view, rest)) {
        const reason = bytes[rest + 13] as number;
        if (reason > 6) this.slow(bytes, at, available, end, base, version);
        else sink.add(bytes, serial, width, this.issuer, seconds, reason);
      } else {
        this.slow(bytes, at, available, end, base, version);
      }
      at = stop;
    }
    return at;
  }

  /** Reads any entry; answers `at` when more bytes are needed. */
  private slow(
    bytes: Uint8Array,
    at: number,
    available: number,
    end: number,
    base: number,
    version: 1 | 2,
  ): number {
    // the claim is judged before the bytes are waited for
    const octets = (bytes[at + 1] as number) < 0x80 ? 1 : 1 + ((bytes[at + 1] as number) & 0x7f);
    if (at + 1 + octets > available && octets <= 5) {
      if (at + 1 + octets >= end)
        throw new Refusal('der_truncated', 'a length is cut short by the end of the entries', base + at + 1);
      if (bytes[at + 1] !== 0x80) return at;
    }
    const entry = claimOf(bytes, at, end, base);
    if (entry - at > this.maximum) {
      throw new Refusal(
        'list_too_large',
        `an entry has ${entry - at} bytes, at most ${this.maximum} are taken`,
        base + at,
      );
    }
    if (entry > available) return at;
    this.one(bytes, at, entry, base, version);
    return entry;
  }

  private one(bytes: Uint8Array, at: number, stop: number, base: number, version: 1 | 2): void {
    const fields = new Reader(elementAt(bytes, at, stop, base));
    const serial = fields.take(INTEGER, 'the serial number of an entry');
    const width = checkInteger(serial).length;
    if (width > MAX_SERIAL) {
      throw new Refusal(
        'serial_too_long',
        `a serial number has ${width} octets, at most ${MAX_SERIAL} are taken`,
        base + serial.start,
      );
    }
    const seconds = timeOf(fields.take(timeTag(fields), 'the date of an entry'), 'the date of an entry');
    let reason = 0;
    const extensions = fields.optional(SEQUENCE);
    fields.end('an entry');
    if (extensions !== undefined) {
      // RFC 5280 section 5.1.2.1: extensions need version 2
      if (version === 1)
        throw new Refusal('version_extensions', 'an entry of a version 1 list has extensions', base + at);
      const facts = entryExtensionsOf(extensions);
      reason = facts.reason;
      if (facts.issuer !== undefined) this.issuer = this.positionOf(facts.issuer, base + at);
    }
    if (reason === REMOVE_FROM_CRL) this.removalAt ??= base + at;
    this.sink.add(bytes, serial.content, width, this.issuer, seconds, reason);
  }

  private positionOf(issuer: Name, offset: number): number {
    let position = this.positions.get(issuer.hash);
    if (position === undefined) {
      if (this.issuers.length >= MAX_ISSUERS) {
        throw new Refusal(
          'entry_issuers_too_many',
          `the list names more than ${MAX_ISSUERS} issuers; partition it`,
          offset,
        );
      }
      this.issuers.push(issuer);
      position = this.issuers.length;
      this.positions.set(issuer.hash, position);
    }
    return position;
  }
}

function timeTag(fields: Reader): number {
  return fields.tag === UTC_TIME ? UTC_TIME : 0x18;
}

/** Where the element at a place claims to end. */
function claimOf(bytes: Uint8Array, at: number, end: number, base: number): number {
  const first = bytes[at + 1] as number;
  if (first < 0x80) return at + 2 + first;
  const octets = first & 0x7f;
  // refuses what is not DER, with the rule that is broken
  if (octets === 0 || octets > 4) return elementAt(bytes, at, end, base).end;
  let length = 0;
  for (let i = 0; i < octets; i += 1) length = length * 256 + (bytes[at + 2 + i] as number);
  const stop = at + 2 + octets + length;
  if (stop > end)
    throw new Refusal('der_length_beyond_parent', 'an entry reaches beyond the entries', base + at + 1);
  return stop;
}

/** X.690 section 8.3.2: the first nine bits of an INTEGER are not all equal. */
function padded(first: number, second: number): boolean {
  return (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80);
}

function reasonOnly(bytes: DataView, at: number): boolean {
  return (
    bytes.getInt32(at) === REASON_ONLY.first &&
    bytes.getInt32(at + 4) === REASON_ONLY.second &&
    bytes.getInt32(at + 8) === REASON_ONLY.third &&
    bytes.getUint8(at + 12) === REASON_ONLY.last
  );
}
