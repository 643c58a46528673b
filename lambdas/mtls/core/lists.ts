/**
 * The lists in force, as one process of the authorizer knows them.
 *
 * Manifests are found by listing them and told apart by their ETag. A request revalidates those that speak of its
 * certificate's issuer, and no others, so its work does not grow with the number of CAs. What is read is put together
 * first and swapped in whole, so that every request is decided by the whole old list or the whole new one.
 */
import type { Clock } from '../../_kernel/clock';
import type { Certificate } from './certificate';
import type { TimeRules } from './freshness';
import type { Found } from './lookup';
import { isBehind, type Manifest } from './manifest';
import { faultAbove, type PathFault } from './path';
import { listsFor, statusOf, type Answer, type Status } from './status';
import type { Subject } from './subject';

/** An index that can be asked. What it throws means that it could not be read. */
export interface OpenIndex {
  find(issuerHash: string, serial: Uint8Array): Promise<Found>;
}

/** A manifest and the version of the object it was read from. */
interface ReadManifest {
  readonly etag: string;
  readonly manifest: Manifest;
  /** When it was published, in milliseconds since 1970; `undefined` where the store does not say. */
  readonly publishedAt: number | undefined;
}

/** Where manifests and indexes are; everything throws when it cannot be found out. */
export interface ListStore {
  /** Key and ETag of every manifest. */
  listManifests(): Promise<readonly { readonly key: string; readonly etag: string }[]>;
  /** `unchanged` when it still has the ETag, `gone` when there is none. */
  readManifest(key: string, etag?: string): Promise<ReadManifest | 'unchanged' | 'gone'>;
  /** The index, verified as far as its way of reading allows. */
  openIndex(manifest: Manifest): Promise<OpenIndex>;
}

export interface ListsOptions {
  readonly rules: TimeRules;
  /** Milliseconds for which a manifest is relied on without asking whether it changed; 0 asks at every request. */
  readonly revalidateAfter: number;
  /** Milliseconds after the last successful revalidation from which a list no longer counts, whatever its dates. */
  readonly maximumStale: number;
  readonly clock: Clock;
  /** Told of every failed attempt to read. */
  readonly onTrouble: (what: 'discovery' | 'manifest' | 'index', cause: unknown) => void;
  /**
   * Told of every list that took the place of another one, once; times are milliseconds since 1970.
   *
   * @param lastAnswer by the list before; the publication where none came after it
   */
  readonly onReplaced: (manifest: Manifest, publishedAt: number, lastAnswer: number) => void;
}

/** What lists say of one certificate; `unavailable` when one of them could not be read. */
type Answered =
  | Exclude<Status, { status: 'good' }>
  /** `unconfirmed`: good by a list of which the last attempt to revalidate failed. */
  | {
      readonly status: 'good';
      readonly freshness: Extract<Status, { status: 'good' }>['freshness'] | 'unconfirmed';
    }
  | { readonly status: 'unavailable' };

/** The same of a certificate and of the CAs above it. */
export type ListStatus = Answered | PathFault;

/** Milliseconds between two listings of the manifests. */
const DISCOVER_AFTER = 60_000;
/** Milliseconds between two listings that certificates without a list ask for, whatever clients send. */
const DISCOVER_AGAIN_AFTER = 5_000;
/** Milliseconds after a failed attempt in which no other is made. */
const PAUSE = 1_000;
/** Manifests read at once. */
const AT_ONCE = 16;

interface Entry extends ReadManifest {
  readonly key: string;
  /** When it was last known to be the list in force. */
  confirmedAt: number;
  /** When it is to be asked for again. */
  nextCheckAt: number;
  /** Whether the last attempt to ask failed. */
  failing: boolean;
  /** When a certificate was last looked up in it. */
  usedAt: number;
  index: Promise<OpenIndex> | undefined;
}

export class ListsInForce {
  private entries = new Map<string, Entry>();
  private byIssuer = new Map<string, Entry[]>();
  private readonly inFlight = new Map<string, Promise<void>>();
  /** Manifests that are listed and have never been read: they may speak of anybody. */
  private unread = new Set<string>();
  private discoveredAt = -Infinity;
  private discoverAgainAt = -Infinity;
  private readonly store: ListStore;
  private readonly options: ListsOptions;

  constructor(store: ListStore, options: ListsOptions) {
    this.store = store;
    this.options = options;
  }

  /** Whether a certificate is revoked, by every list that speaks of it. Never throws. */
  async statusOf(certificate: Certificate): Promise<ListStatus> {
    if (this.options.clock() >= this.discoveredAt + DISCOVER_AFTER) await this.discover();
    await this.revalidate(certificate);
    const first = await this.ask(certificate);
    const again = first.status.status === 'unknown' && (await this.discover());
    const { status, by } = again ? await this.ask(certificate) : first;
    if (status.status !== 'good') return status;
    const fault = await faultAbove(certificate, by, async (above) => {
      await this.revalidate(above);
      return this.ask(above);
    });
    return fault ?? status;
  }

  /** @returns `by`: the lists that were asked */
  private async ask(certificate: Subject): Promise<{ status: Answered; by: readonly Manifest[] }> {
    const now = this.options.clock();
    // what is asked is fixed here; lists that are swapped from now on are for later requests
    const entries = this.entriesFor(certificate);
    const seconds = Math.floor(now / 1000);
    const { usable, reason } = listsFor(
      entries.map(({ manifest }) => manifest),
      certificate,
      seconds,
      this.options.rules,
    );
    const asked = entries.filter(({ manifest }) => usable.includes(manifest));
    for (const entry of asked) entry.usedAt = now;
    const found = await Promise.all(asked.map((entry) => this.find(entry, certificate)));
    const answers = found.filter((answer) => answer !== undefined);
    const by = answers.map(({ manifest }) => manifest);
    const status = statusOf(answers, reason, seconds, this.options.rules);
    if (status.status === 'revoked') return { status, by };
    // nobody is called good, or without a list, while a list that may say otherwise could not be read
    const stale = asked.some(({ confirmedAt }) => now - confirmedAt > this.options.maximumStale);
    const undiscovered = this.discoveredAt === -Infinity || this.unread.size > 0;
    if (stale || undiscovered || answers.length < asked.length)
      return { status: { status: 'unavailable' }, by };
    const unconfirmed = status.status === 'good' && asked.some(({ failing }) => failing);
    return unconfirmed && status.freshness === 'fresh'
      ? { status: { status: 'good', freshness: 'unconfirmed' }, by }
      : { status, by };
  }

  private async find(entry: Entry, certificate: Subject): Promise<Answer | undefined> {
    try {
      const index = await (entry.index ??= this.store.openIndex(entry.manifest));
      const found = await index.find(certificate.issuer.hash, certificate.serial);
      return { manifest: entry.manifest, found };
    } catch (cause) {
      // read again with the next request, from the manifest on: the index may have been replaced and removed
      entry.index = undefined;
      entry.nextCheckAt = -Infinity;
      this.options.onTrouble('index', cause);
      return undefined;
    }
  }

  /** Lists of the certificate's issuer, and of those its distribution points name. */
  private entriesFor(certificate: Subject): Entry[] {
    const named = certificate.distributionPoints
      .flatMap(({ listIssuers }) => listIssuers)
      .filter((name) => name.startsWith(DIRECTORY))
      .map((name) => name.slice(DIRECTORY.length));
    return [...new Set([certificate.issuer.hash, ...named])].flatMap((hash) => this.byIssuer.get(hash) ?? []);
  }

  private async revalidate(certificate: Subject): Promise<void> {
    const now = this.options.clock();
    const due = this.entriesFor(certificate).filter(({ nextCheckAt }) => now >= nextCheckAt);
    await Promise.all(due.map(({ key }) => this.once(key, () => this.refresh(key))));
  }

  /** @returns whether manifests were listed, by this request or one that it waited for */
  private async discover(): Promise<boolean> {
    if (!this.inFlight.has('') && this.options.clock() < this.discoverAgainAt) return false;
    await this.once('', async () => {
      const asked = this.options.clock();
      this.discoverAgainAt = asked + PAUSE;
      try {
        const listed = await this.store.listManifests();
        const keys = new Set(listed.map(({ key }) => key));
        for (const key of this.entries.keys()) if (!keys.has(key)) this.remove(key);
        const changed = listed.filter(({ key, etag }) => {
          const known = this.entries.get(key);
          if (known?.etag !== etag) return true;
          Object.assign(known, this.confirmed(asked));
          return false;
        });
        this.unread = new Set(changed.map(({ key }) => key).filter((key) => !this.entries.has(key)));
        for (let i = 0; i < changed.length; i += AT_ONCE) {
          const some = changed.slice(i, i + AT_ONCE);
          await Promise.all(some.map(({ key }) => this.once(key, () => this.refresh(key))));
        }
        if (this.unread.size > 0) return;
        this.discoveredAt = this.options.clock();
        this.discoverAgainAt = this.discoveredAt + DISCOVER_AGAIN_AFTER;
      } catch (cause) {
        this.options.onTrouble('discovery', cause);
      }
    });
    return true;
  }

  /** Reads one manifest, and its index where the old one was in use; then both take the place of the old. */
  private async refresh(key: string): Promise<void> {
    const old = this.entries.get(key);
    const asked = this.options.clock();
    try {
      const read = await this.store.readManifest(key, old?.etag);
      if (read === 'unchanged') {
        if (old !== undefined) Object.assign(old, this.confirmed(asked));
      } else if (read === 'gone') {
        this.remove(key);
      } else {
        // a version of the manifest that somebody brought back; the later list goes on until it is too old
        if (old !== undefined && isBehind(read.manifest, old.manifest))
          throw new Error('a manifest went back behind the one before; upload the latest list');
        const index = old?.index === undefined ? undefined : await this.store.openIndex(read.manifest);
        this.put({
          ...read,
          key,
          ...this.confirmed(asked),
          usedAt: -Infinity,
          index: index === undefined ? undefined : Promise.resolve(index),
        });
        const { manifest, publishedAt } = read;
        if (old !== undefined && publishedAt !== undefined)
          this.options.onReplaced(manifest, publishedAt, Math.max(publishedAt, old.usedAt));
      }
      this.unread.delete(key);
    } catch (cause) {
      if (old !== undefined) {
        old.failing = true;
        old.nextCheckAt = this.options.clock() + Math.max(PAUSE, this.options.revalidateAfter);
      }
      this.options.onTrouble('manifest', cause);
    }
  }

  /** What was true when the question was sent may have changed before the answer came. */
  private confirmed(asked: number): Pick<Entry, 'confirmedAt' | 'nextCheckAt' | 'failing'> {
    return { confirmedAt: asked, nextCheckAt: asked + this.options.revalidateAfter, failing: false };
  }

  private put(entry: Entry): void {
    this.remove(entry.key);
    this.entries.set(entry.key, entry);
    const { hash } = entry.manifest.issuer;
    this.byIssuer.set(hash, [...(this.byIssuer.get(hash) ?? []), entry]);
  }

  private remove(key: string): void {
    const old = this.entries.get(key);
    if (old === undefined) return;
    this.entries.delete(key);
    const { hash } = old.manifest.issuer;
    this.byIssuer.set(
      hash,
      (this.byIssuer.get(hash) ?? []).filter((entry) => entry !== old),
    );
  }

  /** Requests that come together wait for one attempt. */
  private async once(key: string, attempt: () => Promise<void>): Promise<void> {
    const running = this.inFlight.get(key);
    if (running !== undefined) return running;
    const started = attempt().finally(() => this.inFlight.delete(key));
    this.inFlight.set(key, started);
    return started;
  }
}

/** How a directory name stands among the names of a distribution point. */
const DIRECTORY = 'directory:';
