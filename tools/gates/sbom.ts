/** The parts list (CycloneDX 1.5) of everything in the lock file, made by npm itself. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { ended } from './program';

/**
 * @param file where it goes
 * @returns number of parts
 * @throws Error when npm cannot make it
 */
export function writeSbom(folder: string, file: string): number {
  const { code, out, err } = ended(
    'npm',
    ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'],
    folder,
  );
  if (code !== 0) throw new Error(`npm sbom failed (${code}): ${err.slice(-1000)}`);
  const { components } = JSON.parse(out) as { components: unknown[] };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, out);
  return components.length;
}
