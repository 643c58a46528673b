/** What the document demands of every operation that is not public. */
import { operationsOf, readDocument } from '../../lib/api/document';

export interface Documented {
  /** `METHOD /template`. */
  readonly id: string;
  readonly group: string;
  readonly state: 'STEP_UP_REQUIRED' | 'STEP_UP_NOT_REQUIRED';
  /** Whether a step-up itself runs over it, so that demanding one would shut it for good. */
  readonly partOfStepUp: boolean;
}

const STEP_UP_OPERATIONS = ['initiateAuth', 'respondToChallenge'];

/** @throws DocumentError for a file that is no such document */
export function documentedSettings(file: string): Documented[] {
  return operationsOf(readDocument(file))
    .filter(({ security }) => security !== null && security.length > 0)
    .map(({ id, method, path, tags, extensions }) => ({
      id: `${method} ${path}`,
      group: tags[0] ?? 'default',
      state: 'x-step-up' in extensions ? 'STEP_UP_REQUIRED' : 'STEP_UP_NOT_REQUIRED',
      partOfStepUp: STEP_UP_OPERATIONS.includes(id),
    }));
}
