/** Takes a compiled index apart again, for merging a delta into it and for telling two lists apart. */
import { serialText } from './serial';
import { IndexView } from './lookup';
import type { RecordStore } from './record-store';

/**
 * Adds every record of an index.
 *
 * @param bytes the whole index
 * @param issuers hashes by position in the store; those of the index that are missing are appended
 */
export function addIndex(store: RecordStore, bytes: Uint8Array, issuers: string[]): void {
  const view = new IndexView(bytes);
  const positions = view.issuerHashes.map((hash) => {
    const known = issuers.indexOf(hash);
    return known >= 0 ? known : issuers.push(hash) - 1;
  });
  view.forEach((serials, at, length, issuer, seconds, reason) => {
    store.add(serials, at, length, positions[issuer] ?? 0, seconds, reason);
  });
}

/** A record that only one of two indexes has, or both have differently. */
interface Difference {
  readonly change: 'added' | 'removed' | 'changed';
  /** Hash of the issuer's name. */
  readonly issuer: string;
  /** Upper-case hexadecimal. */
  readonly serial: string;
  /** Seconds since 1970 and CRLReason, of the new index where it has the record. */
  readonly date: number;
  readonly reason: number;
}

/** What changed from one index to another; both are in memory as a whole. */
export function* differences(before: Uint8Array, after: Uint8Array): Generator<Difference> {
  const [old, now] = [new IndexView(before), new IndexView(after)];
  yield* only(now, old, (found) => (found === undefined ? 'added' : 'changed'));
  yield* only(old, now, (found) => (found === undefined ? 'removed' : undefined));
}

function* only(
  one: IndexView,
  other: IndexView,
  changeOf: (found: object | undefined) => Difference['change'] | undefined,
): Generator<Difference> {
  const collected: Difference[] = [];
  const hashes = one.issuerHashes;
  one.forEach((bytes, at, length, position, date, reason) => {
    const issuer = hashes[position] ?? '';
    const serial = bytes.subarray(at, at + length);
    const found = other.find(issuer, serial);
    const revoked = 'status' in found && found.status === 'revoked' ? found : undefined;
    if (revoked?.date === date && revoked.reason === reason) return;
    const change = changeOf(revoked);
    if (change !== undefined) collected.push({ change, issuer, serial: serialText(serial), date, reason });
  });
  yield* collected;
}
