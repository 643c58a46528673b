/** Entry of `npm test`: installs what is missing, runs every kind of check, ends with one summary. */
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { ensurePackages } from '../local/install.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const REPORTS = join(ROOT, '.local', 'test-reports');

const { values: options } = parseArgs({
  options: { 'no-e2e': { type: 'boolean' }, long: { type: 'boolean' }, summary: { type: 'string' } },
});

ensurePackages();

const jest = (config, ...args) => ({ command: ['jest', '--config', config, ...args], counted: true });
const STEPS = {
  generate: { command: ['tsx', 'tools/generate.ts'] },
  lint: { command: ['eslint', '.', '--max-warnings', '0'] },
  document: { command: ['tsx', 'tools/spec.ts', 'lint'] },
  format: { command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  types: { command: ['tsc', '--noEmit'] },
  'types web': { command: ['tsc', '--noEmit', '--project', 'web'] },
  unit: jest('jest.config.mjs', '--testPathIgnorePatterns', '\\.(synth|e2e)\\.test\\.ts$'),
  synth: jest('jest.config.mjs', '--testPathPatterns', 'synth\\.test\\.ts$'),
  'build web': { command: ['vite', 'build', '--config', 'web/vite.config.mjs', '--logLevel', 'warn'] },
  browser: { command: ['tsx', 'test/ensure-browser.ts'] },
  // --long adds the Java and Python clients here
  e2e: jest('jest.e2e.config.mjs'),
};
/**
 * What runs after what; lanes of one line run beside each other, since the tests wait for real deadlines now and then.
 * What a lane writes beside the tests is shown when its step has ended.
 */
const ORDER = [
  [['generate']],
  [
    ['unit', 'synth'],
    ['lint', 'document', 'format', 'types', 'types web'],
  ],
  [['build web', ...(options['no-e2e'] ? [] : ['browser', 'e2e'])]],
];

const results = [];
for (const folder of [REPORTS, join(ROOT, '.local', 'test-bundles')])
  rmSync(folder, { recursive: true, force: true });
mkdirSync(REPORTS, { recursive: true });
for (const lanes of ORDER)
  await Promise.all(
    lanes.map(async (names, lane) => {
      for (const name of names) await run(name, lane > 0);
    }),
  );

console.log('\n== summary');
for (const { name, passed, failed, seconds } of results) {
  console.log(
    `${name.padEnd(9)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${seconds.toFixed(0).padStart(5)} s`,
  );
}
if (options['no-e2e']) console.log('e2e       not run (--no-e2e)');
const total = { passed: sum('passed'), failed: sum('failed') };
console.log(`${total.passed} passed, ${total.failed} failed`);
if (options.summary) writeFileSync(options.summary, JSON.stringify(total));
process.exitCode = total.failed === 0 ? 0 : 1;

/** @param beside whether another lane is writing as well */
async function run(name, beside) {
  const { command, counted } = STEPS[name];
  if (!beside) console.log(`\n== ${name}`);
  const started = Date.now();
  const report = join(REPORTS, `${name}.json`);
  const [program, ...args] = command;
  const output = beside ? 'pipe' : 'inherit';
  const child = spawn(
    join(ROOT, 'node_modules', '.bin', program),
    counted ? [...args, '--json', '--outputFile', report] : args,
    {
      cwd: ROOT,
      // jest writes its JSON to standard output as well as to the file; what people read goes to standard error
      stdio: ['ignore', counted ? 'ignore' : output, output],
      env: { ...process.env, ...(options.long ? { SALLYPORT_LONG: '1' } : {}) },
    },
  );
  const written = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => written.push(chunk));
  const succeeded = await new Promise((resolve) => {
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
  if (beside) process.stderr.write(`\n== ${name}\n${Buffer.concat(written).toString()}`);
  results.push({
    name,
    ...countsOf(succeeded, counted ? report : undefined),
    seconds: (Date.now() - started) / 1000,
  });
}

/** A step that is no test run counts as one check; one that died without a report, or ran nothing, has failed. */
function countsOf(succeeded, report) {
  if (report === undefined) return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1 };
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  const failed = numFailedTests + numPendingTests;
  const broken = failed === 0 && (!succeeded || numPassedTests === 0) ? Math.max(1, numFailedTestSuites) : 0;
  return { passed: numPassedTests, failed: failed + broken };
}

function sum(key) {
  return results.reduce((total, result) => total + result[key], 0);
}
