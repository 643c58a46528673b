/**
 * Entry of `npm run bench`: measures what docs promise, against a peer on the same machine in the same run.
 *
 * Prints one table and writes it to bench/results.md. Figures are medians over rounds, in which the contestants take
 * turns, so that a busy machine slows both.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { cookieRows } from './cookie';
import { loadRows } from './load';
import { publishingRows } from './publishing';
import { startRows } from './start';
import { stepUpRows } from './step-up';
import { synthRows } from './synth';
import { validationRows } from './validation';
import { verdictRows } from './verdict';
import { lineOf, pageOf, type Row } from './row';

async function main(): Promise<void> {
  const rows: Row[] = [];
  for (const measure of [
    verdictRows,
    validationRows,
    cookieRows,
    stepUpRows,
    loadRows,
    synthRows,
    publishingRows,
    startRows,
  ]) {
    for (const row of await measure()) {
      rows.push(row);
      console.log(lineOf(row));
    }
  }
  const page = pageOf(
    'npm run bench',
    'Figures of one run, medians of rounds in turn. Apart from it: [certificate lists](results-crl.md), [data scan](results-data-scan.md), [rehearsal of the pipeline](results-rehearsal.md).',
    rows,
  );
  writeFileSync(join(__dirname, 'results.md'), page);
  console.log(`\n${page}`);
}

void main();
