/** Licences of every package of the lock file against the list of those this project may be built from. */
import type { Finding } from '../spec/outcome';

/** Of what is deployed or published: asks for no more than the notice. */
const DEPLOYED = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Python-2.0',
];
/** Of tools that run here and reach nobody: also those that bind changes of the tool itself. */
const TOOLS = [
  ...DEPLOYED,
  'Artistic-2.0',
  'CC-BY-3.0',
  'CC-BY-4.0',
  'CC0-1.0',
  'MPL-2.0',
  'PSF-2.0',
  'WTFPL',
];

/** The part of package-lock.json (lockfileVersion 3) that is read. */
export interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly license?: string; readonly dev?: boolean }>
  >;
}

/** A package without a licence is refused like one with the wrong one: nobody may use it. */
export function licencesOf({ packages }: Lock): Finding[] {
  return Object.entries(packages).flatMap(([path, { version, license, dev }]) => {
    // the project itself
    if (path === '') return [];
    const allowed = dev === true ? TOOLS : DEPLOYED;
    if (license !== undefined && satisfied(license, allowed)) return [];
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const kind = dev === true ? 'a tool' : 'a package that is deployed';
    return [
      {
        rule: 'licence',
        place: `${name}@${version ?? '?'}`,
        reason: `${license ?? 'no licence'} is not on the list for ${kind}: replace it, or add the licence to tools/gates/licences.ts`,
      },
    ];
  });
}

/** SPDX expressions (SPDX 2.3 annex D) as npm packages have them: names joined by either AND or OR, nothing nested. */
function satisfied(expression: string, allowed: readonly string[]): boolean {
  const flat = expression.replace(/^\((.*)\)$/, '$1');
  const isAllowed = (name: string): boolean => allowed.includes(name);
  return flat.includes(' OR ') ? flat.split(' OR ').some(isAllowed) : flat.split(' AND ').every(isAllowed);
}
