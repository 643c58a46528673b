/** The beginning of an index, which says where the rest is. docs/mtls.md has it as a table. */
import { hex, viewOf } from './der';
import { MAX_SERIAL } from './entries';
import { blocksOfGroup, FILTER_BLOCK, perPage } from './filter';
import { GROUP, HEADER, INDEX_VERSION, ISSUER, MAGIC } from './index-format';
import { DETAIL } from './record-sorter';
import { Refusal } from './refusal';

/** Serials of one issuer and one width; places are counted from the beginning of the index. */
export interface GroupEntry {
  readonly issuer: number;
  readonly width: number;
  readonly count: number;
  readonly filterAt: number;
  readonly sparseAt: number;
  readonly serialsAt: number;
  readonly detailsAt: number;
  /** Whether every serial is in memory. */
  readonly resident: boolean;
}

export interface Directory {
  readonly entries: number;
  /** Positions by the hash of the name. */
  readonly issuers: ReadonlyMap<string, number>;
  /** By issuer, then width. */
  readonly groups: readonly (readonly (GroupEntry | undefined)[])[];
}

/**
 * @param bytes the beginning of the index, at least its directory (`Resident` of its manifest)
 * @throws Refusal `index_malformed` when it is not an index of this version or contradicts itself
 */
export function readDirectory(bytes: Uint8Array): Directory {
  const view = viewOf(bytes);
  if (bytes.length < HEADER || Buffer.from(bytes.subarray(0, 8)).toString('latin1') !== MAGIC)
    throw new Refusal('index_malformed', 'this is no index of a list; compile the list again', 0);
  const word = (i: number): number => view.getUint32(8 + 4 * i);
  if (word(0) !== INDEX_VERSION) {
    throw new Refusal(
      'index_malformed',
      `the index has version ${word(0)}, expected ${INDEX_VERSION}; compile the list again`,
      8,
    );
  }
  const [issuerCount, groupCount, entries, size] = [word(1), word(2), word(3), word(9)];
  const [filterAt, sparseAt, serialsAt, detailsAt] = [word(5), word(6), word(7), word(8)];
  const directory = HEADER + issuerCount * ISSUER + groupCount * GROUP;
  const sound =
    directory <= bytes.length &&
    bytes.length <= size &&
    filterAt === directory &&
    sparseAt === directory + word(4) * FILTER_BLOCK &&
    sparseAt <= serialsAt &&
    serialsAt <= detailsAt &&
    detailsAt + entries * DETAIL === size;
  if (!sound) throw new Refusal('index_malformed', 'the sizes of the index do not fit each other', 12);
  const issuers = new Map<string, number>();
  for (let i = 0; i < issuerCount; i += 1) {
    const at = HEADER + i * ISSUER;
    issuers.set(hex(bytes.subarray(at, at + ISSUER)), i);
  }
  const groups: GroupEntry[][] = [];
  for (let i = 0; i < groupCount; i += 1) {
    const at = HEADER + issuerCount * ISSUER + i * GROUP;
    const group = groupAt(view, at);
    const { issuer, width, count } = group;
    const inside =
      issuer < issuerCount &&
      width > 0 &&
      width <= MAX_SERIAL &&
      group.filterAt + blocksOfGroup(count, width) * FILTER_BLOCK <= sparseAt &&
      group.sparseAt + pagesOf(count, width) * width <= serialsAt &&
      group.serialsAt + count * width <= detailsAt &&
      group.detailsAt + count * DETAIL <= size;
    if (!inside) throw new Refusal('index_malformed', 'a group of the index reaches beyond it', at);
    (groups[issuer] ??= [])[width] = group;
  }
  return { entries, issuers, groups };
}

export function pagesOf(count: number, width: number): number {
  return Math.ceil(count / perPage(width));
}

function groupAt(view: DataView, at: number): GroupEntry {
  const field = (i: number): number => view.getUint32(at + 4 * i);
  const [width, count, serialsAt] = [field(1), field(2), field(5)];
  return {
    issuer: field(0),
    width,
    count,
    filterAt: field(3),
    sparseAt: field(4),
    serialsAt,
    detailsAt: field(6),
    resident: serialsAt + count * width <= view.byteLength,
  };
}
