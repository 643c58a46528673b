/** Reads the compiled policy that the construct put beside the handler. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { STEP_UP_FILE, type StepUpPolicy } from '../contract';

/** @param directory folder of the deployed bundle */
export function readStepUpPolicy(directory: string): StepUpPolicy {
  return JSON.parse(readFileSync(join(directory, STEP_UP_FILE), 'utf8')) as StepUpPolicy;
}
