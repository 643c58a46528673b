/** Publishes to Maven repositories and Python indexes over HTTP, as AWS CodeArtifact has them. A version is published once. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { mavenPlaceOf, type Published, VersionTakenError } from './publish';
import { run } from '../_kit/run';
import type { Release } from './version';

/** CodeArtifact's own: https://docs.aws.amazon.com/codeartifact/latest/ug/tokens-authentication.html */
const USER = 'aws';
const DEPLOY = 'org.apache.maven.plugins:maven-deploy-plugin:3.1.4:deploy-file';
const SECONDS = 60;

/**
 * Publishes a jar and its pom by Maven's own command, which also keeps the list of versions.
 *
 * @param address of the repository
 * @param token password of the user `aws`; asks without credentials where there is none
 * @throws VersionTakenError
 */
export async function uploadMaven(
  address: string,
  jar: string,
  pom: string,
  release: Release,
  token: string | undefined,
): Promise<Published> {
  const base = withoutSlash(address);
  const place = mavenPlaceOf(release);
  const there = await Promise.all(
    [jar, pom].map(async (file) => {
      const content = await contentAt(`${base}/${place}.${file === jar ? 'jar' : 'pom'}`, token);
      return content?.equals(readFileSync(file));
    }),
  );
  if (there.includes(false)) throw new VersionTakenError(release.name, release.version);
  if (there.every((same) => same === true)) return 'unchanged';

  const folder = mkdtempSync(join(tmpdir(), 'maven-settings-'));
  try {
    const settings = join(folder, 'settings.xml');
    // Maven reads the token from the variable, so that it is in no file and no argument
    const server = `<id>clients</id><username>${USER}</username><password>\${env.CODEARTIFACT_AUTH_TOKEN}</password>`;
    const servers = token === undefined ? '' : `<servers><server>${server}</server></servers>`;
    writeFileSync(settings, `<settings>${servers}</settings>\n`);
    const what = [`-Dfile=${jar}`, `-DpomFile=${pom}`, '-DgeneratePom=false'];
    const where = ['-DrepositoryId=clients', `-Durl=${base}/`];
    await run('mvn', ['-q', '-B', '-s', settings, DEPLOY, ...what, ...where], {
      env: { ...process.env, ...(token === undefined ? {} : { CODEARTIFACT_AUTH_TOKEN: token }) },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
  return 'published';
}

/**
 * Publishes a wheel: https://docs.pypi.org/api/upload/
 *
 * @param address of the index, below which is `simple/`
 * @param token password of the user `aws`; asks without credentials where there is none
 * @throws VersionTakenError
 */
export async function uploadPypi(
  address: string,
  wheel: string,
  release: Release,
  token: string | undefined,
): Promise<Published> {
  const base = withoutSlash(address);
  const content = readFileSync(wheel);
  const page = `${base}/simple/${release.name}/`;
  const link = linkTo(basename(wheel), (await contentAt(page, token))?.toString() ?? '');
  if (link !== undefined) {
    const there = await contentAt(new URL(link, page).href, token);
    if (there?.equals(content) === true) return 'unchanged';
    throw new VersionTakenError(release.name, release.version);
  }
  const form = new FormData();
  const fields = {
    ':action': 'file_upload',
    protocol_version: '1',
    metadata_version: '2.1',
    name: release.name,
    version: release.pythonVersion,
    filetype: 'bdist_wheel',
    pyversion: 'py3',
    sha256_digest: createHash('sha256').update(content).digest('hex'),
  };
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('content', new Blob([content]), basename(wheel));
  const answer = await asked(`${base}/`, token, { method: 'POST', body: form });
  // somebody else has published it in the meantime
  if (answer.status === 409) throw new VersionTakenError(release.name, release.version);
  if (!answer.ok) throw new Error(`${base} answers ${answer.status} to the wheel: ${await answer.text()}`);
  return 'published';
}

/** Link of a file in the page of a package: https://peps.python.org/pep-0503/ */
function linkTo(file: string, page: string): string | undefined {
  const links = [...page.matchAll(/<a\s[^>]*?href="([^"]+)"[^>]*>([^<]*)</g)];
  return links.find(([, , name]) => name?.trim() === file)?.[1]?.replaceAll('&amp;', '&');
}

/** @throws Error when the registry answers neither with the file nor that there is none: then nobody knows what it has */
async function contentAt(url: string, token: string | undefined): Promise<Buffer | undefined> {
  const answer = await asked(url, token, {});
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

function asked(url: string, token: string | undefined, init: RequestInit): Promise<Response> {
  const basic = Buffer.from(`${USER}:${token ?? ''}`).toString('base64');
  return fetch(url, {
    ...init,
    ...(token === undefined ? {} : { headers: { authorization: `Basic ${basic}` } }),
    signal: AbortSignal.timeout(SECONDS * 1000),
  });
}

function withoutSlash(address: string): string {
  return address.replace(/\/+$/, '');
}
