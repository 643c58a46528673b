/** Versions of the document: those that were published, and the one at hand. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { readDocument, type OpenApiDocument } from '../../lib/api/document';
import { type Published, VersionTakenError } from '../clients/publish';
import { releaseOf } from '../clients/version';

export interface Version {
  /** `info.version`: x.y.z. */
  readonly version: string;
  readonly title: string;
  readonly document: OpenApiDocument;
}

/**
 * Every version that has documentation, newest first.
 *
 * @param file path of the document at hand
 * @param published folder with the documents that were published, each as `<version>.yaml`; it need not exist
 * @throws VersionTakenError when the version at hand was published with other content
 */
export function versionsOf(file: string, published: string): [Version, ...Version[]] {
  const atHand = versionOf(readDocument(file));
  refuseOther(atHand, published);
  const recorded = existsSync(published) ? readdirSync(published) : [];
  const others = recorded
    .filter((name) => name.endsWith('.yaml') && name !== fileOf(atHand))
    .map((name) => {
      const version = versionOf(readDocument(join(published, name)));
      if (name !== fileOf(version))
        throw new Error(`${join(published, name)} is of version ${version.version}; name it after that`);
      return version;
    });
  // numbers in a text are compared as numbers: 0.10.0 is after 0.9.0
  const newestFirst = (one: Version, other: Version): number =>
    other.version.localeCompare(one.version, 'en', { numeric: true });
  const [first = atHand, ...rest] = [atHand, ...others].sort(newestFirst);
  return [first, ...rest];
}

/**
 * Records a document as published: from then on its version never changes.
 *
 * @throws VersionTakenError when its version was published with other content
 */
export function publishDocument(file: string, published: string): { version: string; result: Published } {
  const version = versionOf(readDocument(file));
  if (refuseOther(version, published)) return { version: version.version, result: 'unchanged' };
  mkdirSync(published, { recursive: true });
  const [target, draft] = [join(published, fileOf(version)), join(published, `.${fileOf(version)}.draft`)];
  writeFileSync(draft, readFileSync(file));
  renameSync(draft, target);
  return { version: version.version, result: 'published' };
}

/** @returns whether this very document was published; layout and comments of the file do not count */
function refuseOther(version: Version, published: string): boolean {
  const file = join(published, fileOf(version));
  if (!existsSync(file)) return false;
  if (isDeepStrictEqual(readDocument(file), version.document)) return true;
  throw new VersionTakenError(version.title, version.version);
}

function versionOf(document: OpenApiDocument): Version {
  const { title, version } = releaseOf(document, undefined);
  return { title, version, document };
}

function fileOf({ version }: Version): string {
  return `${version}.yaml`;
}
