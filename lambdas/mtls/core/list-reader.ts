/** Reads a certificate list from a stream in one pass: no more of it is in memory than a window (RFC 5280 section 5). */
import {
  BIT_STRING,
  elementAt,
  encodingOf,
  GENERALIZED_TIME,
  INTEGER,
  Reader,
  readLength,
  SEQUENCE,
  smallInteger,
  UTC_TIME,
  wholeOctets,
  type Element,
} from './der';
import { EntryReader } from './entries';
import { listExtensionsOf, NO_EXTENSIONS, type ListExtensions } from './extensions';
import type { ListHeader, ListReaderOptions, ParsedList, ReaderState } from './list';
import { nameOf, type Name } from './names';
import { Refusal } from './refusal';
import { algorithmOf, type SignatureAlgorithm } from './signature';
import { timeOf } from './time';

const WINDOW = 256 * 1024;
/** Most bytes of one field beside the entries, and of one entry. */
const MAX_FIELD = 48 * 1024;

export class ListReader {
  private readonly options: ListReaderOptions;
  private readonly window = new Uint8Array(WINDOW);
  /** Next byte to read and end of what is there, in the window. */
  private at = 0;
  private filled = 0;
  /** Offset in the file of the window's first byte. */
  private base = 0;
  /** First byte that is signed and not yet hashed, in the window; -1 outside of what is signed. */
  private unhashed = -1;
  private check: { update(bytes: Uint8Array): void } | undefined;
  private state: ReaderState = 'list';
  private listEnd = Infinity;
  private tbsEnd = Infinity;
  private entriesEnd = Infinity;
  private version: 1 | 2 = 1;
  private algorithm: SignatureAlgorithm | undefined;
  private issuer: Name | undefined;
  private thisUpdate = 0;
  private header: ListHeader | undefined;
  private extensions: ListExtensions = NO_EXTENSIONS;
  private signature: Uint8Array = new Uint8Array(0);
  private readonly entries: EntryReader;

  constructor(options: ListReaderOptions) {
    this.options = options;
    this.entries = new EntryReader(options.entries, MAX_FIELD);
  }

  /** @throws Refusal at the first byte that is wrong */
  write(chunk: Uint8Array): void {
    for (let from = 0; from < chunk.length;) {
      if (this.filled > WINDOW / 2) this.compact();
      const length = Math.min(chunk.length - from, WINDOW - this.filled);
      this.window.set(chunk.subarray(from, from + length), this.filled);
      this.filled += length;
      from += length;
      while (this.step());
    }
  }

  /** @throws Refusal when the list is not complete */
  end(): ParsedList {
    const { header } = this;
    if (this.state !== 'end' || header === undefined) {
      throw new Refusal(
        'der_truncated',
        `the list ends after ${this.base + this.filled} bytes, in ${this.state}`,
        this.base + this.filled,
      );
    }
    return {
      header,
      extensions: this.extensions,
      signature: this.signature,
      issuers: [header.issuer, ...this.entries.issuers],
      removalAt: this.entries.removalAt,
    };
  }

  /** Offset in the file of the next byte. */
  private get offset(): number {
    return this.base + this.at;
  }

  /** Reads one field; false when more bytes are needed. */
  private step(): boolean {
    switch (this.state) {
      case 'list':
        return this.open('list');
      case 'tbs':
        return this.open('tbs');
      case 'version':
        return this.readVersion();
      case 'algorithm':
        return this.field(SEQUENCE, 'the signature algorithm', 'issuer', (element) => {
          this.algorithm = algorithmOf(element, { insecureSha1: this.options.insecureSha1 });
        });
      case 'issuer':
        return this.field(SEQUENCE, 'the issuer', 'thisUpdate', (element) => {
          this.issuer = nameOf(element);
          this.entries.own(this.issuer);
        });
      case 'thisUpdate':
        return this.field(undefined, 'thisUpdate', 'nextUpdate', (element) => {
          this.thisUpdate = timeOf(element, 'thisUpdate');
        });
      case 'nextUpdate':
        return this.readNextUpdate();
      case 'revoked':
        return this.openEntries();
      case 'entries':
        return this.readEntries();
      case 'extensions':
        return this.readExtensions();
      case 'outerAlgorithm':
        return this.field(SEQUENCE, 'the outer signature algorithm', 'signature', (element) => {
          // RFC 5280 section 5.1.1.2: the same algorithm identifier as in the signed part
          if (Buffer.compare(encodingOf(element), this.algorithm?.encoding ?? new Uint8Array(0)) !== 0) {
            throw new Refusal(
              'signature_algorithm_mismatch',
              'the signature algorithm is not the one that is signed',
              element.base + element.start,
            );
          }
        });
      case 'signature':
        return this.field(BIT_STRING, 'the signature', 'end', (element) => {
          this.signature = Uint8Array.from(wholeOctets(element));
          if (element.base + element.end !== this.listEnd)
            throw new Refusal('der_trailing_bytes', 'bytes after the signature', element.base + element.end);
        });
      case 'end':
        if (this.at < this.filled)
          throw new Refusal('der_trailing_bytes', 'bytes after the end of the list', this.offset);
        return false;
    }
  }

  /** Header of the list, or of its signed part. */
  private open(state: 'list' | 'tbs'): boolean {
    if (this.at >= this.filled) return false;
    const outer = state === 'list';
    this.expect(SEQUENCE, outer ? 'a list' : 'the signed part');
    const header = readLength(this.window, this.at + 1, this.filled, this.base);
    if (header === undefined) return false;
    const end = this.offset + 1 + header.octets + header.length;
    const { size, maximumBytes } = this.options;
    if (outer) {
      if (end > maximumBytes) {
        throw new Refusal(
          'list_too_large',
          `the list claims ${end} bytes, at most ${maximumBytes} are taken; partition it`,
          this.offset + 1,
        );
      }
      if (size !== undefined && end !== size) {
        throw new Refusal(
          end > size ? 'der_truncated' : 'der_trailing_bytes',
          `the list claims ${end} bytes, the file has ${size}`,
          this.offset + 1,
        );
      }
      this.listEnd = end;
    } else {
      this.bounded(end, this.listEnd);
      this.tbsEnd = end;
      this.unhashed = this.at;
    }
    this.at += 1 + header.octets;
    this.state = outer ? 'tbs' : 'version';
    return true;
  }

  private readVersion(): boolean {
    if (this.at >= this.filled) return false;
    if (this.window[this.at] !== INTEGER) {
      this.state = 'algorithm';
      return true;
    }
    return this.field(INTEGER, 'the version', 'algorithm', (element) => {
      // RFC 5280 section 5.1.2.1: absent for v1, and 1 for v2
      if (smallInteger(element) !== 1)
        throw new Refusal('version_unsupported', 'the version is neither absent nor 1 (v2)', this.offset);
      this.version = 2;
    });
  }

  private readNextUpdate(): boolean {
    if (this.offset < this.tbsEnd && this.at >= this.filled) return false;
    const tag = this.offset < this.tbsEnd ? this.window[this.at] : undefined;
    if (tag !== UTC_TIME && tag !== GENERALIZED_TIME) {
      this.begin(undefined);
      return true;
    }
    return this.field(undefined, 'nextUpdate', 'revoked', (element) => {
      this.begin(timeOf(element, 'nextUpdate'));
    });
  }

  /** All is known that the signature's check needs. */
  private begin(nextUpdate: number | undefined): void {
    const { algorithm, issuer, version, thisUpdate } = this;
    if (algorithm === undefined || issuer === undefined) throw new TypeError('fields were read out of order');
    this.header = { version, algorithm, issuer, thisUpdate, nextUpdate };
    this.check = this.options.onHeader(this.header);
    this.state = 'revoked';
  }

  private openEntries(): boolean {
    if (this.offset >= this.tbsEnd) {
      this.state = 'extensions';
      return true;
    }
    if (this.at >= this.filled) return false;
    if (this.window[this.at] !== SEQUENCE) {
      this.state = 'extensions';
      return true;
    }
    const header = readLength(this.window, this.at + 1, this.filled, this.base);
    if (header === undefined) return false;
    // RFC 5280 section 5.1.2.6: absent when there are none
    if (header.length === 0)
      throw new Refusal('entries_empty', 'revokedCertificates is present but empty', this.offset);
    const start = this.offset + 1 + header.octets;
    this.entriesEnd = start + header.length;
    this.bounded(this.entriesEnd, this.tbsEnd);
    this.at += 1 + header.octets;
    this.state = 'entries';
    return true;
  }

  private readEntries(): boolean {
    const end = Math.min(this.filled, this.entriesEnd - this.base);
    this.at = this.entries.read(
      this.window,
      this.at,
      end,
      this.entriesEnd - this.base,
      this.base,
      this.version,
    );
    if (this.offset < this.entriesEnd) return false;
    this.state = 'extensions';
    return true;
  }

  private readExtensions(): boolean {
    if (this.offset >= this.tbsEnd) {
      this.hash(this.tbsEnd - this.base);
      this.unhashed = -1;
      this.state = 'outerAlgorithm';
      return true;
    }
    return this.field(0xa0, 'the extensions of the list', 'extensions', (element) => {
      if (this.version === 1)
        throw new Refusal('version_extensions', 'a list of version 1 has extensions', this.offset);
      const inside = new Reader(element);
      const sequence = inside.take(SEQUENCE, 'the extensions');
      inside.end('the extensions');
      this.extensions = listExtensionsOf(sequence);
      if (element.base + element.end !== this.tbsEnd)
        throw new Refusal('der_trailing_bytes', 'bytes after the extensions', element.base + element.end);
    });
  }

  /** Reads one element that is in the window as a whole. */
  private field(
    tag: number | undefined,
    what: string,
    next: ReaderState,
    use: (element: Element) => void,
  ): boolean {
    const parentEnd =
      this.state === 'outerAlgorithm' || this.state === 'signature' ? this.listEnd : this.tbsEnd;
    if (this.offset >= parentEnd) throw new Refusal('der_truncated', `${what} is missing`, this.offset);
    if (this.at >= this.filled) return false;
    if (tag !== undefined) this.expect(tag, what);
    const header = readLength(this.window, this.at + 1, this.filled, this.base);
    if (header === undefined) return false;
    const end = this.at + 1 + header.octets + header.length;
    this.bounded(this.base + end, parentEnd);
    if (header.length > MAX_FIELD)
      throw new Refusal(
        'list_too_large',
        `${what} has ${header.length} bytes, at most ${MAX_FIELD} are taken`,
        this.offset,
      );
    if (end > this.filled) return false;
    const element = elementAt(this.window, this.at, end, this.base);
    // before use(), which may go to another state of its own
    this.state = next;
    use(element);
    this.at = end;
    return true;
  }

  private expect(tag: number, what: string): void {
    const found = this.window[this.at] ?? 0;
    if (found === tag) return;
    throw new Refusal(
      'der_tag_unexpected',
      `${what} has tag 0x${found.toString(16)}, expected 0x${tag.toString(16)}`,
      this.offset,
    );
  }

  private bounded(end: number, parentEnd: number): void {
    if (end <= parentEnd) return;
    throw new Refusal(
      'der_length_beyond_parent',
      `a length reaches ${end - parentEnd} bytes beyond what it is part of`,
      this.offset + 1,
    );
  }

  private hash(end: number): void {
    if (this.check === undefined || this.unhashed < 0 || end <= this.unhashed) return;
    this.check.update(this.window.subarray(this.unhashed, end));
    this.unhashed = end;
  }

  /** Makes room: what is read and hashed leaves the window. */
  private compact(): void {
    this.hash(Math.min(this.at, this.tbsEnd - this.base));
    // what is signed stays until it is known how it is to be hashed: four fields at most
    const keep = this.unhashed >= 0 ? Math.min(this.at, this.unhashed) : this.at;
    this.window.copyWithin(0, keep, this.filled);
    this.base += keep;
    this.at -= keep;
    this.filled -= keep;
    if (this.unhashed >= 0) this.unhashed -= keep;
  }
}
