/**
 * `npx tsx bench/crl.ts [file]`: compiles lists of 1M, 5M and 10M entries against `openssl crl`, and of 1,500 against
 * pkijs, looks serials up, and runs the whole check of a certificate.
 *
 * Every compile is a process of its own, bundled as the Lambda functions are, into a folder that is not there yet;
 * contestants take turns. Writes its table to bench/results-crl.md, or to the file.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildSync } from 'esbuild';

import { IndexView } from '../lambdas/mtls/core/lookup';
import { readManifest, type Manifest } from '../lambdas/mtls/core/manifest';
import { checkRow } from './crl-check';
import { writeIssuer, writeList, type Serials } from './crl-lists';
import { lookupRow, memoryRow } from './crl-lookup';
import type { Parts } from './crl-parts';
import { pkijsRows } from './crl-pkijs';
import type { Small } from './crl-small';
import { median, pageOf, type Row } from './row';

const RUNS = 5;
const MEGABYTE = 1e6;

interface Measured {
  readonly ms: number;
  /** Peak resident set. */
  readonly megabytes: number;
}

const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-crl-'));
const issuer = join(folder, 'ca.pem');
const bundle = join(folder, 'crl.cjs');
const coreBundle = join(folder, 'core.cjs');
const partsBundle = join(folder, 'parts.cjs');
const smallBundle = join(folder, 'small.cjs');
/** Of what this shell has set nothing: certificates that Node.js is told to read, say, take it twice as long to start. */
const env = { PATH: process.env['PATH'] };

/** Wall clock and peak memory of a process, as its parent is told them by the kernel. */
function measure(...command: readonly string[]): Measured {
  const script = `import resource,subprocess,sys,time
t=time.perf_counter();p=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.PIPE)
print(p.returncode,(time.perf_counter()-t)*1000,resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss/1000)
sys.stderr.write(p.stderr.decode())`;
  const { stdout, stderr } = spawnSync('python3', ['-c', script, ...command], { encoding: 'utf8', env });
  const [status, ms = NaN, megabytes = NaN] = stdout.trim().split(' ').map(Number);
  if (status !== 0) throw new Error(`${command.join(' ')} failed: ${stderr}`);
  return { ms, megabytes };
}

function medians(runs: readonly Measured[]): Measured {
  return { ms: median(runs.map(({ ms }) => ms)), megabytes: median(runs.map(({ megabytes }) => megabytes)) };
}

function compile(list: string, out: string): Measured {
  rmSync(out, { recursive: true, force: true });
  return measure(process.execPath, bundle, 'compile', list, '--issuer', issuer, '--out', out);
}

function openssl(list: string): Measured {
  return measure('openssl', 'crl', '-in', list, '-inform', 'DER', '-CAfile', issuer, '-noout');
}

/** What a child measured in a new process of its own. */
function child(program: string, ...parameters: readonly string[]): unknown {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...parameters], {
    encoding: 'utf8',
    env,
  });
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')} failed: ${stderr}`);
  return JSON.parse(stdout);
}

/** Milliseconds of reading and SHA-256 of a list, and of its compilation; see crl-core.ts. */
function core(list: string): { floor: number; compile: number } {
  return child(coreBundle, list, issuer) as ReturnType<typeof core>;
}

/** Where the time of a compilation goes; see crl-parts.ts. */
function partsRow(label: string, list: string): Row {
  const runs = Array.from({ length: RUNS }, () => child(partsBundle, list) as Parts);
  const of = (part: keyof Parts): string => `${part} ${median(runs.map((run) => run[part])).toFixed(0)}`;
  const parts = ['read', 'hash', 'walk and store', 'sort', 'filter', 'hash of the index'] as const;
  return { what: `${label}, parts by themselves in ms`, ours: parts.map(of).join(', ') };
}

function compileRows(entries: number, goal: { ratio?: number; floor?: number }): Row[] {
  const lists = (['random', 'sequential'] as const).map((serials): [Serials, string] => {
    const file = join(folder, `${serials}-${entries}.crl`);
    writeList(file, entries, serials);
    return [serials, file];
  });
  const [[, random] = ['', ''], [, sequential] = ['', '']] = lists;
  const out = join(folder, `out-${entries}`);
  const ours: Measured[] = [];
  const inOrder: Measured[] = [];
  const theirs: Measured[] = [];
  const cores: ReturnType<typeof core>[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    ours.push(compile(random, out));
    theirs.push(openssl(random));
    inOrder.push(compile(sequential, `${out}-sequential`));
    cores.push(core(random));
  }
  const [our, their, order] = [medians(ours), medians(theirs), medians(inOrder)];
  const floor = median(cores.map((run) => run.floor));
  const inProcess = median(cores.map((run) => run.compile));
  const size = (statSync(random).size / MEGABYTE).toFixed(0);
  const ratio = our.ms / their.ms;
  const memory = our.megabytes / their.megabytes;
  const overFloor = inProcess / floor;
  const label = `${entries / MEGABYTE}M entries (${size} MB)`;
  const bound = goal.ratio;
  const above = goal.floor;
  return [
    {
      what: `compile ${label}, whole process`,
      ours: `${our.ms.toFixed(0)} ms`,
      peer: `openssl crl, verify only ${their.ms.toFixed(0)} ms`,
      ratio,
      ...(bound === undefined ? {} : { goal: `≤ ${bound} ×`, met: ratio <= bound }),
    },
    {
      what: 'the same, peak memory',
      ours: `${our.megabytes.toFixed(0)} MB`,
      peer: `openssl crl ${their.megabytes.toFixed(0)} MB`,
      ratio: memory,
      ...(bound === undefined ? {} : { goal: `≤ ${bound} ×`, met: memory <= bound }),
    },
    {
      what: 'the same in process: read, verified, indexed, not written',
      ours: `${inProcess.toFixed(0)} ms`,
      peer: `read and SHA-256 ${floor.toFixed(0)} ms`,
      ratio: overFloor,
      ...(above === undefined ? {} : { goal: `≤ ${above} ×`, met: overFloor <= above }),
    },
    partsRow(label, random),
    {
      what: `compile ${entries / MEGABYTE}M sequential serials`,
      ours: `${order.ms.toFixed(0)} ms`,
      peer: `random serials ${our.ms.toFixed(0)} ms`,
      ratio: order.ms / our.ms,
      goal: '≤ 1.5 ×',
      met: order.ms <= 1.5 * our.ms,
    },
  ];
}

function lookupRows(entries: number): Row[] {
  const out = join(folder, `out-${entries}`);
  const file = readdirSync(out).find((candidate) => candidate.endsWith('.cache.json')) ?? '';
  const manifest = readManifest(readFileSync(join(out, file), 'utf8'));
  const { resident, key } = manifest.index;
  const indexFile = join(out, 'indexes', `${key}.idx`);
  const load = (length: number): IndexView => {
    const bytes = Buffer.allocUnsafeSlow(length);
    readSync(openSync(indexFile, 'r'), bytes, 0, length, 0);
    return new IndexView(bytes);
  };
  const timeOf = (work: () => unknown): number =>
    median(
      Array.from({ length: 15 }, () => {
        const started = process.hrtime.bigint();
        work();
        return Number(process.hrtime.bigint() - started) / 1e6;
      }),
    );
  const whole = timeOf(() => {
    const bytes = readFileSync(indexFile);
    if (createHash('sha256').update(bytes).digest('hex') !== key) throw new Error('another index');
    return new IndexView(bytes);
  });
  const view = load(resident.serials);
  const cold = timeOf(() => load(resident.serials));
  const size = resident.serials / MEGABYTE;
  return [
    {
      what: `cold load of ${entries / MEGABYTE}M whole, its SHA-256 checked`,
      ours: `${whole.toFixed(1)} ms, ${(manifest.index.size / MEGABYTE).toFixed(1)} MB`,
    },
    {
      what: `cold load of ${entries / MEGABYTE}M, every serial and no dates in memory`,
      ours: `${cold.toFixed(1)} ms`,
      goal: '≤ 15 ms',
      met: cold <= 15,
    },
    { what: 'the same, memory', ours: `${size.toFixed(1)} MB`, goal: '≤ 20 MB', met: size <= 20 },
    { what: 'ranged reads, filter in memory', ours: `${(resident.filter / MEGABYTE).toFixed(2)} MB` },
    { what: 'ranged reads, directory alone in memory', ours: `${resident.directory} bytes` },
    memoryRow(resident.serials),
    lookupRow('good', view, manifest.issuer.hash),
    lookupRow('revoked', view, manifest.issuer.hash),
  ];
}

/** The largest list that is to fit a function of 1 GB. */
function largest(): Row[] {
  const list = join(folder, 'largest.crl');
  writeList(list, 10_000_000, 'random');
  const runs = Array.from({ length: 3 }, () => compile(list, join(folder, 'out-largest')));
  rmSync(list);
  const { ms, megabytes } = medians(runs);
  return [
    {
      what: 'compile 10M entries (440 MB), whole process, peak memory',
      ours: `${megabytes.toFixed(0)} MB (${ms.toFixed(0)} ms)`,
      goal: '≤ 1,000 MB',
      met: megabytes <= 1000,
    },
  ];
}

/** What the published sample keeps: every serial as hexadecimal text in a JSON file, read into a Set. */
function referenceCacheRows(entries: number): Row[] {
  const out = join(folder, `out-${entries}`);
  const [manifest, bytes] = compiledIn(out);
  const { resident, key } = manifest.index;
  const script = join(folder, 'reference.cjs');
  const cache = join(folder, 'reference.json');
  const serials: string[] = [];
  new IndexView(bytes).forEach((source, at, length) => {
    serials.push(Buffer.from(source.subarray(at, at + length)).toString('hex'));
  });
  writeFileSync(cache, JSON.stringify(serials));
  writeFileSync(
    script,
    `const before = process.memoryUsage().rss; const started = process.hrtime.bigint();
     const set = new Set(JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8')));
     const ms = Number(process.hrtime.bigint() - started) / 1e6; global.gc();
     console.log(JSON.stringify({ ms, megabytes: (process.memoryUsage().rss - before) / 1e6, size: set.size }));`,
  );
  const runs = Array.from({ length: RUNS }, () => {
    const { stdout } = spawnSync(process.execPath, ['--expose-gc', script, cache], { encoding: 'utf8' });
    return JSON.parse(stdout) as Measured;
  });
  const theirs = medians(runs);
  const loads = Array.from({ length: 15 }, () => loadOf(out, key, resident.serials));
  const ours = median(loads);
  return [
    {
      what: `load ${entries / MEGABYTE}M`,
      ours: `${ours.toFixed(1)} ms`,
      peer: `JSON file into a Set ${theirs.ms.toFixed(0)} ms`,
      ratio: ours / theirs.ms,
    },
    {
      what: 'the same, memory',
      ours: `${(resident.serials / MEGABYTE).toFixed(1)} MB`,
      peer: `JSON file into a Set ${theirs.megabytes.toFixed(0)} MB`,
      ratio: resident.serials / MEGABYTE / theirs.megabytes,
    },
  ];
}

function loadOf(out: string, key: string, length: number): number {
  const started = process.hrtime.bigint();
  const bytes = Buffer.allocUnsafeSlow(length);
  const file = openSync(join(out, 'indexes', `${key}.idx`), 'r');
  readSync(file, bytes, 0, length, 0);
  closeSync(file);
  new IndexView(bytes);
  return Number(process.hrtime.bigint() - started) / 1e6;
}

/** What a check holds of an index that it reads by range, where not even the filter fits its limit. */
function rangeModeRow(): Row {
  const [small = NaN, large = NaN] = [1_000_000, 5_000_000].map(
    (entries) => manifestsOf(join(folder, `out-${entries}`))[0]?.index.resident.directory,
  );
  return {
    what: 'ranged reads of 5M, directory alone in memory',
    ours: `${large} bytes`,
    peer: `1M ${small} bytes`,
    ratio: large / small,
    goal: '≤ 1 ×',
    met: large <= small,
  };
}

function compiledIn(out: string): readonly [Manifest, Uint8Array] {
  const [manifest] = manifestsOf(out);
  if (manifest === undefined) throw new Error('nothing was compiled');
  return [manifest, readFileSync(join(out, 'indexes', `${manifest.index.key}.idx`))];
}

function manifestsOf(out: string): Manifest[] {
  return readdirSync(out)
    .filter((name) => name.endsWith('.cache.json'))
    .map((name) => readManifest(readFileSync(join(out, name), 'utf8')));
}

async function main(): Promise<void> {
  for (const [entry, outfile] of [
    ['../tools/crl.ts', bundle],
    ['crl-core.ts', coreBundle],
    ['crl-parts.ts', partsBundle],
    ['crl-small.ts', smallBundle],
  ] as const) {
    buildSync({
      entryPoints: [join(__dirname, entry)],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      minify: true,
      keepNames: true,
    });
  }
  writeIssuer(issuer);
  const start = median(Array.from({ length: RUNS }, () => measure(process.execPath, '-e', '0').ms));
  const rows = [
    { what: 'start of Node.js, part of every whole process', ours: `${start.toFixed(0)} ms` },
    ...compileRows(1_000_000, { ratio: 0.3 }),
    ...lookupRows(1_000_000),
    ...referenceCacheRows(1_000_000),
    await checkRow('1M', ...compiledIn(join(folder, 'out-1000000'))),
    ...compileRows(5_000_000, { floor: 4 }),
    rangeModeRow(),
    ...largest(),
    ...pkijsRows(folder, (list) => child(smallBundle, list, issuer) as Small),
  ];
  rmSync(folder, { recursive: true });
  const how = `Medians of ${RUNS} runs in turn; files in the page cache.`;
  const page = pageOf('npx tsx bench/crl.ts', how, rows);
  writeFileSync(process.argv[2] ?? join(__dirname, 'results-crl.md'), page);
  console.log(page);
}

void main();
