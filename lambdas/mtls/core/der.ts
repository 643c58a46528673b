/** DER of fields that are small enough to be looked at whole (X.690); every length is checked before it is used. */
import { Refusal } from './refusal';

export const SEQUENCE = 0x30;
export const SET = 0x31;
export const INTEGER = 0x02;
export const BOOLEAN = 0x01;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const OBJECT_IDENTIFIER = 0x06;
export const ENUMERATED = 0x0a;
export const UTC_TIME = 0x17;
export const GENERALIZED_TIME = 0x18;

/** Deepest nesting looked at; a distribution point inside an extension of a list is 7 deep. */
const MAX_DEPTH = 16;

/** One element: where its header starts, where its content is. */
export interface Element {
  readonly bytes: Uint8Array;
  readonly tag: number;
  /** Index of the first byte of the header. */
  readonly start: number;
  readonly content: number;
  readonly end: number;
  /** What must be added to an index of `bytes` to have the offset in the file. */
  readonly base: number;
}

/** Length octets at a place: the length and how many octets tell it; `undefined` when more bytes are needed. */
export function readLength(
  bytes: Uint8Array,
  at: number,
  available: number,
  base: number,
): { readonly length: number; readonly octets: number } | undefined {
  if (at >= available) return undefined;
  const first = bytes[at] ?? 0;
  if (first < 0x80) return { length: first, octets: 1 };
  // X.690 section 10.1: DER has the definite form alone
  if (first === 0x80)
    throw new Refusal('der_length_indefinite', 'length is indefinite; write the list as DER', base + at);
  const octets = first & 0x7f;
  if (octets > 4) {
    throw new Refusal(
      'der_length_too_large',
      `length has ${octets} octets, at most 4 are read; split the list into partitions`,
      base + at,
    );
  }
  if (at + octets >= available) return undefined;
  let length = 0;
  for (let i = 1; i <= octets; i += 1) length = length * 256 + (bytes[at + i] ?? 0);
  // X.690 section 10.1: in as few octets as possible
  if (length < 0x80 || (octets > 1 && length < 2 ** (8 * (octets - 1)))) {
    throw new Refusal(
      'der_length_not_minimal',
      `length ${length} is written in ${octets + 1} octets; write the list as DER`,
      base + at,
    );
  }
  return { length, octets: octets + 1 };
}

/**
 * The element at a place.
 *
 * @param end where its parent ends
 * @throws Refusal when it does not fit its parent or has a tag of more than one octet
 */
export function elementAt(bytes: Uint8Array, at: number, end: number, base: number): Element {
  if (at >= end) throw new Refusal('der_truncated', 'an element is missing', base + at);
  const tag = bytes[at] ?? 0;
  if ((tag & 0x1f) === 0x1f)
    throw new Refusal('der_tag_unexpected', 'tag has more than one octet', base + at);
  const header = readLength(bytes, at + 1, end, base);
  if (header === undefined) throw new Refusal('der_truncated', 'a length is cut short', base + at + 1);
  const content = at + 1 + header.octets;
  if (header.length > end - content) {
    throw new Refusal(
      'der_length_beyond_parent',
      `length ${header.length} is more than the ${end - content} bytes that are left`,
      base + at + 1,
    );
  }
  return { bytes, tag, start: at, content, end: content + header.length, base };
}

/** Elements of a constructed one, one after the other. */
export class Reader {
  private at: number;
  private readonly parent: Element;
  private readonly depth: number;

  constructor(parent: Element, depth = 0) {
    if (depth > MAX_DEPTH) {
      throw new Refusal(
        'der_nesting_too_deep',
        `nested more than ${MAX_DEPTH} deep`,
        parent.base + parent.start,
      );
    }
    this.parent = parent;
    this.depth = depth;
    this.at = parent.content;
  }

  /** Offset in the file of what comes next. */
  get offset(): number {
    return this.parent.base + this.at;
  }

  get done(): boolean {
    return this.at >= this.parent.end;
  }

  /** Tag of the next element; -1 at the end. */
  get tag(): number {
    return this.done ? -1 : (this.parent.bytes[this.at] ?? 0);
  }

  next(): Element {
    const element = elementAt(this.parent.bytes, this.at, this.parent.end, this.parent.base);
    this.at = element.end;
    return element;
  }

  /** The next element, which must have the tag. */
  take(tag: number, what: string): Element {
    if (this.tag !== tag) {
      throw new Refusal(
        this.done ? 'der_truncated' : 'der_tag_unexpected',
        this.done
          ? `${what} is missing`
          : `${what} has tag 0x${this.tag.toString(16)}, expected 0x${tag.toString(16)}`,
        this.offset,
      );
    }
    return this.next();
  }

  optional(tag: number): Element | undefined {
    return this.tag === tag ? this.next() : undefined;
  }

  /** Elements of one of these elements. */
  inside(element: Element): Reader {
    return new Reader(element, this.depth + 1);
  }

  end(what: string): void {
    if (!this.done) throw new Refusal('der_trailing_bytes', `bytes after the end of ${what}`, this.offset);
  }
}

export function contentOf({ bytes, content, end }: Element): Uint8Array {
  return bytes.subarray(content, end);
}

export function encodingOf({ bytes, start, end }: Element): Uint8Array {
  return bytes.subarray(start, end);
}

export function offsetOf({ base, start }: Element): number {
  return base + start;
}

/** Checks that an INTEGER has content and no superfluous first octet (X.690 section 8.3.2). */
export function checkInteger(element: Element): Uint8Array {
  const content = contentOf(element);
  const [first, second = 0] = content;
  const padded = content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (first === undefined || padded)
    throw new Refusal('der_integer_malformed', 'an INTEGER is empty or padded', offsetOf(element));
  return content;
}

/** A small non-negative INTEGER or ENUMERATED. */
export function smallInteger(element: Element): number {
  const content = checkInteger(element);
  if (content.length > 4 || (content[0] ?? 0) >= 0x80)
    throw new Refusal('der_integer_malformed', 'an INTEGER is negative or too large', offsetOf(element));
  return content.reduce((value, octet) => value * 256 + octet, 0);
}

/** BOOLEAN (X.690 section 11.1: TRUE is 0xff). */
export function booleanOf(element: Element): boolean {
  const content = contentOf(element);
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff))
    throw new Refusal('der_boolean_malformed', 'a BOOLEAN is neither 00 nor ff', offsetOf(element));
  return content[0] === 0xff;
}

/** Octets of a BIT STRING without unused bits. */
export function wholeOctets(element: Element): Uint8Array {
  const content = contentOf(element);
  if (content[0] !== 0)
    throw new Refusal('der_bits_malformed', 'a BIT STRING is empty or has unused bits', offsetOf(element));
  return content.subarray(1);
}

/** Named bits of a BIT STRING: whether bit `n` is set. */
export function namedBits(element: Element): (n: number) => boolean {
  const content = contentOf(element);
  const unused = content[0] ?? 8;
  const bits = content.subarray(1);
  const stray = bits.length > 0 && ((bits.at(-1) ?? 0) & ((1 << unused) - 1)) !== 0;
  if (unused > 7 || (bits.length === 0 && unused !== 0) || stray)
    throw new Refusal('der_bits_malformed', 'unused bits of a BIT STRING are wrong', offsetOf(element));
  return (n) => ((bits[n >> 3] ?? 0) & (0x80 >> (n & 7))) !== 0;
}

/** Dotted form of an OBJECT IDENTIFIER. */
export function identifierOf(element: Element): string {
  const content = contentOf(element);
  const arcs: number[] = [];
  let arc = 0;
  let fresh = true;
  for (const octet of content) {
    if ((fresh && octet === 0x80) || arc > 0x1fffffffffff)
      throw new Refusal('der_identifier_malformed', 'an OBJECT IDENTIFIER is malformed', offsetOf(element));
    arc = arc * 128 + (octet & 0x7f);
    fresh = octet < 0x80;
    if (fresh) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first] = arcs;
  if (first === undefined || !fresh)
    throw new Refusal(
      'der_identifier_malformed',
      'an OBJECT IDENTIFIER is empty or cut short',
      offsetOf(element),
    );
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - 40 * root, ...arcs.slice(1)].join('.');
}

/** The same octets, of which four can be read at once. */
export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
