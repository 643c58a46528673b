/** `npm run -s gates`: what stops a change that the document's own gates know nothing of. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { audit } from './gates/audit';
import { type Lock, licencesOf } from './gates/licences';
import { writeSbom } from './gates/sbom';
import { secretsIn } from './gates/secrets';
import { withoutWaived } from './gates/waivers';
import { EXIT, type Finding, lineOf } from './spec/outcome';

const USAGE = `usage: npm run -s gates -- [--offline]

  secrets    no file has one (secretlint)
  licences   every package of the lock file has one of the list (tools/gates/licences.ts)
  audit      no package has a known vulnerability of severity high or critical (npm audit)
  sbom       writes the parts list, dist/sbom/sbom.cdx.json (npm sbom)

  A finding of licences or audit passes until the day that gates-waivers.yaml gives it, and not longer.

  --offline  leaves the audit out, for registries without advisories; the pipeline does not

exit: 0 nothing found; 1 findings; 2 wrong usage, or a gate that could not be run`;

const FOLDER = resolve(__dirname, '..');
const SBOM = 'dist/sbom/sbom.cdx.json';
const WAIVERS = 'gates-waivers.yaml';

function main(): void {
  const { values } = parseArgs({ options: { offline: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const lock = JSON.parse(readFileSync(join(FOLDER, 'package-lock.json'), 'utf8')) as Lock;
  const offline = values.offline === true;
  const found = [...tell('licences', licencesOf(lock)), ...(offline ? [] : tell('audit', audit(FOLDER)))];
  if (offline) console.log('audit: left out (--offline)');
  const today = new Date().toISOString().slice(0, 10);
  const { findings: left, waived } = withoutWaived(found, join(FOLDER, WAIVERS), today, {
    audited: !offline,
  });
  for (const { expires, ...finding } of waived)
    console.log(`${WAIVERS}: until ${expires} ${lineOf(finding)}`);
  const problems = left.filter((finding) => !found.includes(finding));
  const findings = [
    ...tell('secrets', secretsIn(FOLDER)),
    ...(problems.length === 0 ? [] : tell(WAIVERS, problems)),
    ...left,
  ];
  console.log(`sbom: ${writeSbom(FOLDER, join(FOLDER, SBOM))} parts in ${SBOM}`);
  process.exitCode = findings.length === 0 ? EXIT.ok : EXIT.findings;
}

function tell(gate: string, findings: readonly Finding[]): readonly Finding[] {
  console.log(`${gate}: ${findings.length === 0 ? 'nothing found' : findings.length}`);
  for (const finding of findings) console.log(`  ${lineOf(finding)}`);
  return findings;
}

try {
  main();
} catch (error) {
  console.error(`gates: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = EXIT.usage;
}
