/** What the steps of a run need of the outside; every call may throw for trouble, which another attempt may mend. */
import type { Clock } from '../../_kernel/clock';
import type { Rule, ScanOptions } from '../contract';
import type { AuditEvent } from './audit';
import type { Mail } from './mail';
import type { RawVersion } from './objects';
import type { Counts } from './plan';
import type { Ballot } from './review';
import type { Suppression } from './rules';
import type { Tags } from './tags';
import type { JobOutcome, Malware } from './verdict';

/** The four buckets. */
export type Place = 'raw' | 'stage' | 'review' | 'output';

/** One version of an object as S3 describes it. */
export interface Found {
  readonly version: string;
  readonly size: number;
  /** User-defined metadata, names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Headers that a copy whose metadata changes must be told again, e.g. `ContentType`. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Objects {
  /** Every version in the raw bucket that is no delete marker, by key, the newest first. */
  rawVersions(): AsyncIterable<RawVersion>;
  /** @param version default the current one. @returns `undefined` when there is none */
  find(place: Place, key: string, version?: string): Promise<Found | undefined>;
  /** Versions of exactly this key, the newest first. */
  versions(place: Place, key: string): Promise<readonly string[]>;
  tags(place: Place, key: string, version: string): Promise<Tags>;
  /**
   * Copies one version, in parts where it is large; metadata other than the user's is kept.
   *
   * @param metadata replaces that of the source; kept where it is `undefined`
   * @param once whether nothing may be there yet; a copy of another attempt is answered in its place
   * @returns version of the copy; `undefined` for a source that may not or cannot be read
   */
  copy(
    from: { readonly place: Place; readonly key: string; readonly found: Found },
    to: { readonly place: Place; readonly key: string },
    how: {
      readonly tags: Tags;
      readonly metadata?: Readonly<Record<string, string>>;
      readonly once: boolean;
    },
  ): Promise<string | undefined>;
  /** Removes one version for good; it need not be there. */
  remove(place: Place, key: string, version: string): Promise<void>;
}

/** Texts of a run: what is too large for a state machine. */
export interface Records {
  read(key: string): Promise<string | undefined>;
  write(key: string, text: string): Promise<void>;
}

export interface Audit {
  /** Appends once, whatever is repeated. */
  append(run: string, event: AuditEvent): Promise<void>;
}

type RunState = 'staging' | 'scanning' | 'moving' | 'reviewing' | 'deciding' | 'ended';

/** A run as the table has it. */
export interface Run {
  readonly id: string;
  readonly state: RunState;
  readonly objects: number;
  readonly pages: number;
  /** How often it was begun. */
  readonly attempts: number;
  readonly startedAt: number;
  /** Execution of the state machine that works on it. */
  readonly execution: string;
  readonly held?: { readonly state: string; readonly error: string };
  readonly job?: string;
  readonly scanStartedAt?: number;
  readonly scanEndedAt?: number;
  readonly scan?: JobOutcome;
  /** How many results were there at the last look, and since when there have been so many. */
  readonly results?: { readonly count: number; readonly since: number };
  readonly counts?: Counts;
  readonly review?: ReviewRow;
  readonly token?: string;
}

export interface ReviewRow {
  /** Names the review in its link. */
  readonly id: string;
  readonly state: 'open' | 'closed';
  /** Milliseconds since 1970 at which it ends. */
  readonly until: number;
  readonly objects: number;
  readonly pages: number;
}

export interface Runs {
  read(id: string): Promise<Run | undefined>;
  /** Runs that have not ended. */
  active(): Promise<readonly Run[]>;
  /** Makes a run; one of this id must not be there. */
  create(run: Run): Promise<void>;
  /** Sets members; one that is `undefined` is removed. */
  change(id: string, members: { readonly [K in keyof Run]?: Run[K] | undefined }): Promise<void>;
  /** Holds a run that this execution is at. @returns `false` when it ended, is held already, or another is at it */
  hold(id: string, execution: string, held: NonNullable<Run['held']>): Promise<boolean>;
  /** Lets an execution go on with a held run. @returns `false` when it is not held, or not any more */
  takeOver(id: string, execution: string): Promise<boolean>;
  /** Takes the lock under which raw versions are listed, for an execution. @returns whether nobody else holds it */
  lock(execution: string, now: number, until: number): Promise<boolean>;
  unlock(execution: string): Promise<void>;
  byReview(review: string): Promise<string | undefined>;
  ballots(run: string): Promise<ReadonlyMap<number | 'all', Ballot>>;
  ballot(run: string, of: number | 'all'): Promise<Ballot>;
  /**
   * Replaces ballots, all or none, while the review is open and each is what was read.
   *
   * @returns `false` when something changed meanwhile, and nothing was written
   */
  cast(
    run: string,
    votes: readonly { readonly of: number | 'all'; readonly before: Ballot; readonly after: Ballot }[],
  ): Promise<boolean>;
  /** Shuts the review: no ballot changes after it. */
  close(run: string): Promise<void>;
  suppressions(): Promise<readonly Suppression[]>;
  suppress(suppression: Suppression): Promise<void>;
}

/** Amazon Macie. */
export interface Scanner {
  /** Sees to it that results are written where they are read. @throws Error naming another place that is configured */
  ensureResults(): Promise<void>;
  /** Starts one job over the objects below the prefix; the same token starts it once. */
  start(name: string, prefix: string, token: string, options: ScanOptions): Promise<string>;
  status(job: string): Promise<'running' | JobOutcome>;
  cancel(job: string): Promise<void>;
  /** Lines of all results of a job that are there by now. */
  results(job: string): AsyncIterable<string>;
}

/** The state machine. */
export interface Machine {
  start(run: string): Promise<void>;
  /** Whether an execution ended otherwise than by itself. @returns its status, `undefined` while it runs or went well */
  stopped(execution: string): Promise<string | undefined>;
  /** Goes on behind the wait for a decision. @returns whether somebody still waited */
  decided(token: string): Promise<boolean>;
}

/** Tells people and systems; a failure is logged and counted, never thrown. */
export interface Notices {
  /** @returns whether it was sent, or nobody is to get any */
  mail(mail: Mail): Promise<boolean>;
  event(type: string, detail: Readonly<Record<string, unknown>>): Promise<void>;
}

interface Limits {
  readonly pageObjects: number;
  readonly runObjects: number;
  /** Milliseconds. */
  readonly scanTimeout: number;
  readonly resultsWait: number;
  readonly settle: number;
  readonly reviewTime: number;
}

export interface Ports {
  readonly objects: Objects;
  readonly records: Records;
  readonly audit: Audit;
  readonly runs: Runs;
  readonly scanner: Scanner;
  readonly machine: Machine;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly rules: readonly Rule[];
  readonly options: ScanOptions;
  readonly limits: Limits;
  readonly uploaderTag: string;
  readonly denied: 'delete' | 'keep';
  /** Verdict of the malware gate from the tags of a copy; `null` where there is no gate. */
  readonly malware: ((tags: Tags) => Malware) | null;
  /** A new text that nobody guesses, fit for a URL. */
  readonly newId: () => string;
  readonly siteUrl: string;
}
