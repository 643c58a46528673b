/** A private npm registry, Verdaccio, on a free port and without a way to any other registry. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort } from '../../local/ports';
import { ensureVerdaccio, temporary } from './commands';

export interface Registry {
  readonly url: string;
  /** Environment in which npm publishes to it and installs from it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export async function startRegistry(): Promise<Registry> {
  const [verdaccio, folder, port] = [await ensureVerdaccio(), temporary(), await freePort()];
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
  const program = join(verdaccio, 'node_modules/verdaccio/bin/verdaccio');
  const url = `http://127.0.0.1:${port}/`;
  const args = [program, '--config', join(folder, 'config.yaml'), '--listen', `127.0.0.1:${port}`];
  const child = spawn(process.execPath, args, { stdio: 'ignore', cwd: folder });
  const ended = new Promise<void>((resolve) =>
    child.on('close', () => {
      resolve();
    }),
  );
  await answers(url, () => child.exitCode !== null);
  const config = join(folder, 'npmrc');
  writeFileSync(config, `registry=${url}\n//127.0.0.1:${port}/:_authToken=${await tokenOf(url)}\n`);
  return {
    url,
    env: { NPM_CONFIG_USERCONFIG: config, npm_config_userconfig: config, npm_config_registry: url },
    stop: async () => {
      child.kill();
      await ended;
    },
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

async function answers(url: string, ended: () => boolean): Promise<void> {
  for (;;) {
    if (ended()) throw new Error('Verdaccio ended before it answered');
    const there = await fetch(`${url}-/ping`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
