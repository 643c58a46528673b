/**
 * `npx tsx bench/data-scan.ts`: how long a run of the data scan takes over 100, 1,000 and 10,000 objects, on a deployed
 * local stack, from the start of its execution to the end.
 *
 * Beside it stands what the emulator alone takes for as many copies and deletions, so that a bend of the line can be told
 * from one of its own. Writes its table to bench/results-data-scan.md.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CopyObjectCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';

import { clientSettings } from '../local/aws';
import type { LocalOutputs } from '../local/outputs';
import { median, pageOf, type Row } from './row';
import { startIn } from './start';

/** Objects of a run, and how many runs of so many are measured. */
const SIZES: readonly (readonly [objects: number, runs: number])[] = [
  [100, 3],
  [1000, 3],
  [10_000, 1],
];
/** As many as the run has at a time: four pages of eight. */
const AT_ONCE = 32;
/** Linear: an object of the largest run takes at most this many times as long as one of the run before. */
const GOAL = 1.25;

interface Measured {
  readonly objects: number;
  readonly run: number;
  readonly emulator: number;
}

async function main(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  const local = await startIn(home);
  const measured: Measured[] = [];
  try {
    // functions start cold but once
    await runSeconds(local.outputs, 10, 'warm');
    for (const [objects, runs] of SIZES) {
      const times = { run: [] as number[], emulator: [] as number[] };
      for (let i = 0; i < runs; i += 1) {
        times.emulator.push(await copySeconds(local.outputs, objects));
        times.run.push(await runSeconds(local.outputs, objects, `bench-${objects}-${i}`));
        console.log(`${objects} objects: ${times.run.at(-1)?.toFixed(1)} s`);
      }
      measured.push({ objects, run: median(times.run), emulator: median(times.emulator) });
    }
  } finally {
    await local.stop();
    rmSync(home, { recursive: true });
  }
  const how =
    'Seconds from the start of the execution to its end, every object clean; medians. The emulator is one Python process on the same cores.';
  const page = pageOf('npx tsx bench/data-scan.ts', how, rowsOf(measured));
  writeFileSync(join(__dirname, 'results-data-scan.md'), page);
  console.log(`\n${page}`);
}

function rowsOf(measured: readonly Measured[]): Row[] {
  return measured.flatMap(({ objects, run, emulator }, i): Row[] => {
    const before = measured[i - 1];
    const each = (run / objects) * 1000;
    const bend = before === undefined ? undefined : each / ((before.run / before.objects) * 1000);
    return [
      {
        what: `a run of ${objects} objects`,
        ours: `${run.toFixed(1)} s`,
        peer: `one copy and one deletion of each ${emulator.toFixed(1)} s`,
        ratio: run / emulator,
      },
      {
        what: 'the same, of each object',
        ours: `${each.toFixed(1)} ms`,
        ...(before === undefined || bend === undefined
          ? {}
          : {
              peer: `${before.objects} objects`,
              ratio: bend,
              goal: `≤ ${GOAL} ×`,
              met: bend <= GOAL,
            }),
      },
    ];
  });
}

async function runSeconds(outputs: LocalOutputs, objects: number, id: string): Promise<number> {
  const { emulatorUrl, rawBucketName, dataScanStateMachineArn: stateMachineArn } = outputs;
  await filled(outputs, rawBucketName, objects, id);
  const sfn = new SFNClient(clientSettings(emulatorUrl));
  const started = process.hrtime.bigint();
  const { executionArn } = await sfn.send(
    new StartExecutionCommand({ stateMachineArn, name: id, input: JSON.stringify({ id }) }),
  );
  for (;;) {
    const { status, output } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      const { outcomes } = JSON.parse(output ?? '{}') as { outcomes?: { released?: number } };
      if (outcomes?.released !== objects) throw new Error(`${objects} objects came to ${output}`);
      return seconds;
    }
    if (status !== 'RUNNING') throw new Error(`the run of ${objects} objects is ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** What one copy and one deletion of each object takes, with as many at a time as the run has. */
async function copySeconds(outputs: LocalOutputs, objects: number): Promise<number> {
  const { scannedDataBucketName: Bucket } = outputs;
  const prefix = `plain-${objects}`;
  const s3 = client(outputs);
  await filled(outputs, Bucket, objects, prefix);
  const started = process.hrtime.bigint();
  await many(objects, async (n) => {
    const Key = keyOf(prefix, n);
    await s3.send(new CopyObjectCommand({ Bucket, Key: `copies/${Key}`, CopySource: `${Bucket}/${Key}` }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  });
  return Number(process.hrtime.bigint() - started) / 1e9;
}

async function filled(outputs: LocalOutputs, Bucket: string, objects: number, prefix: string): Promise<void> {
  const s3 = client(outputs);
  await many(objects, async (n) => {
    await s3.send(new PutObjectCommand({ Bucket, Key: keyOf(prefix, n), Body: `row ${n}` }));
  });
}

function client({ emulatorUrl }: LocalOutputs): S3Client {
  return new S3Client({ ...clientSettings(emulatorUrl), forcePathStyle: true });
}

function keyOf(prefix: string, n: number): string {
  return `${prefix}/${n}.csv`;
}

async function many(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

void main();
