/** Child of crl.ts: reads and hashes a list, then compiles it, and says how long each took. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { readCertificates } from '../lambdas/mtls/core/certificate';
import { compileList } from '../lambdas/mtls/core/compile';
import { chunksOf } from './crl-file';

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e6;
}

async function main([list = '', issuer = '']: readonly string[]): Promise<void> {
  const floor = await timed(async () => {
    const hash = createHash('sha256');
    for (const chunk of chunksOf(list)) hash.update(chunk);
    hash.digest();
  });
  const issuers = readCertificates(readFileSync(issuer));
  const compile = await timed(async () => {
    const compiled = await compileList(chunksOf(list), {
      issuers,
      now: Math.floor(Date.now() / 1000),
      rules: { freshness: { kind: 'hard' }, maximumAge: null, withoutNextUpdate: 'refuse' },
    });
    if (!compiled.accepted) throw compiled.refusal;
  });
  console.log(JSON.stringify({ floor, compile }));
}

void main(process.argv.slice(2));
