/** What a certificate list says (RFC 5280 section 5.1). */
import type { EntrySink } from './entries';
import type { ListExtensions } from './extensions';
import type { Name } from './names';
import type { SignatureAlgorithm } from './signature';

/** What stands before the entries. Times are seconds since 1970. */
export interface ListHeader {
  readonly version: 1 | 2;
  readonly algorithm: SignatureAlgorithm;
  readonly issuer: Name;
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
}

/** What a list says beside its entries. */
export interface ParsedList {
  readonly header: ListHeader;
  readonly extensions: ListExtensions;
  readonly signature: Uint8Array;
  /** Issuers named by entries of an indirect list; the list's own is the first. */
  readonly issuers: readonly Name[];
  /** Whether an entry has the reason removeFromCRL, which only a delta may have; where. */
  readonly removalAt: number | undefined;
}

export interface ListReaderOptions {
  /** Called once, before the entries; answers what takes the signed bytes. May throw a Refusal. */
  readonly onHeader: (header: ListHeader) => { update(bytes: Uint8Array): void };
  readonly entries: EntrySink;
  /** Size of the DER where it is known: a list that claims to be of another size is refused at its first bytes. */
  readonly size?: number;
  /** Most bytes of a list. */
  readonly maximumBytes: number;
  readonly insecureSha1: boolean;
}

/** Which field of a list is read next. */
export type ReaderState =
  | 'list'
  | 'tbs'
  | 'version'
  | 'algorithm'
  | 'issuer'
  | 'thisUpdate'
  | 'nextUpdate'
  | 'revoked'
  | 'entries'
  | 'extensions'
  | 'outerAlgorithm'
  | 'signature'
  | 'end';
