/** Reads the policy that the construct put beside the handler. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { POLICY_FILE, type Policy } from '../contract';

/** @param directory folder of the deployed bundle */
export function readPolicy(directory: string): Policy {
  return JSON.parse(readFileSync(join(directory, POLICY_FILE), 'utf8')) as Policy;
}
