/** Child of crl.ts: the parts of a compilation, each by itself, in milliseconds. */
import { createHash } from 'node:crypto';

import { buildIndex } from '../lambdas/mtls/core/index-format';
import { ListReader } from '../lambdas/mtls/core/list-reader';
import { RecordStore } from '../lambdas/mtls/core/record-store';
import { chunksOf } from './crl-file';

export interface Parts {
  readonly read: number;
  readonly hash: number;
  readonly 'walk and store': number;
  readonly sort: number;
  readonly filter: number;
  readonly 'hash of the index': number;
}

function timed<T>(work: () => T): readonly [number, T] {
  const began = performance.now();
  const result = work();
  return [performance.now() - began, result];
}

function partsOf(list: string): Parts {
  const [read] = timed(() => {
    for (const chunk of chunksOf(list)) if (chunk.length === 0) throw new Error('an empty chunk');
  });
  const [readAndHash] = timed(() => {
    const hash = createHash('sha256');
    for (const chunk of chunksOf(list)) hash.update(chunk);
    return hash.digest();
  });
  const records = new RecordStore();
  const [readAndWalk] = timed(() => {
    const reader = new ListReader({
      entries: records,
      maximumBytes: 2 ** 32,
      insecureSha1: false,
      onHeader: () => ({ update: () => undefined }),
    });
    for (const chunk of chunksOf(list)) reader.write(chunk);
    reader.end();
  });
  const [sort, groups] = timed(() => records.sorted());
  const [layout, index] = timed(() => buildIndex(groups, ['00'.repeat(32)]));
  const [indexHash] = timed(() => {
    const hash = createHash('sha256');
    for (const piece of index.pieces) hash.update(piece);
    return hash.digest();
  });
  return {
    read,
    hash: readAndHash - read,
    'walk and store': readAndWalk - read,
    sort,
    filter: layout - indexHash,
    'hash of the index': indexHash,
  };
}

console.log(JSON.stringify(partsOf(process.argv[2] ?? '')));
