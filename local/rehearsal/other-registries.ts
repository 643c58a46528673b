/** A Maven repository and a Python index on free ports, which ask for the password of the user `aws` as CodeArtifact does. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { dirname, join, sep } from 'node:path';

import type { Say } from '../../tools/_kit/progress';
import { ensurePython } from '../../tools/_kit/python';
import { close, listen } from '../http';
import { freePort, LOOPBACK } from '../ports';
import { server, type Registry } from './server';

const ROOT = join(__dirname, '../..');
const PYPI = { name: 'pypiserver', requirements: join(__dirname, 'registries/pypi.txt') };

/**
 * Keeps what is put into a folder. A file never changes but for Maven's lists of versions, as in CodeArtifact:
 * https://docs.aws.amazon.com/codeartifact/latest/ug/packages-overview.html#package-asset-overwrite
 */
export async function startMavenRepository(folder: string, token: string): Promise<Registry> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const expected = `Basic ${Buffer.from(`aws:${token}`).toString('base64')}`;
  const http = createServer((request, response) => {
    if (request.headers.authorization !== expected)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="rehearsal"' }).end();
    else serveFile(folder, request, response);
  });
  await listen(http, port);
  return { url: `http://${LOOPBACK}:${port}/`, stop: () => close(http) };
}

function serveFile(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const file = join(folder, decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
  if (!file.startsWith(folder + sep)) {
    response.writeHead(400).end();
  } else if (request.method === 'PUT') {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const content = Buffer.concat(chunks);
      const fixed = !/maven-metadata\.xml(\.\w+)?$/.test(file);
      if (fixed && existsSync(file) && !readFileSync(file).equals(content)) {
        response.writeHead(409).end();
        return;
      }
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.draft`, content);
      renameSync(`${file}.draft`, file);
      response.writeHead(201).end();
    });
  } else if (existsSync(file)) {
    createReadStream(file)
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  } else {
    response.writeHead(404).end();
  }
}

/** pypiserver, which refuses a file that it has already. */
export async function startPythonIndex(folder: string, token: string, say: Say): Promise<Registry> {
  const python = await ensurePython(join(ROOT, '.local/python-index'), PYPI, say);
  const packages = join(folder, 'packages');
  mkdirSync(packages, { recursive: true });
  const passwords = join(folder, 'htpasswd');
  const hash = createHash('sha1').update(token).digest('base64');
  writeFileSync(passwords, `aws:{SHA}${hash}\n`, { mode: 0o600 });
  const port = await freePort();
  const url = `http://${LOOPBACK}:${port}/`;
  const args = ['-m', 'pypiserver', 'run', '--port', String(port), '--interface', LOOPBACK];
  const stop = await server(
    'pypiserver',
    python,
    [
      ...args,
      '--passwords',
      passwords,
      '--authenticate',
      'update,list,download',
      '--disable-fallback',
      packages,
    ],
    { folder, answers: `${url}health` },
  );
  return { url, stop };
}
