/**
 * Child of crl-pkijs.ts: the same list by pkijs and by this project, read from memory, verified, and made ready to be asked,
 * in turn.
 */
import { readFileSync } from 'node:fs';

import { Certificate, CertificateRevocationList } from 'pkijs';

import { readCertificates } from '../lambdas/mtls/core/certificate';
import { compileList } from '../lambdas/mtls/core/compile';
import { derOf } from './crl-lists';
import { median } from './row';

const ROUNDS = 20;

/** Milliseconds: the first time in a process, and the median of the last ten. */
export interface Small {
  readonly ours: readonly [number, number];
  readonly pkijs: readonly [number, number];
  readonly entries: number;
}

async function timed(work: () => Promise<number>): Promise<readonly [number, number]> {
  const began = performance.now();
  const entries = await work();
  return [performance.now() - began, entries];
}

async function main([file = '', issuer = '']: readonly string[]): Promise<void> {
  const list = readFileSync(file);
  const pem = readFileSync(issuer);
  const byPkijs = async (): Promise<number> => {
    const parsed = CertificateRevocationList.fromBER(list);
    const issuerCertificate = Certificate.fromBER(derOf(pem.toString()));
    if (!(await parsed.verify({ issuerCertificate }))) throw new Error('pkijs refused the signature');
    const revoked = parsed.revokedCertificates ?? [];
    return new Set(
      revoked.map(({ userCertificate }) =>
        Buffer.from(userCertificate.valueBlock.valueHexView).toString('hex'),
      ),
    ).size;
  };
  const byUs = async (): Promise<number> => {
    const compiled = await compileList([list], {
      issuers: readCertificates(pem),
      now: Math.floor(Date.now() / 1000),
      rules: { freshness: { kind: 'hard' }, maximumAge: null, withoutNextUpdate: 'refuse' },
    });
    if (!compiled.accepted) throw compiled.refusal;
    return compiled.manifest.entries;
  };
  const ours: number[] = [];
  const theirs: number[] = [];
  let entries = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const [one, count] = await timed(byUs);
    const [other, same] = await timed(byPkijs);
    if (count !== same) throw new Error(`${count} and ${same} entries`);
    ours.push(one);
    theirs.push(other);
    entries = count;
  }
  const summary = (times: readonly number[]): readonly [number, number] => [
    times[0] ?? NaN,
    median(times.slice(-10)),
  ];
  const result: Small = { ours: summary(ours), pkijs: summary(theirs), entries };
  console.log(JSON.stringify(result));
}

void main(process.argv.slice(2));
