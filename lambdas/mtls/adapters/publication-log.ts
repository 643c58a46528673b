/** What became of an upload, for operators: one line, and the metrics that alarms stand on. */
import type { Logger, Measure } from '../../_kernel/log';
import { DELAY_METRIC, REFUSED_METRIC, TIME_TO_PUBLISH_METRIC } from '../contract';
import type { Publication } from '../core/publish';

/**
 * @param file key of the list
 * @param uploadedAt seconds since 1970, where the event says
 * @param now seconds since 1970
 */
export function logPublication(
  log: Logger,
  file: string,
  publication: Publication,
  uploadedAt: number | undefined,
  now: number,
): void {
  switch (publication.outcome) {
    case 'refused': {
      const { code: rule, offset, message } = publication.refusal;
      log.error('list_refused', { file, rule, offset, message });
      log.metric(REFUSED_METRIC, {});
      return;
    }
    case 'absent':
      log.info('list_absent', { file });
      return;
    case 'unchanged':
    case 'published': {
      const { name, outcome, manifest } = publication;
      const { number, entries, thisUpdate } = manifest;
      log.info(`list_${outcome}`, { file, name, number: number?.toString(), entries });
      if (outcome === 'unchanged') return;
      const since = (from: number): Measure => ({ value: Math.max(0, now - from), unit: 'Seconds' });
      if (uploadedAt !== undefined) log.metric(TIME_TO_PUBLISH_METRIC, {}, since(uploadedAt));
      log.metric(DELAY_METRIC, {}, since(thisUpdate));
    }
  }
}
