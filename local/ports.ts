/** Which ports of this machine the local environment uses, and whether they are free. */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

import { Failure } from './failure';

export interface Ports {
  readonly emulator: number;
  readonly site: number;
  readonly console: number;
  readonly partner: number;
}

/** Everything listens here and nowhere else. */
export const LOOPBACK = '127.0.0.1';

const VARIABLES: Readonly<Record<keyof Ports, { variable: string; standard: number }>> = {
  emulator: { variable: 'SALLYPORT_EMULATOR_PORT', standard: 4566 },
  site: { variable: 'SALLYPORT_SITE_PORT', standard: 8000 },
  console: { variable: 'SALLYPORT_CONSOLE_PORT', standard: 8080 },
  partner: { variable: 'SALLYPORT_PARTNER_PORT', standard: 8443 },
};

/** The ports of the environment variables, or the standard ones. */
export function portsFrom(env: NodeJS.ProcessEnv): Ports {
  const read = (name: keyof Ports): number => {
    const { variable, standard } = VARIABLES[name];
    const text = env[variable];
    if (text === undefined || text === '') return standard;
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new Failure(`${variable} is ${JSON.stringify(text)}; write a port number from 1 to 65535`);
    }
    return port;
  };
  return {
    emulator: read('emulator'),
    site: read('site'),
    console: read('console'),
    partner: read('partner'),
  };
}

/** @throws Failure naming the first of these ports that is taken, by whom, and how to use another */
export async function requireFree(ports: Partial<Ports>): Promise<void> {
  for (const [name, port] of Object.entries(ports) as [keyof Ports, number][]) {
    if (!(await isFree(port))) throw new Failure(portTaken(name, port, ownerOf(port)));
  }
}

export function portTaken(name: keyof Ports, port: number, owner: string | null): string {
  const by = owner === null ? 'another program' : owner;
  return `port ${port} (${name}) is taken by ${by}; stop it, or set ${VARIABLES[name].variable} to a free port`;
}

/** Below the ports that Linux (32768) and macOS (49152) give to outgoing connections, which may take one at any time. */
const LISTENING = { from: 20_000, below: 32_768 } as const;

/** A free port of this machine, for tests that run beside others. */
export async function freePort(): Promise<number> {
  let port: number;
  do port = randomInt(LISTENING.from, LISTENING.below);
  while (!(await isFree(port)));
  return port;
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, LOOPBACK, () =>
      server.close(() => {
        resolve(true);
      }),
    );
  });
}

/** Name and process id of the listener, where lsof is installed and may tell. */
function ownerOf(port: number): string | null {
  const { stdout } = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], {
    encoding: 'utf8',
  });
  return parseOwner(typeof stdout === 'string' ? stdout : '');
}

/** Reads the output of `lsof -Fpc`: a line `p<pid>` and a line `c<command>`. */
export function parseOwner(output: string): string | null {
  const pid = /^p(\d+)$/m.exec(output)?.[1];
  const command = /^c(.+)$/m.exec(output)?.[1];
  return pid === undefined || command === undefined ? null : `${command} (process ${pid})`;
}
