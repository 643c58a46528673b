/**
 * Entry of `npm run test:conformance -- [--data <folder>] [--summary <file>]`: runs the public test suites.
 *
 * A folder that is missing is a failure, not a reason to skip.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What the suites read, below the folder. */
const NEEDED = [
  'jwt/wycheproof/json_web_signature_test.json',
  'apigw-events/index.json',
  'cookies/http-state/parser.json',
  'crl/mbedtls/cases.json',
  'oidc/rp-conformance-modules.json',
  'totp/rfc6238-rfc4226.json',
  'openapi/oai-schema-tests/LICENSE',
  'openapi/prism-harness/cases.json',
];

const { values: options } = parseArgs({
  options: { data: { type: 'string' }, summary: { type: 'string' } },
});
const data = options.data === undefined ? join(ROOT, '../shared/conformance') : resolve(options.data);

const missing = NEEDED.find((file) => !existsSync(join(data, file)));
if (missing === undefined) finish(run());
else {
  console.error(`conformance data not found: ${join(data, missing)}; name the folder with --data <folder>`);
  finish({ passed: 0, failed: 1 });
}

function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-conformance-'));
  const report = join(folder, 'report.json');
  const { status } = spawnSync(
    join(ROOT, 'node_modules', '.bin', 'jest'),
    ['--config', join(ROOT, 'test/conformance/jest.config.mjs'), '--json', '--outputFile', report],
    {
      cwd: ROOT,
      // jest writes its JSON to standard output as well as to the file; what people read goes to standard error
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, SALLYPORT_CONFORMANCE: data },
    },
  );
  const counts = existsSync(report)
    ? countsOf(JSON.parse(readFileSync(report, 'utf8')))
    : { passed: 0, failed: 0 };
  rmSync(folder, { recursive: true });
  // a run that died, or ran nothing, has not passed
  const broken = counts.failed === 0 && (status !== 0 || counts.passed === 0);
  return broken ? { ...counts, failed: 1 } : counts;
}

function countsOf({ numPassedTests, numFailedTests, numPendingTests }) {
  return { passed: numPassedTests, failed: numFailedTests + numPendingTests };
}

function finish(counts) {
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  if (options.summary !== undefined) writeFileSync(options.summary, JSON.stringify(counts));
  process.exitCode = counts.failed === 0 ? 0 : 1;
}
