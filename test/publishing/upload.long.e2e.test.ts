/** Publishing over HTTP as to CodeArtifact: to a Maven repository by Maven itself, and to pypiserver. Both ask for a password. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startMavenRepository, startPythonIndex } from '../../local/rehearsal/other-registries';
import type { Registry } from '../../local/rehearsal/server';
import { VersionTakenError } from '../../tools/clients/publish';
import { uploadMaven, uploadPypi } from '../../tools/clients/upload';
import { releaseOf } from '../../tools/clients/version';
import { ran, temporary } from './commands';
import { documentOf } from './documents';

jest.setTimeout(300_000);

const release = releaseOf(documentOf({ version: '1.2.3' }), undefined);
const next = { ...release, version: '1.2.4', pythonVersion: '1.2.4' };
const token: string = randomUUID();

function file(name: string, content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'upload-')), name);
  writeFileSync(path, content);
  return path;
}

describe('PIPE-02 in a Maven repository', () => {
  const folder = join(temporary(), 'maven');
  let repository: Registry;
  const { name, mavenGroup } = release;
  const pomOf = ({ version }: typeof release): string =>
    file(
      'a.pom',
      `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>${mavenGroup}</groupId><artifactId>${name}</artifactId><version>${version}</version></project>`,
    );
  const pom = pomOf(release);
  const upload = (content: string, of = release, by = token): Promise<string> =>
    uploadMaven(repository.url, file('a.jar', content), of === release ? pom : pomOf(of), of, by);

  beforeAll(async () => {
    repository = await startMavenRepository(folder, token);
  });
  afterAll(() => repository.stop());

  it('a version is published once: the same again is nothing new, other content is refused', async () => {
    await expect(upload('jar')).resolves.toBe('published');
    await expect(upload('jar')).resolves.toBe('unchanged');
    await expect(upload('other')).rejects.toThrow(VersionTakenError);
    await expect(upload('other', next)).resolves.toBe('published');

    const place = join(folder, 'io/sallyport/clients/t-client');
    expect(readFileSync(join(place, '1.2.3/t-client-1.2.3.jar'), 'utf8')).toBe('jar');
    expect(readFileSync(join(place, 'maven-metadata.xml'), 'utf8')).toMatch(/1\.2\.3[^]*1\.2\.4/);
    expect(existsSync(join(place, '1.2.3/t-client-1.2.3.pom.sha1'))).toBe(true);
  });

  it('nothing is published without the password, and nobody knows what is there', async () => {
    const other = { ...release, version: '2.0.0' };

    await expect(upload('jar', other, 'wrong')).rejects.toThrow(/answers 401/);
    expect(existsSync(join(folder, 'io/sallyport/clients/t-client/2.0.0'))).toBe(false);
  });
});

describe('PIPE-02 in a Python index', () => {
  let index: Registry;
  const upload = (content: string, of = release, by = token): Promise<string> =>
    uploadPypi(index.url, file(`t_client-${of.pythonVersion}-py3-none-any.whl`, content), of, by);

  beforeAll(async () => {
    index = await startPythonIndex(join(temporary(), 'index'), token, () => undefined);
  });
  afterAll(() => index.stop());

  it('a version is published once: the same again is nothing new, other content is refused', async () => {
    const before = releaseOf(documentOf({ version: '1.2.3' }), '0123456');

    await expect(upload('a')).resolves.toBe('published');
    await expect(upload('a')).resolves.toBe('unchanged');
    await expect(upload('b')).rejects.toThrow(VersionTakenError);
    await expect(upload('b', next)).resolves.toBe('published');
    await expect(upload('b', before)).resolves.toBe('published');

    const to = new URL(index.url);
    [to.username, to.password] = ['aws', token];
    const { out } = await ran('python3', [
      ...['-m', 'pip', 'index', 'versions', 't-client', '--index-url', `${to.href}simple/`],
    ]);
    // a pre-release is for those who ask for it
    expect(out).toContain('Available versions: 1.2.4, 1.2.3\n');
  });

  it('nothing is published without the password, and nobody knows what is there', async () => {
    await expect(
      upload('a', { ...release, version: '2.0.0', pythonVersion: '2.0.0' }, 'wrong'),
    ).rejects.toThrow(/answers 403/);
  });
});
