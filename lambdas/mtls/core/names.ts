/** Distinguished names, compared as RFC 5280 section 7.1 asks, and general names of extensions. */
import { createHash } from 'node:crypto';

import {
  contentOf,
  encodingOf,
  hex,
  identifierOf,
  OBJECT_IDENTIFIER,
  offsetOf,
  Reader,
  SEQUENCE,
  SET,
  type Element,
} from './der';
import { Refusal } from './refusal';

/** A distinguished name. */
export interface Name {
  /** SHA-256 in hexadecimal of the normalized name: equal exactly for names that match. */
  readonly hash: string;
  /** `CN=…, O=…` for people, control characters removed. */
  readonly text: string;
  /** The same for programs, whole and unambiguous (RFC 4514). */
  readonly rfc4514: string;
}

const SHORT_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.25': 'DC',
};

const UTF8_STRING = 0x0c;
const PRINTABLE_STRING = 0x13;
const TELETEX_STRING = 0x14;
const IA5_STRING = 0x16;
const UNIVERSAL_STRING = 0x1c;
const BMP_STRING = 0x1e;

/**
 * Reads a Name.
 *
 * @throws Refusal `name_malformed`; an empty name as well, as an issuer must have one (RFC 5280 section 5.1.2.3)
 */
export function nameOf(element: Element): Name {
  const parts: string[] = [];
  const texts: string[] = [];
  const escaped: string[] = [];
  const sets = new Reader(element);
  while (!sets.done) {
    const set = sets.take(SET, 'a relative distinguished name');
    const attributes = sets.inside(set);
    const normalized: string[] = [];
    const pairs: string[] = [];
    while (!attributes.done) {
      const pair = attributes.inside(attributes.take(SEQUENCE, 'an attribute of a name'));
      const type = identifierOf(pair.take(OBJECT_IDENTIFIER, 'the type of an attribute'));
      const value = pair.next();
      pair.end('an attribute of a name');
      const text = stringOf(value);
      // RFC 5280 section 7.1: strings without regard to case and runs of spaces, all else octet by octet
      normalized.push(`${type}=${text === undefined ? `#${hex(encodingOf(value))}` : fold(text)}`);
      pairs.push(
        `${SHORT_NAMES[type] ?? type}=${text === undefined ? `#${hex(encodingOf(value))}` : escapeValue(text)}`,
      );
      texts.push(`${SHORT_NAMES[type] ?? type}=${printable(text ?? `#${hex(contentOf(value))}`)}`);
    }
    if (normalized.length === 0)
      throw new Refusal('name_malformed', 'a relative distinguished name is empty', offsetOf(set));
    // the order inside a SET has no meaning
    parts.push(JSON.stringify(normalized.sort()));
    escaped.unshift(pairs.join('+'));
  }
  if (parts.length === 0) throw new Refusal('name_malformed', 'a name is empty', offsetOf(element));
  return {
    hash: createHash('sha256').update(parts.join('\n')).digest('hex'),
    text: texts.join(', '),
    rfc4514: escaped.join(','),
  };
}

/** RFC 4514 section 2.4; control characters and what is no ASCII as the octets of UTF-8, so that it fits a header. */
function escapeValue(text: string): string {
  return text
    .replace(/[\\"+,;<>]/g, '\\$&')
    .replace(/^[ #]| $/g, '\\$&')
    .replace(/[^\x20-\x7e]/gu, (character) => Buffer.from(character).toString('hex').replace(/../g, '\\$&'));
}

/** Text of a string type that names are compared in; `undefined` for every other type. */
function stringOf(element: Element): string | undefined {
  const content = Buffer.from(contentOf(element));
  switch (element.tag) {
    case UTF8_STRING:
      return content.toString('utf8');
    case PRINTABLE_STRING:
    case IA5_STRING:
    case TELETEX_STRING:
      return content.toString('latin1');
    case BMP_STRING:
      if (content.length % 2 !== 0) break;
      return content.swap16().toString('utf16le');
    case UNIVERSAL_STRING:
      return undefined;
    default:
      return undefined;
  }
  throw new Refusal('name_malformed', 'a BMPString has an odd number of octets', offsetOf(element));
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '').slice(0, 128);
}

/**
 * A GeneralName as a text that is equal exactly for equal names: `uri:…`, `directory:<hash of the name>`, or the
 * encoding in hexadecimal for every other choice (RFC 5280 section 4.2.1.6).
 */
export function generalName(element: Element): string {
  if (element.tag === 0x86) return `uri:${Buffer.from(contentOf(element)).toString('latin1')}`;
  if (element.tag === 0xa4) {
    const inside = new Reader(element);
    const name = nameOf(inside.take(SEQUENCE, 'a directory name'));
    inside.end('a directory name');
    return `directory:${name.hash}`;
  }
  return `other:${hex(encodingOf(element))}`;
}

/** GeneralNames: at least one. */
export function generalNames(element: Element): string[] {
  const names = new Reader(element);
  const found: string[] = [];
  while (!names.done) found.push(generalName(names.next()));
  if (found.length === 0)
    throw new Refusal('extension_malformed', 'a list of general names is empty', offsetOf(element));
  return found;
}
