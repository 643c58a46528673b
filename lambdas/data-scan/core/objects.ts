/** Objects of a run: how they are numbered, named and listed in pages. */
import { RUNS } from '../contract';

/** One version of an object in the raw bucket, as a run found it. */
export interface RawVersion {
  readonly key: string;
  readonly version: string;
  readonly size: number;
  /** Milliseconds since 1970 at which it was uploaded. */
  readonly uploadedAt: number;
}

/** A version that a run has taken on; the number is unique in the run. */
export interface Listed extends RawVersion {
  readonly n: number;
}

/** A version after it was copied to the scan bucket. */
export interface Staged extends Listed {
  /** Version of the copy: the one that Macie must have classified. */
  readonly copy: string;
  /** Who uploaded it, where its tag says so. */
  readonly uploader?: string;
}

/** What a run could not take: it stays in the raw bucket. */
export interface Left {
  readonly n: number;
  readonly key: string;
  readonly left: 'gone' | 'metadata_full' | 'unreadable';
}

const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** @returns whether the text can be the id of a run: it becomes part of keys and execution names */
export function isRunId(id: unknown): id is string {
  return typeof id === 'string' && RUN_ID.test(id);
}

export function runPrefix(run: string): string {
  return `${RUNS}${run}/`;
}

/**
 * Key of the copy in the buckets of scan and review. It is the run's own, since a key may have 1,024 bytes already and
 * may hold anything; the extension stays, as Macie tells formats by it.
 */
export function copyKey(run: string, { n, key }: Pick<Listed, 'n' | 'key'>): string {
  const extension = /\.([A-Za-z0-9]{1,10})$/.exec(key)?.[1];
  return `${runPrefix(run)}${String(n).padStart(7, '0')}${extension === undefined ? '' : `.${extension}`}`;
}

/** Bytes of one page: more than one call copies in its time is shared among several. */
const PAGE_BYTES = 10 * 1024 ** 3;

/**
 * Divides versions into pages. Versions of one key stay on one page, the oldest first, so that they are released in the
 * order in which they came.
 *
 * @param versions sorted by key, as S3 lists them
 */
export function pagesOf(versions: readonly RawVersion[], objects: number): Listed[][] {
  const pages: Listed[][] = [];
  let bytes = 0;
  let n = 0;
  for (const group of groupsOf(versions)) {
    const size = group.reduce((sum, version) => sum + version.size, 0);
    const page = pages.at(-1);
    const fits = page !== undefined && page.length + group.length <= objects && bytes + size <= PAGE_BYTES;
    const numbered = group.map((version) => ({ ...version, n: n++ }));
    if (fits) page.push(...numbered);
    else pages.push(numbered);
    bytes = fits ? bytes + size : size;
  }
  return pages;
}

function groupsOf(versions: readonly RawVersion[]): RawVersion[][] {
  const groups: RawVersion[][] = [];
  for (const version of versions) {
    const group = groups.at(-1);
    if (group?.[0]?.key === version.key) group.push(version);
    else groups.push([version]);
  }
  // S3 lists the newest version first; the sort is stable, so of the same second the one listed last came first
  return groups.map((group) => group.reverse().sort((a, b) => a.uploadedAt - b.uploadedAt));
}

/** Lines of JSON, one for each item. */
export function toLines(items: readonly object[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('');
}

/** Reads what {@link toLines} wrote; @throws SyntaxError for anything else */
export function fromLines<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
