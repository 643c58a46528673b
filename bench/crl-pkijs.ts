/** A list that pkijs can read, by both, and the size at which it no longer can. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { CertificateRevocationList } from 'pkijs';

import { writeList } from './crl-lists';
import type { Small } from './crl-small';
import { median, type Row } from './row';

const ENTRIES = 1_500;
const RUNS = 5;

/** @param run the child over a list, in a new process */
export function pkijsRows(folder: string, run: (list: string) => Small): Row[] {
  const list = join(folder, 'small.crl');
  writeList(list, ENTRIES, 'random');
  const runs = Array.from({ length: RUNS }, () => run(list));
  const rows = (['first time in a process', 'warm'] as const).map((when, i): Row => {
    const ours = median(runs.map((one) => one.ours[i] ?? NaN));
    const theirs = median(runs.map((one) => one.pkijs[i] ?? NaN));
    return {
      what: `${ENTRIES} entries, in process, ${when}`,
      ours: `${ours.toFixed(1)} ms`,
      peer: `pkijs 3.4, the serials in a Set ${theirs.toFixed(1)} ms`,
      ratio: ours / theirs,
    };
  });
  return [
    ...rows,
    {
      what: 'most entries that are read, serials of 16 to 20 octets',
      ours: 'no limit but 1 GiB',
      peer: `pkijs 3.4 with asn1js 3.1: ${mostOfPkijs(folder)}, one more is "not correct"`,
    },
  ];
}

/** By halving: every list of that many entries is read, and none of one more. */
function mostOfPkijs(folder: string): number {
  const file = join(folder, 'most.crl');
  const reads = (entries: number): boolean => {
    writeList(file, entries, 'random');
    try {
      CertificateRevocationList.fromBER(readFileSync(file));
      return true;
    } catch {
      return false;
    }
  };
  let [most, tooMany] = [ENTRIES, 2 * ENTRIES];
  if (!reads(most) || reads(tooMany))
    throw new Error(`the limit of pkijs is not between ${most} and ${tooMany}`);
  while (tooMany - most > 1) {
    const middle = (most + tooMany) >> 1;
    if (reads(middle)) most = middle;
    else tooMany = middle;
  }
  rmSync(file);
  return most;
}
