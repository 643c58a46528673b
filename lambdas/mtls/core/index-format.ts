/** The index of a list: how it is written, octet by octet. docs/mtls.md has the same as a table. */
import { createHash } from 'node:crypto';

import { FILTER_BLOCK, FilterWriter, perPage } from './filter';
import { DETAIL } from './record-sorter';
import type { SortedGroup } from './record-store';
import { Refusal } from './refusal';

export const INDEX_VERSION = 2;
/** `SALLYCRL` */
export const MAGIC = 'SALLYCRL';
export const HEADER = 64;
export const ISSUER = 32;
export const GROUP = 32;

/** An index that is ready to be written; `pieces` one after the other are the object. */
export interface Index {
  /** SHA-256 of the object in hexadecimal, under which it is stored. */
  readonly key: string;
  readonly size: number;
  readonly entries: number;
  readonly pieces: readonly Uint8Array[];
  /** How much of the beginning has to be in memory; see docs/mtls.md. */
  readonly resident: Resident;
}

/** Octets from the beginning that a reader holds. */
export interface Resident {
  /** Directory alone: grows with the number of issuers, not of entries. */
  readonly directory: number;
  /** With the filter and the first serial of every page. */
  readonly filter: number;
  /** With every serial; date and reason are read when something is revoked. */
  readonly serials: number;
}

/**
 * Lays out the groups of a list.
 *
 * @param issuers hashes of the names that the groups speak of, in hexadecimal
 */
export function buildIndex(groups: readonly SortedGroup[], issuers: readonly string[]): Index {
  const entries = groups.reduce((sum, { count }) => sum + count, 0);
  const directory = HEADER + issuers.length * ISSUER + groups.length * GROUP;
  const filters = groups.map(filterOf);
  const sparse = groups.map(sparseOf);
  const filterAt = directory;
  const sparseAt = filterAt + lengthOf(filters);
  const serialsAt = sparseAt + lengthOf(sparse);
  const detailsAt = serialsAt + groups.reduce((sum, { count, width }) => sum + count * width, 0);
  const size = detailsAt + entries * DETAIL;
  if (size > 0xffff_ffff)
    throw new Refusal('list_too_large', `an index of ${size} bytes; partition the list`);

  const head = new Uint8Array(directory);
  const view = new DataView(head.buffer);
  head.set(Buffer.from(MAGIC, 'latin1'), 0);
  [
    INDEX_VERSION,
    issuers.length,
    groups.length,
    entries,
    (sparseAt - filterAt) / FILTER_BLOCK,
    filterAt,
    sparseAt,
    serialsAt,
    detailsAt,
    size,
  ].forEach((value, i) => {
    view.setUint32(8 + 4 * i, value);
  });
  issuers.forEach((hash, i) => {
    head.set(Buffer.from(hash, 'hex'), HEADER + i * ISSUER);
  });
  let at = HEADER + issuers.length * ISSUER;
  let filterNext = filterAt;
  let sparseNext = sparseAt;
  let serialsNext = serialsAt;
  let detailsNext = detailsAt;
  groups.forEach(({ issuer, width, count }, i) => {
    [issuer, width, count, filterNext, sparseNext, serialsNext, detailsNext].forEach((value, k) => {
      view.setUint32(at + 4 * k, value);
    });
    at += GROUP;
    filterNext += filters[i]?.length ?? 0;
    sparseNext += sparse[i]?.length ?? 0;
    serialsNext += count * width;
    detailsNext += count * DETAIL;
  });

  const pieces = [
    head,
    ...filters,
    ...sparse,
    ...groups.flatMap(({ serials }) => serials),
    ...groups.flatMap(({ details }) => details),
  ];
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return {
    key: hash.digest('hex'),
    size,
    entries,
    pieces,
    resident: { directory, filter: serialsAt, serials: detailsAt },
  };
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** The first serial of every page. */
function sparseOf({ serials, width, count }: SortedGroup): Uint8Array {
  const step = perPage(width);
  const first = new Uint8Array(Math.ceil(count / step) * width);
  let page = 0;
  let before = 0;
  for (const piece of serials) {
    const after = before + piece.length / width;
    for (; page * step < after; page += 1) {
      const at = (page * step - before) * width;
      first.set(piece.subarray(at, at + width), page * width);
    }
    before = after;
  }
  return first;
}

function filterOf({ issuer, width, count, serials }: SortedGroup): Uint8Array {
  const filter = new FilterWriter(issuer, width, count);
  for (const piece of serials) filter.add(piece);
  return filter.bytes;
}
