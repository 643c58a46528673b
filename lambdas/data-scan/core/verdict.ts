/** The verdict on one object: clean only where Macie has classified exactly the version that would be released. */
import type { Severity } from '../contract';
import type { Staged } from './objects';
import type { Detection, Result } from './results';

/** How a job ended; anything but `complete` proves nothing clean. */
export type JobOutcome = 'complete' | 'cancelled' | 'paused' | 'timed_out';

/** `pending` until the gate has said something. */
export type Malware = 'clean' | 'found' | 'unknown' | 'pending';

/** Why nothing is known of an object. */
type UnknownReason =
  | 'job_cancelled'
  | 'job_paused'
  | 'job_timed_out'
  | 'not_scanned'
  | 'other_version_scanned'
  | 'skipped'
  | 'partial'
  | 'results_unreadable'
  | 'malware_unknown';

/** Why an object is not known in full. */
export interface Doubt {
  readonly reason: UnknownReason;
  /** Macie's own word, e.g. `UNSUPPORTED_FILE_TYPE_EXCEPTION`. */
  readonly detail?: string;
}

export type Verdict =
  | { readonly verdict: 'CLEAN' }
  | {
      readonly verdict: 'SENSITIVE';
      readonly severity: Severity;
      readonly detections: readonly Detection[];
      /** Why there may be more than was found; no rule lets such an object go by itself. */
      readonly doubt?: Doubt;
    }
  | ({ readonly verdict: 'UNKNOWN' } & Doubt)
  | { readonly verdict: 'MALWARE' };

export interface Evidence {
  readonly job: JobOutcome;
  /** Every record about the key of the copy. */
  readonly results: readonly Result[];
  /** Whether some record of the job could not be read: it may have been about any object. */
  readonly unreadable: boolean;
  /** `null` where no malware gate is set. */
  readonly malware: Malware | null;
}

/**
 * What was found counts however the job ended, since it is there; that nothing was found, or nothing else, counts only if
 * all that had to be said was said.
 *
 * A record that names no version may be about this one: it can speak against the object, never for it.
 */
export function verdictOf({ copy }: Pick<Staged, 'copy'>, evidence: Evidence): Verdict {
  if (evidence.malware === 'found') return { verdict: 'MALWARE' };
  const about = evidence.results.filter(({ version }) => version === copy || version === undefined);
  const doubt = doubtOf(copy, about, evidence);
  const found = about.flatMap(({ detections }) => detections);
  if (found.length > 0)
    return {
      verdict: 'SENSITIVE',
      severity: highest(about),
      detections: summed(found),
      ...(doubt === undefined ? {} : { doubt }),
    };
  return doubt === undefined ? { verdict: 'CLEAN' } : { verdict: 'UNKNOWN', ...doubt };
}

function doubtOf(copy: string, about: readonly Result[], evidence: Evidence): Doubt | undefined {
  const { job, results, unreadable, malware } = evidence;
  if (job !== 'complete') return { reason: `job_${job}` };
  const short = about.find(({ status }) => status !== 'COMPLETE');
  if (short !== undefined)
    return {
      reason: short.status === 'PARTIAL' ? 'partial' : 'skipped',
      ...(short.reason === undefined ? {} : { detail: short.reason }),
    };
  if (!about.some(({ version }) => version === copy))
    return { reason: results.length === 0 ? 'not_scanned' : 'other_version_scanned' };
  if (unreadable) return { reason: 'results_unreadable' };
  return malware === null || malware === 'clean' ? undefined : { reason: 'malware_unknown' };
}

/** Sensitive data of no severity is taken for the worst. */
function highest(results: readonly Result[]): Severity {
  const severities = results
    .filter(({ detections }) => detections.length > 0)
    .map(({ severity }) => severity ?? 'HIGH');
  return severities.includes('HIGH') ? 'HIGH' : severities.includes('MEDIUM') ? 'MEDIUM' : 'LOW';
}

/** One entry for each type: the files of an archive have records of their own. */
function summed(detections: readonly Detection[]): Detection[] {
  const byType = new Map<string, Detection>();
  for (const one of detections) {
    const name = JSON.stringify([one.category, one.type]);
    const before = byType.get(name);
    byType.set(name, before === undefined ? one : { ...one, count: before.count + one.count });
  }
  return [...byType.values()];
}
