/** Where lists are fetched from: exact addresses of the settings, nothing else. */

export interface FetchSource {
  /** Name of the list, as if it had been uploaded. */
  readonly name: string;
  readonly url: string;
  /** Whether its name may stand for an address of a private network. @default false */
  readonly allowPrivateAddresses?: boolean;
}

/** What is known of the list that was fetched last. */
export interface Fetched {
  readonly etag: string | undefined;
  readonly modified: string | undefined;
  /** SHA-256 in hexadecimal. */
  readonly digest: string | undefined;
}

/** @throws TypeError for a text that the construct did not write */
export function fetchSourcesOf(text: string): readonly FetchSource[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) throw new TypeError('the sources are no list');
  return value.map((source: unknown) => {
    const { name, url, allowPrivateAddresses } = source as Partial<Record<string, unknown>>;
    if (typeof name !== 'string' || typeof url !== 'string' || !/^https?:\/\//.test(url))
      throw new TypeError('a source has no name or no address of http or https');
    return { name, url, allowPrivateAddresses: allowPrivateAddresses === true };
  });
}

/** Headers that have the source answer 304 when nothing changed (RFC 9110 sections 13.1.2 and 13.1.3). */
export function conditionsOf({ etag, modified }: Fetched): Readonly<Record<string, string>> {
  if (etag !== undefined) return { 'if-none-match': etag };
  return modified === undefined ? {} : { 'if-modified-since': modified };
}
