/**
 * Bundles that processes on one machine share: the tests and the local environment, which start dozens that would each
 * bundle the very same sources again. They name a folder for it (`SALLYPORT_BUNDLES`); where nobody does, as in a
 * deployment to AWS, everything is bundled anew.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '../..');
/** All that a handler of the product can be made of, as test/architecture.test.ts has it. */
const SOURCES = ['lambdas', 'generated', 'package-lock.json'];

/**
 * @param entry absolute path of a handler; one outside `lambdas/` is not shared, since its sources are not known
 * @param key what else the bundle depends on
 * @returns `undefined` where nobody has made it of these sources yet
 */
export function sharedBundle(entry: string, key: string): Uint8Array | undefined {
  const place = placeOf(entry, key);
  if (place === undefined) return undefined;
  try {
    return readFileSync(join(place.folder, place.name));
  } catch {
    return undefined;
  }
}

/** Keeps a bundle for whoever asks {@link sharedBundle}; those of other sources are removed. */
export function shareBundle(entry: string, key: string, bundle: Uint8Array): void {
  const place = placeOf(entry, key);
  if (place === undefined) return;
  const { folder, name, sources } = place;
  mkdirSync(folder, { recursive: true });
  for (const other of readdirSync(folder))
    if (!other.startsWith(sources)) rmSync(join(folder, other), { force: true });
  // one whole file, however many write it at once
  const unfinished = join(folder, `${name}.${process.pid}`);
  writeFileSync(unfinished, bundle);
  renameSync(unfinished, join(folder, name));
}

function placeOf(
  entry: string,
  key: string,
): { readonly folder: string; readonly name: string; readonly sources: string } | undefined {
  const folder = process.env['SALLYPORT_BUNDLES'];
  if (folder === undefined || !entry.startsWith(join(ROOT, 'lambdas/'))) return undefined;
  const sources = sourcesHash();
  return { folder, name: `${sources}-${createHash('sha256').update(key).digest('hex')}.js`, sources };
}

let hashOfSources: string | undefined;

function sourcesHash(): string {
  if (hashOfSources !== undefined) return hashOfSources;
  const hash = createHash('sha256');
  for (const path of SOURCES.flatMap((name) => filesOf(join(ROOT, name)))) {
    const content = readFileSync(path);
    hash.update(`${relative(ROOT, path)}\n${content.length}\n`).update(content);
  }
  return (hashOfSources = hash.digest('hex'));
}

function filesOf(path: string): string[] {
  if (path.endsWith('.json')) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((found) => found.isFile())
    .map((found) => join(found.parentPath, found.name))
    .sort();
}
