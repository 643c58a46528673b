/** Where an instance keeps its things. */
import { join, resolve } from 'node:path';

/** The folder of SALLYPORT_HOME, or `.local` of the project. */
export function homeFrom(env: NodeJS.ProcessEnv): string {
  const given = env['SALLYPORT_HOME'];
  return given === undefined || given === '' ? join(__dirname, '../.local') : resolve(given);
}
