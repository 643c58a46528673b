/** Publishes an uploaded list: verified, index first, manifest last, never behind the list in force. */
import { compileList, keyIdText, type CompileOptions } from './compile';
import type { Index } from './index-format';
import { issuersOf } from './issuers';
import { manifestText, type Manifest } from './manifest';
import { Refusal } from './refusal';
import { isName, type Upload } from './upload';

/** A manifest in force, its key, and what tells that it is still the same. */
export interface InForce {
  readonly name: string;
  readonly etag: string;
  readonly manifest: Manifest;
}

/** The object of a list. */
interface UploadedList {
  readonly source: Source;
  readonly size: number | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Where the list is that a manifest was made of, for who wants the list itself. */
export interface Source {
  readonly key: string;
  /** `undefined` in a bucket without versions. */
  readonly version: string | undefined;
}

/** Where lists come from and go to; every call may throw for trouble, which is passed on. */
export interface Lists {
  /** `undefined` when there is no such object any more, or not yet. */
  list(upload: Upload): Promise<UploadedList | undefined>;
  /** The certificate uploaded beside the list; `undefined` when there is none. */
  companion(upload: Upload): Promise<Uint8Array | undefined>;
  /** PEM of the trust store. */
  trustStore(): Promise<string>;
  inForce(): Promise<readonly InForce[]>;
  /** Octets of an index, whose SHA-256 is that of the manifest. */
  index(manifest: Manifest): Promise<Uint8Array>;
  putIndex(index: Index): Promise<void>;
  /**
   * @param replaced what stands there now; `undefined` for nothing
   * @returns `false` when something else stands there by now, and nothing was written
   */
  putManifest(
    name: string,
    manifest: Manifest,
    source: Source,
    replaced: InForce | undefined,
  ): Promise<boolean>;
}

export type Publication =
  | {
      readonly outcome: 'published' | 'unchanged';
      readonly name: string;
      readonly manifest: Manifest;
    }
  | { readonly outcome: 'refused'; readonly refusal: Refusal }
  /** There is no list: it was deleted, or its issuer's certificate came first. */
  | { readonly outcome: 'absent' };

/** Times that a list is judged anew because another one of its series was published meanwhile. */
const ATTEMPTS = 3;

/**
 * Publishes one list.
 *
 * Events may come twice, late or in another order: what decides is the list in force. Its manifest is replaced only
 * while it is still the one the list was judged against, so two runs never go back behind each other.
 *
 * @throws Error for trouble that another attempt may mend; nothing is in force then that was not before
 */
export async function publish(
  upload: Upload,
  lists: Lists,
  options: Pick<CompileOptions, 'now' | 'rules' | 'maximumBytes'>,
): Promise<Publication> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const publication = await tryToPublish(upload, lists, options);
    if (publication !== 'overtaken') return publication;
  }
  throw new Error('the list was overtaken each time it was to be published');
}

async function tryToPublish(
  upload: Upload,
  lists: Lists,
  options: Pick<CompileOptions, 'now' | 'rules' | 'maximumBytes'>,
): Promise<Publication | 'overtaken'> {
  const [trustStore, companion, inForce] = await Promise.all([
    lists.trustStore(),
    lists.companion(upload),
    lists.inForce(),
  ]);
  const list = await lists.list(upload);
  if (list === undefined) return { outcome: 'absent' };
  try {
    if (!isName(upload.name))
      throw new Refusal(
        'upload_name_malformed',
        'the name of the upload is empty, has control characters or more than 512 octets; rename it',
      );
    const compiled = await compileList(list.chunks, {
      ...options,
      issuers: issuersOf(trustStore, companion, options.now),
      ...(list.size === undefined ? {} : { size: list.size }),
      previous: async (series) => latestOf(inForce, series)?.manifest,
      readIndex: (manifest) => lists.index(manifest),
    });
    if (!compiled.accepted) return { outcome: 'refused', refusal: compiled.refusal };
    const { manifest, index } = compiled;
    const replaced = latestOf(inForce, manifest.series);
    const name = replaced?.name ?? upload.name;
    if (replaced === undefined) refuseTaken(name, inForce);
    if (replaced !== undefined && manifestText(replaced.manifest) === manifestText(manifest))
      return { outcome: 'unchanged', name, manifest };
    await lists.putIndex(index);
    const written = await lists.putManifest(name, manifest, list.source, replaced);
    return written ? { outcome: 'published', name, manifest } : 'overtaken';
  } catch (error) {
    if (error instanceof Refusal) return { outcome: 'refused', refusal: error };
    throw error;
  }
}

/** Two uploads of different names can both be the first of their series; the later list counts from then on. */
function latestOf(inForce: readonly InForce[], series: string): InForce | undefined {
  return inForce
    .filter(({ manifest }) => manifest.series === series)
    .sort(({ manifest: one }, { manifest: other }) => {
      const [a, b] = [one.number ?? -1n, other.number ?? -1n];
      return a === b ? other.thisUpdate - one.thisUpdate : a > b ? -1 : 1;
    })[0];
}

/** A list must not push another series out of force: an older one of that could then come back unnoticed. */
function refuseTaken(name: string, inForce: readonly InForce[]): void {
  const taken = inForce.find((other) => other.name === name);
  if (taken === undefined) return;
  throw new Refusal(
    'upload_name_taken',
    `${name} is the name of another list (${taken.manifest.issuer.name}, key ${keyIdText(taken.manifest.issuer.keys[0])}); upload this one under another name`,
  );
}
