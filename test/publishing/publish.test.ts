/** PIPE-02 with folders; with an npm registry in typescript-client.e2e.test.ts. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { publishMaven, publishNpm, publishPypi, VersionTakenError } from '../../tools/clients/publish';
import { releaseOf } from '../../tools/clients/version';
import { documentOf } from './documents';

const release = releaseOf(documentOf({ version: '1.2.3' }), undefined);

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'publish-'));
}

function file(name: string, content: string): string {
  const path = join(folder(), name);
  writeFileSync(path, content);
  return path;
}

describe('PIPE-02 a version is published once', () => {
  it('in a Maven repository: the same again is nothing new, other content is refused', () => {
    const to = folder();
    const [jar, pom] = [file('a.jar', 'jar'), file('a.pom', 'pom')];
    const place = join(to, 'io/sallyport/clients/t-client/1.2.3');

    expect(publishMaven(to, jar, pom, release)).toBe('published');
    expect(publishMaven(to, jar, pom, release)).toBe('unchanged');
    expect(() => publishMaven(to, file('a.jar', 'other'), pom, release)).toThrow(VersionTakenError);
    expect(() => publishMaven(to, jar, file('a.pom', 'other'), release)).toThrow(VersionTakenError);
    expect(readdirSync(place).sort()).toEqual(
      ['jar', 'jar.sha1', 'pom', 'pom.sha1'].map((extension) => `t-client-1.2.3.${extension}`),
    );
    expect(readFileSync(join(place, 't-client-1.2.3.jar'), 'utf8')).toBe('jar');
  });

  it('in a Python index: the same again is nothing new, other content is refused, versions stand side by side', () => {
    const to = folder();
    const next = { ...release, version: '1.2.4', pythonVersion: '1.2.4' };

    expect(publishPypi(to, file('t_client-1.2.3-py3-none-any.whl', 'a'), release)).toBe('published');
    expect(publishPypi(to, file('t_client-1.2.3-py3-none-any.whl', 'a'), release)).toBe('unchanged');
    expect(() => publishPypi(to, file('t_client-1.2.3-py3-none-any.whl', 'b'), release)).toThrow(
      VersionTakenError,
    );
    expect(publishPypi(to, file('t_client-1.2.4-py3-none-any.whl', 'b'), next)).toBe('published');
    expect(
      readFileSync(join(to, 'simple/t-client/index.html'), 'utf8').match(/<a href="[^"]+#sha256=/g),
    ).toHaveLength(2);
  });
});

describe('PIPE-02 a version is published once, in an npm registry that asks who is calling', () => {
  const packed = file('t-client-1.2.3.tgz', 'packed');
  const integrity = `sha512-${createHash('sha512').update('packed').digest('base64')}`;
  const registry = createServer((request, response) => {
    if (request.headers.authorization !== 'Bearer of-the-step') response.writeHead(401).end('{}');
    else if (request.url !== '/t-client') response.writeHead(404).end('{}');
    else
      response.end(
        JSON.stringify({
          name: 't-client',
          'dist-tags': { latest: '1.2.3' },
          versions: { '1.2.3': { name: 't-client', version: '1.2.3', dist: { integrity } } },
        }),
      );
  });

  beforeAll(async () => {
    await once(registry.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => {
    registry.close();
  });

  const publish = (token: string, content = packed): Promise<string> => {
    const { port } = registry.address() as AddressInfo;
    const npm_config_userconfig = file('npmrc', `//127.0.0.1:${port}/:_authToken=${token}\n`);
    const env = { ...process.env, npm_config_userconfig };
    return publishNpm(`http://127.0.0.1:${port}/`, content, release, env);
  };

  it('the same again is nothing new, other content is refused', async () => {
    await expect(publish('of-the-step')).resolves.toBe('unchanged');
    await expect(publish('of-the-step', file('t-client-1.2.3.tgz', 'other'))).rejects.toThrow(
      VersionTakenError,
    );
  });

  it('without credentials nobody knows what is there, and nothing is published', async () => {
    await expect(publish('of-nobody')).rejects.toThrow(/npm view failed.*E401/s);
  });
});

describe('the version of a client', () => {
  it('is that of the document; before the release it names the commit', () => {
    expect(release).toMatchObject({ name: 't-client', version: '1.2.3', pythonVersion: '1.2.3' });
    expect(releaseOf(documentOf(), '0123456')).toMatchObject({
      version: '1.0.0-dev.g0123456',
      // 0x123456
      pythonVersion: '1.0.0.dev1193046',
    });
  });

  it.each([
    ['1.0', undefined],
    ['1.0.0-SNAPSHOT', undefined],
    ['1.0.0', 'HEAD'],
    ['1.0.0', '123'],
  ])('is refused: %s %s', (version, revision) => {
    expect(() => releaseOf(documentOf({ version }), revision)).toThrow();
  });
});
