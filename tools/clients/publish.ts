/** Publishes built libraries. A version is published once: the same content again is nothing new, other content is refused. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { run } from '../_kit/run';
import type { Release } from './version';

export type Published = 'published' | 'unchanged';

/** The registry has this version with other content. */
export class VersionTakenError extends Error {
  override readonly name = 'VersionTakenError';

  constructor(name: string, version: string) {
    super(
      `${name} ${version} is published with other content; a version never changes, so raise info.version`,
    );
  }
}

/**
 * Publishes a packed npm package.
 *
 * @param registry address of the registry; who may publish there is the matter of npm's own settings
 * @param file path of the packed package
 * @param env that npm runs in
 * @throws VersionTakenError
 */
export async function publishNpm(
  registry: string,
  file: string,
  { name, version }: Release,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Published> {
  const there = await integrityAt(registry, name, version, env);
  const here = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (there === here) return 'unchanged';
  if (there !== undefined) throw new VersionTakenError(name, version);
  // a pre-release must not become what npm install takes by default
  const tag = version.includes('-') ? 'dev' : 'latest';
  await run('npm', ['publish', file, '--registry', registry, '--tag', tag, '--ignore-scripts'], { env });
  return 'published';
}

/**
 * Asks as npm would, with the credentials it has for the registry.
 *
 * @throws Error when the registry answers neither with the package nor that there is none: then nobody knows what it has
 */
async function integrityAt(
  registry: string,
  name: string,
  version: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const asked = ['view', `${name}@${version}`, 'dist.integrity', '--json', '--prefer-online'];
  try {
    const answer = await run('npm', [...asked, '--registry', registry], { env });
    return answer.trim() === '' ? undefined : (JSON.parse(answer) as string);
  } catch (error) {
    if (error instanceof Error && /\bE404\b/.test(error.message)) return undefined;
    throw error;
  }
}

/**
 * Puts files into a folder that is served as a registry, all or none of them.
 *
 * @param files path in the folder, and the path of what goes there
 * @throws VersionTakenError
 */
function publishFiles(
  folder: string,
  files: Readonly<Record<string, string>>,
  { name, version }: Release,
): Published {
  const there = Object.keys(files).filter((path) => existsSync(join(folder, path)));
  if (there.length > 0) {
    const same = Object.entries(files).every(
      ([path, source]) =>
        there.includes(path) && readFileSync(join(folder, path)).equals(readFileSync(source)),
    );
    if (same) return 'unchanged';
    throw new VersionTakenError(name, version);
  }
  mkdirSync(folder, { recursive: true });
  const draft = mkdtempSync(join(folder, '.draft-'));
  try {
    Object.values(files).forEach((source, index) => {
      copyFileSync(source, join(draft, String(index)));
    });
    Object.keys(files).forEach((path, index) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      renameSync(join(draft, String(index)), join(folder, path));
    });
  } finally {
    rmSync(draft, { recursive: true });
  }
  return 'published';
}

/** Where a Maven repository has the files of a version, without their extension: `group/name/version/name-version`. */
export function mavenPlaceOf({ name, mavenGroup, version }: Release): string {
  return `${mavenGroup.replaceAll('.', '/')}/${name}/${version}/${name}-${version}`;
}

/** A Maven repository in a folder: the jar with its pom. */
export function publishMaven(folder: string, jar: string, pom: string, release: Release): Published {
  const place = mavenPlaceOf(release);
  const sums = mkdtempSync(join(tmpdir(), 'maven-'));
  const files = Object.fromEntries(
    [
      ['jar', jar],
      ['pom', pom],
    ].flatMap(([extension = '', source = '']) => {
      const sum = join(sums, extension);
      // the checksum that every Maven looks for
      writeFileSync(sum, createHash('sha1').update(readFileSync(source)).digest('hex'));
      return [
        [`${place}.${extension}`, source],
        [`${place}.${extension}.sha1`, sum],
      ];
    }),
  ) as Record<string, string>;
  try {
    return publishFiles(folder, files, release);
  } finally {
    rmSync(sums, { recursive: true });
  }
}

/** A Python index in a folder (PEP 503): `simple/<name>/` with the wheels and a page that lists them. */
export function publishPypi(folder: string, wheel: string, release: Release): Published {
  const place = join('simple', release.name);
  const published = publishFiles(folder, { [join(place, basename(wheel))]: wheel }, release);
  const wheels = readdirSync(join(folder, place))
    .filter((name) => name.endsWith('.whl'))
    .sort();
  const links = wheels.map((name) => {
    const sum = createHash('sha256')
      .update(readFileSync(join(folder, place, name)))
      .digest('hex');
    return `<a href="${encodeURIComponent(name)}#sha256=${sum}">${name}</a>`;
  });
  writeFileSync(join(folder, place, 'index.html'), `<!DOCTYPE html>\n${links.join('\n')}\n`);
  return published;
}
