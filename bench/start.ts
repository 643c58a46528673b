/** How long `npm start` takes: from nothing but an installed emulator, and again over the state of the time before. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startLocal, wipe, type RunningLocal } from '../local/instance';
import { freePort } from '../local/ports';
import { median, type Row } from './row';

const RUNS = 5;
/** Seconds a second start may take on two cores. */
const GOAL = 30;

export async function startRows(): Promise<Row[]> {
  const home = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  const first: number[] = [];
  const second: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    wipe(home);
    first.push(await startSeconds(home));
    second.push(await startSeconds(home));
  }
  rmSync(home, { recursive: true });
  const again = median(second);
  return [
    { what: `first start, median of ${RUNS}`, ours: `${median(first).toFixed(1)} s` },
    {
      what: `second start, median of ${RUNS}`,
      ours: `${again.toFixed(1)} s`,
      goal: `≤ ${GOAL} s`,
      met: again <= GOAL,
    },
  ];
}

async function startSeconds(home: string): Promise<number> {
  const started = process.hrtime.bigint();
  const local = await startIn(home);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  await local.stop();
  return seconds;
}

/** Starts the local environment on free ports. @param home folder for its state */
export async function startIn(home: string): Promise<RunningLocal> {
  return startLocal({
    home,
    ports: {
      emulator: await freePort(),
      site: await freePort(),
      console: await freePort(),
      partner: await freePort(),
    },
    venv: join(__dirname, '../.local/venv'),
    say: () => undefined,
  });
}
