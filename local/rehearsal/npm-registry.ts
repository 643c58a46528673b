/** A private npm registry, Verdaccio, on a free port and without a way to any other registry. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Failure } from '../failure';
import { freePort, LOOPBACK } from '../ports';
import { ran } from './programs';
import { server, type Registry } from './server';

const ROOT = join(__dirname, '../..');

export interface NpmRegistry extends Registry {
  /** Environment in which npm publishes to it and installs from it. */
  readonly env: Readonly<Record<string, string>>;
  /** What npm shows to be let in; of this run only. */
  readonly token: string;
}

/** @param folder where packages are kept */
export async function startNpmRegistry(folder: string): Promise<NpmRegistry> {
  const [verdaccio, port] = [await ensureVerdaccio(), await freePort()];
  mkdirSync(folder, { recursive: true });
  // the user is made anew, packages stay
  rmSync(join(folder, 'htpasswd'), { force: true });
  writeFileSync(
    join(folder, 'config.yaml'),
    [
      `storage: ${join(folder, 'storage')}`,
      `auth: { htpasswd: { file: ${join(folder, 'htpasswd')} } }`,
      "packages: { '**': { access: $all, publish: $authenticated } }",
      'log: { type: stdout, level: error }',
      'web: { enable: false }',
    ].join('\n'),
  );
  const url = `http://${LOOPBACK}:${port}/`;
  const program = join(verdaccio, 'node_modules/verdaccio/bin/verdaccio');
  const args = [program, '--config', join(folder, 'config.yaml'), '--listen', `${LOOPBACK}:${port}`];
  const stop = await server('Verdaccio', process.execPath, args, { folder, answers: `${url}-/ping` });
  const token = await tokenOf(url);
  const config = join(folder, 'npmrc');
  writeFileSync(config, `registry=${url}\n//${LOOPBACK}:${port}/:_authToken=${token}\n`, { mode: 0o600 });
  return {
    url,
    token,
    env: { NPM_CONFIG_USERCONFIG: config, npm_config_userconfig: config, npm_config_registry: url },
    stop,
  };
}

/** A user of the registry, made for this run. */
async function tokenOf(url: string): Promise<string> {
  const answer = await fetch(`${url}-/user/org.couchdb.user:publisher`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'publisher', password: 'of-this-run-only' }),
  });
  return ((await answer.json()) as { token: string }).token;
}

/** Folder of Verdaccio, installed from its own lock file when it is missing: it is no package of this project. */
async function ensureVerdaccio(): Promise<string> {
  const folder = join(ROOT, '.local/npm-registry');
  const lock = join(__dirname, 'registries/package-lock.json');
  const stamp = join(folder, 'installed.json');
  if (!existsSync(stamp) || !readFileSync(stamp).equals(readFileSync(lock))) {
    mkdirSync(folder, { recursive: true });
    for (const name of ['package.json', 'package-lock.json'])
      copyFileSync(join(__dirname, 'registries', name), join(folder, name));
    const { code, output } = await ran('npm', ['ci', '--ignore-scripts', '--no-audit'], { cwd: folder });
    if (code !== 0) throw new Failure(`Verdaccio cannot be installed:\n${output.slice(-2000)}`);
    copyFileSync(lock, stamp);
  }
  return folder;
}
