/** How long an operator waits for `cdk synth`, bundling included. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { median, type Row } from './row';

const ROOT = join(__dirname, '..');
const RUNS = 5;

export function synthRows(): Row[] {
  const what = 'synth of one environment by the CDK CLI';
  const seconds: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    // a folder of its own each time: assets that are there already are not bundled again
    const out = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
    const start = process.hrtime.bigint();
    const { status } = spawnSync(
      join(ROOT, 'node_modules/.bin/cdk'),
      [
        'synth',
        '--quiet',
        '-c',
        'environment=local',
        '--build',
        'npm run --silent generate',
        '--output',
        out,
      ],
      { cwd: ROOT, stdio: 'ignore', timeout: 40_000 },
    );
    seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
    rmSync(out, { recursive: true });
    if (status !== 0) return [{ what, ours: 'not measured: npm run synth -- -c environment=local fails' }];
  }
  return [{ what: `${what}, median of ${RUNS}`, ours: `${median(seconds).toFixed(1)} s` }];
}
