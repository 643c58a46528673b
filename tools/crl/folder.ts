/** Compiled lists in a folder, with the names they have in the bucket. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writevSync,
} from 'node:fs';
import { basename, join } from 'node:path';

import { keyIdText } from '../../lambdas/mtls/core/compile';
import type { Index } from '../../lambdas/mtls/core/index-format';
import { manifestText, readManifest, type Manifest } from '../../lambdas/mtls/core/manifest';

const SUFFIX = '.cache.json';
const INDEXES = 'indexes';

/** A manifest and the file it is in. */
export interface Kept {
  readonly file: string;
  readonly manifest: Manifest;
}

/**
 * Every manifest of a folder; none when there is no such folder.
 *
 * @throws Refusal `manifest_malformed`
 */
export function manifestsOf(folder: string): Kept[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .sort()
    .map((file) => ({ file, manifest: readManifest(readFileSync(join(folder, file), 'utf8')) }));
}

/** Octets of an index. */
export async function readRange(
  folder: string,
  { index }: Manifest,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const file = openSync(indexFile(folder, index.key), 'r');
  try {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
  } finally {
    closeSync(file);
  }
}

/** The whole index. */
export async function readIndex(folder: string, manifest: Manifest): Promise<Uint8Array> {
  return readRange(folder, manifest, 0, manifest.index.size);
}

/**
 * Writes index, then manifest; a reader sees the old list or the new one as a whole.
 *
 * A list replaces the one of its series, whatever the file was called.
 *
 * @param source path of the list, whose name the manifest takes
 * @returns name of the manifest
 * @throws Error when that name is taken by a list of another series
 */
export function keep(folder: string, source: string, manifest: Manifest, index: Index): string {
  const kept = manifestsOf(folder);
  const name = basename(source).replace(/\.crl$/, '');
  const file = kept.find((other) => other.manifest.series === manifest.series)?.file ?? `${name}${SUFFIX}`;
  const taken = kept.find((other) => other.file === file && other.manifest.series !== manifest.series);
  if (taken !== undefined) {
    throw new Error(
      `${file} is of another list (${taken.manifest.issuer.name}, key ${keyIdText(taken.manifest.issuer.keys[0])}); rename ${basename(source)} or choose another folder`,
    );
  }
  mkdirSync(join(folder, INDEXES), { recursive: true });
  const draft = openSync(`${indexFile(folder, index.key)}.${process.pid}.tmp`, 'w');
  try {
    write(draft, index.pieces);
  } finally {
    closeSync(draft);
  }
  renameSync(`${indexFile(folder, index.key)}.${process.pid}.tmp`, indexFile(folder, index.key));
  writeFileSync(join(folder, `${file}.${process.pid}.tmp`), manifestText(manifest));
  renameSync(join(folder, `${file}.${process.pid}.tmp`), join(folder, file));
  return file;
}

/** Pieces are small, so many go with one call. */
function write(file: number, pieces: readonly Uint8Array[]): void {
  for (let i = 0; i < pieces.length; i += 1024) {
    const batch = pieces.slice(i, i + 1024);
    const size = batch.reduce((sum, { length }) => sum + length, 0);
    const written = writevSync(file, batch);
    if (written !== size) throw new Error(`only ${written} of ${size} bytes could be written`);
  }
}

function indexFile(folder: string, key: string): string {
  return join(folder, INDEXES, `${key}.idx`);
}
