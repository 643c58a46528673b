/** What other enforcement points can take of a list in force, and what of it changed there. */
import { IndexView } from './lookup';
import type { Manifest } from './manifest';

/**
 * Entries of one trust store
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html).
 */
const MAX_TRUST_STORE_ENTRIES = 500_000;
/** Octets of one store (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html). */
const MAX_STORE_BYTES = 5 * 1024 * 1024;
/** Octets of one value (the same). */
const MAX_VALUE = 1024;

/** Why a load balancer cannot take the list; `undefined` when it can. */
export function whyNotForLoadBalancer({ baseNumber, entries, scope }: Manifest): string | undefined {
  if (baseNumber !== null) return 'a delta was merged into it, and the list itself has the changes alone';
  if (scope.indirect) return 'it is indirect';
  if (entries > MAX_TRUST_STORE_ENTRIES)
    return `it has ${entries} entries, and a trust store takes ${MAX_TRUST_STORE_ENTRIES}`;
  return undefined;
}

export interface StoreChange {
  readonly puts: ReadonlyMap<string, string>;
  readonly deletes: readonly string[];
}

/** First half of a hash: enough to tell issuers and lists of one trust store apart, and short enough to be stored often. */
const short = (hash: string): string => hash.slice(0, 32);

/**
 * What has to be written so that a key value store has exactly the entries of a list, and what other lists put there.
 *
 * A key is `<first 32 digits of the issuer's hash>:<serial in lower-case hexadecimal, octets of the INTEGER>`; its value
 * tells which lists have it, with spaces between: it is there until the last of them no longer does.
 *
 * @param present keys and values of the store
 * @returns a reason when the store would be too large
 */
export function storeChange(
  manifest: Manifest,
  index: Uint8Array,
  present: ReadonlyMap<string, string>,
): StoreChange | string {
  const series = short(manifest.series);
  const view = new IndexView(index);
  const wanted = new Set<string>();
  view.forEach((bytes, at, length, issuer) => {
    const serial = Buffer.from(bytes.subarray(at, at + length)).toString('hex');
    wanted.add(`${short(view.issuerHashes[issuer] ?? '')}:${serial}`);
  });
  const after = new Map<string, string>();
  for (const key of new Set([...present.keys(), ...wanted])) {
    const others = (present.get(key) ?? '').split(' ').filter((other) => other !== '' && other !== series);
    const value = [...others, ...(wanted.has(key) ? [series] : [])].sort().join(' ');
    if (value.length > MAX_VALUE)
      return `an entry is on so many lists that its value would have ${value.length} bytes, and CloudFront takes ${MAX_VALUE}`;
    if (value !== '') after.set(key, value);
  }
  const size = [...after].reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (size > MAX_STORE_BYTES)
    return `the store would have ${size} bytes, and CloudFront takes ${MAX_STORE_BYTES}`;
  return {
    puts: new Map([...after].filter(([key, value]) => present.get(key) !== value)),
    deletes: [...present.keys()].filter((key) => !after.has(key)),
  };
}
