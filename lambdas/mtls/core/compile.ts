/** Verifies a list and makes its index: what the Lambda, `npm run crl` and the tests all run. */
import type { KeyObject } from 'node:crypto';

import { behind, type Issuer } from './behind';
import { publicKeyOf, type Certificate } from './certificate';
import { REMOVE_FROM_CRL } from './entries';
import type { Scope } from './extensions';
import { freshnessOf, type TimeRules } from './freshness';
import { buildIndex, INDEX_VERSION, type Index } from './index-format';
import type { ListHeader, ParsedList } from './list';
import { ListReader } from './list-reader';
import { MANIFEST_VERSION, seriesOf, type Manifest } from './manifest';
import { addIndex } from './merge';
import { Armor } from './pem';
import { RecordStore } from './record-store';
import { Refusal } from './refusal';
import { keyFits, SignatureCheck } from './signature';
import { timeText } from './time';

export interface CompileOptions {
  /** Certificates that may sign lists: those of the trust store, and separate keys for lists. */
  readonly issuers: readonly Issuer[];
  /** Seconds since 1970. */
  readonly now: number;
  readonly rules: TimeRules;
  /** Octets of the file, where known. */
  readonly size?: number;
  /** Most octets of a list. @default 1 GiB */
  readonly maximumBytes?: number;
  /** Takes lists signed with SHA-1, whose signatures can be forged with effort. @default false */
  readonly insecureSha1?: boolean;
  /** The list of the same series that is in force; `undefined` when there is none. @default none */
  readonly previous?: (series: string) => Promise<Manifest | undefined>;
  /** Index of a list in force, for merging a delta into it. @default a delta is refused */
  readonly readIndex?: (manifest: Manifest) => Promise<Uint8Array>;
}

export type Compiled =
  | { readonly accepted: true; readonly manifest: Manifest; readonly index: Index }
  | { readonly accepted: false; readonly refusal: Refusal };

const GIBIBYTE = 2 ** 30;
/** Most certificates of one name that are tried, each at the price of one more hash of the list. */
const MAX_CANDIDATES = 4;

/**
 * Verifies a list and makes its index.
 *
 * @param chunks the file, PEM or DER, in pieces of any size
 * @returns a refusal for every list that breaks a rule; what `chunks` or the ports throw is passed on
 */
export async function compileList(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: CompileOptions,
): Promise<Compiled> {
  try {
    const verified = await verifyList(chunks, options);
    return { accepted: true, ...(await indexOf(verified, options)) };
  } catch (error) {
    if (error instanceof Refusal) return { accepted: false, refusal: error };
    throw error;
  }
}

interface Verified {
  readonly list: ParsedList;
  readonly signer: Issuer;
  readonly records: RecordStore;
}

async function verifyList(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: CompileOptions,
): Promise<Verified> {
  const records = new RecordStore();
  let candidates: readonly Candidate[] = [];
  let check: SignatureCheck | undefined;
  const make = (size?: number): ListReader =>
    new ListReader({
      entries: records,
      maximumBytes: options.maximumBytes ?? GIBIBYTE,
      insecureSha1: options.insecureSha1 ?? false,
      ...(size === undefined ? {} : { size }),
      onHeader: (header) => {
        // refused before its entries are read
        checkTimes(header, options);
        candidates = candidatesFor(header, options.issuers);
        check = new SignatureCheck(
          header.algorithm,
          candidates.map(({ key }) => key),
        );
        return check;
      },
    });
  const armor = new Armor();
  let reader: ListReader | undefined;
  for await (const chunk of chunks) {
    const der = armor.write(chunk);
    reader ??= make(armor.isDer === true ? options.size : undefined);
    reader.write(der);
  }
  armor.end();
  const list = (reader ?? make()).end();
  const verdicts = check?.verify(list.signature) ?? [];
  const signer = signerOf(list, candidates, verdicts);
  return { list, signer, records };
}

interface Candidate {
  readonly certificate: Issuer;
  readonly key: KeyObject;
}

function checkTimes({ thisUpdate, nextUpdate }: ListHeader, { now, rules }: CompileOptions): void {
  if (nextUpdate !== undefined && nextUpdate < thisUpdate) {
    throw new Refusal(
      'next_update_before_this_update',
      `nextUpdate ${timeText(nextUpdate)} is before thisUpdate ${timeText(thisUpdate)}`,
    );
  }
  const fresh = freshnessOf({ thisUpdate, nextUpdate: nextUpdate ?? null }, now, rules);
  if (fresh.usable) return;
  const times = `thisUpdate ${timeText(thisUpdate)}, nextUpdate ${nextUpdate === undefined ? 'none' : timeText(nextUpdate)}`;
  throw new Refusal(
    fresh.reason,
    `${times}, and it is ${timeText(now)}; have the CA issue a list that holds now`,
  );
}

/** RFC 5280 section 6.3.3 (f): the certificates whose key may have signed the list. */
function candidatesFor(header: ListHeader, issuers: readonly Issuer[]): Candidate[] {
  const named = issuers.filter(({ subject }) => subject.hash === header.issuer.hash);
  if (named.length === 0) {
    throw new Refusal(
      'issuer_unknown',
      `the list is by "${header.issuer.text}", which is none of the given issuers; give its certificate`,
    );
  }
  const fitting = named
    .slice(0, MAX_CANDIDATES)
    .map((certificate) => ({ certificate, key: publicKeyOf(certificate) }))
    .filter(({ key }) => keyFits(key, header.algorithm));
  if (fitting.length === 0) {
    throw new Refusal(
      'issuer_key_unknown',
      `no given certificate of the issuer has a key for ${header.algorithm.text}`,
    );
  }
  return fitting;
}

function signerOf(
  { extensions: { authorityKeyId } }: ParsedList,
  candidates: readonly Candidate[],
  verdicts: readonly boolean[],
): Issuer {
  // section 5.2.1: the key identifier tells the keys of one issuer apart
  const identified = candidates.filter(
    ({ certificate: { subjectKeyId } }) =>
      authorityKeyId === undefined || subjectKeyId === undefined || subjectKeyId === authorityKeyId,
  );
  if (identified.length === 0) {
    throw new Refusal(
      'issuer_key_unknown',
      `the list is signed with the key ${keyIdText(authorityKeyId)}, which no given certificate has; give the certificate of that key`,
    );
  }
  const signers = candidates.filter((candidate, i) => verdicts[i] === true && identified.includes(candidate));
  const [signer] = signers;
  if (signer === undefined)
    throw new Refusal(
      'signature_invalid',
      'the signature is not by the issuer; get the list from the CA again',
    );
  const refusals = signers.map(({ certificate }) => mayNotSign(certificate));
  const allowed = signers[refusals.indexOf(undefined)];
  if (allowed !== undefined) return allowed.certificate;
  throw refusals[0] ?? new TypeError('a signer was neither allowed nor refused');
}

/** As the openssl command prints it; in one piece it would look like a secret, and the log would not show it. */
export function keyIdText(id: string | null | undefined): string {
  return id?.toUpperCase().match(/../g)?.join(':') ?? 'without an id';
}

function mayNotSign({ signsLists, authority }: Certificate): Refusal | undefined {
  // section 4.2.1.3: the key usage of who signs lists has cRLSign
  if (signsLists === false)
    return new Refusal('issuer_may_not_sign_lists', 'the key usage of the issuer does not have cRLSign');
  // a separate key for lists is no CA's, and has cRLSign said of it instead (section 6.3.3 (f))
  if (signsLists === undefined && authority === false) {
    return new Refusal(
      'issuer_not_an_authority',
      'the issuer is not a CA, and its key usage does not say that it may sign lists',
    );
  }
  return undefined;
}

async function indexOf(
  { list, signer, records }: Verified,
  options: CompileOptions,
): Promise<{ manifest: Manifest; index: Index }> {
  const { header, extensions } = list;
  const { scope, number, baseNumber } = extensions;
  checkEntries(list, scope);
  const issuer = {
    name: header.issuer.text,
    hash: header.issuer.hash,
    keyId: signer.subjectKeyId ?? null,
    ...behind(signer, options.issuers),
  };
  const series = seriesOf(issuer.hash, issuer, scope);
  const previous = await options.previous?.(series);
  if (previous !== undefined) checkProgress(list, previous);
  const issuers = list.issuers.map(({ hash }) => hash);
  const store =
    baseNumber === undefined
      ? records
      : await mergeDelta(list, records, issuers, previous, options, signer.subjectKeyId);
  const index = buildIndex(store.sorted(REMOVE_FROM_CRL), issuers);
  const { key, size, resident, entries } = index;
  const manifest: Manifest = {
    version: MANIFEST_VERSION,
    series,
    issuer,
    number: number ?? null,
    baseNumber: baseNumber ?? null,
    thisUpdate: header.thisUpdate,
    nextUpdate: header.nextUpdate ?? null,
    scope,
    signatureAlgorithm: header.algorithm.text,
    entries,
    index: { version: INDEX_VERSION, key, size, resident },
  };
  return { manifest, index };
}

function checkEntries({ issuers, removalAt, extensions }: ParsedList, scope: Scope): void {
  // section 5.3.3: in an indirect list only
  if (issuers.length > 1 && !scope.indirect) {
    throw new Refusal(
      'entry_issuer_without_indirect',
      'an entry names an issuer of its own, but the list does not say that it is indirect',
    );
  }
  // section 5.3.1: in a delta only
  if (removalAt !== undefined && extensions.baseNumber === undefined)
    throw new Refusal('entry_reason_only_in_delta', 'removeFromCRL stands in a complete list', removalAt);
}

/** A list never goes back behind the one in force (section 5.2.3: numbers increase, and are integers of any size). */
function checkProgress({ header, extensions: { number } }: ParsedList, previous: Manifest): void {
  if (previous.number !== null) {
    if (number === undefined)
      throw new Refusal(
        'number_missing',
        `the list in force has number ${previous.number}, this one has none`,
      );
    if (number < previous.number) {
      throw new Refusal(
        'number_backwards',
        `number ${number} is below ${previous.number} of the list in force; upload the CA's latest list`,
      );
    }
  }
  if (header.thisUpdate < previous.thisUpdate) {
    throw new Refusal(
      'this_update_backwards',
      `thisUpdate ${timeText(header.thisUpdate)} is before ${timeText(previous.thisUpdate)} of the list in force; upload the CA's latest list`,
    );
  }
}

/** Base and delta together are a complete list (section 5.2.4). */
async function mergeDelta(
  { extensions: { number, baseNumber } }: ParsedList,
  delta: RecordStore,
  issuers: string[],
  base: Manifest | undefined,
  { readIndex }: CompileOptions,
  signedBy: string | undefined,
): Promise<RecordStore> {
  if (base === undefined || readIndex === undefined || base.number === null) {
    throw new Refusal(
      'delta_base_missing',
      `this is a delta to list ${baseNumber}, and no complete list of the same scope with a number is in force; upload the complete list first`,
    );
  }
  // section 5.2.4: the same key signs both, else another CA of the same name could take revocations back
  if (signedBy === undefined || signedBy !== base.issuer.keyId) {
    throw new Refusal(
      'delta_key_differs',
      `the delta is signed with key ${keyIdText(signedBy)}, the list in force with key ${keyIdText(base.issuer.keyId)}; upload the CA's complete list`,
    );
  }
  if (number === undefined) throw new Refusal('number_missing', 'a delta has no number');
  // section 5.2.4 (c): the complete list is at least the base, and below the delta
  if (baseNumber === undefined || base.number < baseNumber) {
    throw new Refusal(
      'delta_base_too_old',
      `the delta needs list ${baseNumber} or later, list ${base.number} is in force; upload the complete list first`,
    );
  }
  const merged = new RecordStore();
  addIndex(merged, await readIndex(base), issuers);
  delta.forEach((bytes, at, length, issuer, seconds, reason) => {
    merged.add(bytes, at, length, issuer, seconds, reason);
  });
  return merged;
}
