/** Moves objects between the buckets: the copy first, its original after it, and each step harmless when repeated. */
import { type Listed, copyKey, type Left, type Staged } from './objects';
import type { Found, Objects } from './ports';
import type { Action } from './rules';
import { releasedTags, stagedTags, type Tags } from './tags';

/** Metadata by which a copy is known wherever it goes: run and number, and when it was uploaded. */
const ORIGIN = 'sallyport-origin';
const UPLOADED = 'sallyport-uploaded';

/** Bytes of user-defined metadata (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html). */
const MOST_METADATA = 2048;

/** What became of an object. */
export type Outcome =
  | 'released'
  | 'released_tagged'
  | 'released_suppressed'
  | 'approved'
  | 'denied'
  | 'unanswered'
  | 'dropped'
  | 'in_review'
  /** A newer version of the key is out already: it stays with the reviewers' copies and never goes back behind that. */
  | 'superseded'
  /** It has too many tags to say that it is sensitive: the same. */
  | 'tags_full'
  /** Its copy is gone, and it is not in the scanned data: removed by somebody else, or by time. */
  | 'missing';

/** Copies one version out of the raw bucket, then removes it there. */
export async function stage(
  run: string,
  object: Listed,
  objects: Objects,
  uploaderTag: string,
): Promise<Staged | Left> {
  const { n, key, version } = object;
  const to = { place: 'stage', key: copyKey(run, object) } as const;
  const left = (why: Left['left']): Left => ({ n, key, left: why });
  let copy = (await objects.find(to.place, to.key))?.version;
  let tags: Tags | undefined;
  if (copy === undefined) {
    const found = await objects.find('raw', key, version);
    if (found === undefined) return left('gone');
    const metadata = {
      ...found.metadata,
      [ORIGIN]: `${run}/${n}`,
      [UPLOADED]: String(object.uploadedAt),
    };
    if (bytesOf(metadata) > MOST_METADATA) return left('metadata_full');
    tags = stagedTags(await objects.tags('raw', key, version));
    copy = await objects.copy({ place: 'raw', key, found }, to, { tags, metadata, once: true });
    if (copy === undefined) return left('unreadable');
  }
  await objects.remove('raw', key, version);
  tags ??= await objects.tags(to.place, to.key, copy);
  const uploader = tags[uploaderTag];
  return { ...object, copy, ...(uploader === undefined ? {} : { uploader }) };
}

/** Where a copy is and what version of it. */
export interface Copy {
  readonly place: 'stage' | 'review';
  readonly version: string;
}

/**
 * Releases a copy under its own key, and removes it where it was. A copy that is gone was released if it is out.
 */
export async function release(
  run: string,
  object: Listed,
  from: Copy,
  action: Action | 'approve',
  objects: Objects,
): Promise<'released' | 'superseded' | 'tags_full' | 'missing'> {
  const source = { place: from.place, key: copyKey(run, object) };
  const found = await objects.find(source.place, source.key, from.version);
  if (found === undefined) return (await isOut(run, object, objects)) ? 'released' : 'missing';
  const out = await standingOf(run, object, objects);
  if (out === 'newer') return 'superseded';
  if (out === 'absent') {
    const tags = releasedTags(await objects.tags(source.place, source.key, from.version), action);
    if (tags === undefined) return 'tags_full';
    const copy = await objects.copy(
      { ...source, found },
      { place: 'output', key: object.key },
      { tags, once: false },
    );
    if (copy === undefined) throw new Error('a copy of our own cannot be read');
  }
  await objects.remove(source.place, source.key, from.version);
  return 'released';
}

/** Hands a copy over to reviewers. @returns its version there */
export async function handOver(run: string, object: Staged, objects: Objects): Promise<string> {
  const key = copyKey(run, object);
  let version = (await objects.find('review', key))?.version;
  if (version === undefined) {
    const found = await objects.find('stage', key, object.copy);
    if (found === undefined) throw new Error(`the copy of object ${object.n} is nowhere`);
    const tags = await objects.tags('stage', key, object.copy);
    const copy = await objects.copy(
      { place: 'stage', key, found },
      { place: 'review', key },
      { tags, once: true },
    );
    if (copy === undefined) throw new Error('a copy of our own cannot be read');
    version = copy;
  }
  await objects.remove('stage', key, object.copy);
  return version;
}

/** Removes a copy for good. */
export async function drop(run: string, object: Listed, from: Copy, objects: Objects): Promise<void> {
  await objects.remove(from.place, copyKey(run, object), from.version);
}

/** Whether an object is out: by its origin, since any other version may have its key. */
async function standingOf(
  run: string,
  object: Listed,
  objects: Objects,
): Promise<'absent' | 'out' | 'newer'> {
  const current = await objects.find('output', object.key);
  if (current === undefined) return 'absent';
  if (isOf(run, object, current)) return 'out';
  // of the same second: the order of the steps decides
  if (!(Number(current.metadata[UPLOADED]) > object.uploadedAt)) return 'absent';
  return (await isOut(run, object, objects)) ? 'out' : 'newer';
}

async function isOut(run: string, object: Listed, objects: Objects): Promise<boolean> {
  for (const version of await objects.versions('output', object.key))
    if (isOf(run, object, await objects.find('output', object.key, version))) return true;
  return false;
}

function isOf(run: string, { n }: Listed, found: Found | undefined): boolean {
  return found?.metadata[ORIGIN] === `${run}/${n}`;
}

function bytesOf(metadata: Readonly<Record<string, string>>): number {
  return Object.entries(metadata).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
}
