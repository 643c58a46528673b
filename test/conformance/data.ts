/** Where the public test suites are; see run.mjs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A JSON file of the suites. */
export function conformanceData(file: string): unknown {
  const folder = process.env['SALLYPORT_CONFORMANCE'];
  if (folder === undefined) throw new Error('start these suites with npm run test:conformance');
  return JSON.parse(readFileSync(join(folder, file), 'utf8'));
}

/** Writes one line of figures, which jest's own output would bury in a stack trace. */
export function report(line: string): void {
  process.stderr.write(`${line}\n`);
}
