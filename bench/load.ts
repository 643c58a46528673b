/** What a cold start of the front door spends on loading its bundle. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildSync } from 'esbuild';

import { bundleOptions } from '../lib/_kit/bundle';
import { AUTHORIZER_LATE } from '../lib/front-door';
import { median, type Row } from './row';

const ROOT = join(__dirname, '..');
const RUNS = 15;
const GOAL_MS = 20;

/** Milliseconds that one fresh process spends in `require`. */
const MEASURE = `const start = process.hrtime.bigint();
require(process.argv[1]);
process.stdout.write(String(Number(process.hrtime.bigint() - start) / 1e6));`;

interface Bundle {
  readonly file: string;
  readonly bytes: number;
  readonly inputs: readonly string[];
}

export function loadRows(): Row[] {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  const ours = bundle(
    join(folder, 'authorizer.js'),
    `export { handler } from './lambdas/front-door/authorize.handler'`,
    Object.keys(AUTHORIZER_LATE),
  );
  const library = bundle(
    join(folder, 'library.js'),
    `import { CognitoJwtVerifier } from 'aws-jwt-verify'; export const handler = () => CognitoJwtVerifier`,
  );
  const empty = bundle(join(folder, 'empty.js'), 'export const handler = () => 1');
  const times = new Map([ours, library, empty].map(({ file }) => [file, [] as number[]]));
  for (let run = -1; run < RUNS; run += 1) {
    for (const [file, list] of times) {
      const time = Number(execFileSync(process.execPath, ['-e', MEASURE, file], { encoding: 'utf8' }));
      // the first reads the files from the disk
      if (run >= 0) list.push(time);
    }
  }
  rmSync(folder, { recursive: true });
  const time = ({ file }: Bundle): number => median(times.get(file) ?? []);
  const sdk = ours.inputs.filter((input) => /@aws-sdk|@smithy/.test(input));
  const against = (name: string, peer: Bundle): Pick<Row, 'peer' | 'ratio'> => ({
    peer: `${name} ${time(peer).toFixed(1)} ms`,
    ratio: time(ours) / time(peer),
  });
  return [
    {
      what: `load of the authorizer's bundle, ${(ours.bytes / 1_024).toFixed(0)} KiB`,
      ours: `${time(ours).toFixed(1)} ms`,
      ...against('aws-jwt-verify alone', library),
      goal: `≤ ${GOAL_MS} ms`,
      met: time(ours) <= GOAL_MS,
    },
    { what: 'the same', ours: `${time(ours).toFixed(1)} ms`, ...against('empty bundle', empty) },
    {
      what: 'modules of the AWS SDK in it',
      ours: String(sdk.length),
      goal: '0',
      met: sdk.length === 0,
    },
  ];
}

function bundle(file: string, contents: string, late: readonly string[] = []): Bundle {
  const { metafile } = buildSync({
    stdin: { contents, resolveDir: ROOT, loader: 'ts' },
    outfile: file,
    ...bundleOptions(late),
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs);
  return { file, bytes: output?.bytes ?? 0, inputs: Object.keys(metafile.inputs) };
}
