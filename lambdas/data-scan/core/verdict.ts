/** The verdict on one object: clean only where Macie has classified exactly the version that would be released. */
import type { Severity } from '../contract';
import type { Staged } from './objects';
import type { Detection, Result } from './results';

/** How a job ended; anything but `complete` proves nothing clean. */
export type JobOutcome = 'complete' | 'cancelled' | 'paused' | 'timed_out';

export type Malware = 'clean' | 'found' | 'unknown';

/** Why nothing is known of an object. */
export type UnknownReason =
  | 'job_cancelled'
  | 'job_paused'
  | 'job_timed_out'
  | 'not_scanned'
  | 'other_version_scanned'
  | 'skipped'
  | 'partial'
  | 'results_unreadable'
  | 'malware_unknown';

export type Verdict =
  | { readonly verdict: 'CLEAN' }
  | {
      readonly verdict: 'SENSITIVE';
      readonly severity: Severity;
      readonly detections: readonly Detection[];
    }
  | {
      readonly verdict: 'UNKNOWN';
      readonly reason: UnknownReason;
      /** Macie's own word, e.g. `UNSUPPORTED_FILE_TYPE_EXCEPTION`. */
      readonly detail?: string;
    }
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
 * What was found counts however the job ended, since it is there; that nothing was found counts only if all that had to
 * be said was said.
 */
export function verdictOf({ copy }: Pick<Staged, 'copy'>, evidence: Evidence): Verdict {
  const { job, results, unreadable, malware } = evidence;
  if (malware === 'found') return { verdict: 'MALWARE' };
  const ofVersion = results.filter(({ version }) => version === copy);
  const found = ofVersion.flatMap(({ detections }) => detections);
  if (found.length > 0)
    return { verdict: 'SENSITIVE', severity: highest(ofVersion), detections: summed(found) };
  const unknown = (reason: UnknownReason, detail?: string): Verdict => ({
    verdict: 'UNKNOWN',
    reason,
    ...(detail === undefined ? {} : { detail }),
  });
  if (job !== 'complete') return unknown(`job_${job}`);
  const short = ofVersion.find(({ status }) => status !== 'COMPLETE');
  if (short !== undefined) return unknown(short.status === 'PARTIAL' ? 'partial' : 'skipped', short.reason);
  if (ofVersion.length === 0) return unknown(results.length === 0 ? 'not_scanned' : 'other_version_scanned');
  if (unreadable) return unknown('results_unreadable');
  if (malware === 'unknown') return unknown('malware_unknown');
  return { verdict: 'CLEAN' };
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
    const name = `${one.category} ${one.type}`;
    const before = byType.get(name);
    byType.set(name, before === undefined ? one : { ...one, count: before.count + one.count });
  }
  return [...byType.values()];
}
