/** One running local environment: emulator, deployed stacks, users, listeners. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import { join, resolve } from 'node:path';

import { step, type Say } from '../tools/_kit/progress';
import { ensurePython } from '../tools/_kit/python';
import { authority } from './ca';
import { localConsole } from './console';
import { deploy } from './deploy';
import { edge, type EdgeOptions } from './edge';
import { EMULATOR_PACKAGES, logTail, startEmulator, stopLeftover, type Emulator } from './emulator';
import { close, listen } from './http';
import { localOutputs, parseStackOutputs, writeOutputs, type LocalOutputs } from './outputs';
import { macieStandIn } from './macie';
import { ensureMailDomain } from './mail-domain';
import { partnerListener } from './partner';
import { ensureCertificates, publishList, readTrustStore } from './partners';
import { freePort, LOOPBACK, requireFree, type Ports } from './ports';
import { ensureUsers } from './users';
import { ensureDocs, ensureWeb } from './web';

interface LocalOptions {
  /** Folder for everything this instance keeps. */
  readonly home: string;
  readonly ports: Ports;
  readonly say: Say;
  /** An emulator that runs already and is left running. @default one of its own */
  readonly endpoint?: string;
  /** Where the emulator is installed, so that several instances share it. @default `venv` in the home folder */
  readonly venv?: string;
  /** Serves the site over TLS, with a certificate of the local authority. @default plain HTTP on localhost */
  readonly tls?: boolean;
  /** Folder of a web app that is built already. @default the one of this project, built where it is not or is old */
  readonly webFolder?: string;
  /** Ends the start when it fires; what was started is stopped. */
  readonly signal?: AbortSignal;
}

export interface RunningLocal {
  readonly outputs: LocalOutputs;
  /** With this a listener may hand client certificates to the emulator; never written anywhere. */
  readonly partnerSecret: string;
  /** Ends everything that was started; state is kept. */
  stop(): Promise<void>;
}

/**
 * Starts everything.
 *
 * @throws Failure with one message that says what to mend; nothing is left running then
 */
export async function startLocal(options: LocalOptions): Promise<RunningLocal> {
  const { ports, say, endpoint } = options;
  const home = resolve(options.home);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const started: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    let url = endpoint;
    if (await stopLeftover(home)) say('  an emulator was left from before and has been stopped');
    await requireFree({
      ...(endpoint === undefined ? { emulator: ports.emulator } : {}),
      site: ports.site,
      console: ports.console,
      ...(endpoint === undefined ? { partner: ports.partner } : {}),
    });
    const partnerSecret = randomBytes(32).toString('hex');
    const ca = authority(join(home, 'ca'));
    const certificates = ensureCertificates(join(home, 'ca'), ca);
    let macieUrl: string | null = null;
    if (url === undefined) {
      const port = await freePort();
      await serve(macieStandIn(`http://${LOOPBACK}:${ports.emulator}`), port, started);
      macieUrl = `http://${LOOPBACK}:${port}`;
      const emulator = await ownEmulator(home, options, partnerSecret, macieUrl);
      started.push(() => emulator.stop());
      url = emulator.url;
    }
    url = url.replace(/\/+$/, '');
    options.signal?.throwIfAborted();
    const webFolder = options.webFolder ?? (await ensureWeb(say));
    const docsFolder = await ensureDocs(say);
    const site = siteOf(home, options);
    const written = await deploy({
      emulatorUrl: url,
      siteUrl: site.url,
      home,
      trustStore: ca.certFile,
      say,
      log: () => (endpoint === undefined ? logTail(home) : ''),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const known = await localOutputs(parseStackOutputs(written), url, ports, site);
    const users = await step(say, 'making the demo users', () =>
      ensureUsers(home, known.emulatorUrl, known.userPoolId),
    );
    await ensureMailDomain(known.emulatorUrl);
    const revoked = [certificates.revoked.serialNumber];
    await step(say, 'publishing the list of revoked certificates', () =>
      publishList(known.emulatorUrl, known.revocationListsBucketName, ca, revoked),
    );
    const outputs: LocalOutputs = {
      ...known,
      users,
      certificates,
      authorityFile: ca.certFile,
      macieUrl,
      // another emulator cannot be told of a client certificate
      partnerUrl: endpoint === undefined ? `https://localhost:${ports.partner}` : null,
    };
    if (endpoint === undefined) {
      const listener = partnerListener({
        emulatorUrl: known.emulatorUrl,
        domain: known.partnerDomain,
        secret: partnerSecret,
        server: ca.issue({ subject: 'localhost', kind: 'server', names: ['localhost', LOOPBACK] }),
        trustStore: await readTrustStore(known.emulatorUrl, known.trustStoreBucketName),
      });
      await serve(listener, ports.partner, started);
    }
    for (const [server, port] of [
      [
        edge({
          apiUrl: outputs.apiUrl,
          webFolder,
          docsFolder,
          config: { selfSignUp: outputs.selfSignUp },
          ...(site.tls === undefined ? {} : { tls: site.tls }),
        }),
        ports.site,
      ],
      [localConsole(outputs), ports.console],
    ] as const) {
      await serve(server, port, started);
    }
    writeOutputs(home, outputs);
    return { outputs, partnerSecret, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface LocalSite extends Pick<EdgeOptions, 'tls'> {
  /** Origin for browsers; they trust localhost as they trust https:// (W3C Secure Contexts, section 3.1). */
  readonly url: string;
  readonly caFile: string | null;
}

function siteOf(home: string, { ports, tls }: LocalOptions): LocalSite {
  if (tls !== true) return { url: `http://localhost:${ports.site}`, caFile: null };
  const ca = authority(join(home, 'ca'));
  const { certPem, keyPem } = ca.issue({
    subject: 'localhost',
    kind: 'server',
    names: ['localhost', LOOPBACK],
  });
  return {
    url: `https://localhost:${ports.site}`,
    caFile: ca.certFile,
    tls: { cert: certPem, key: keyPem },
  };
}

/** Removes what an instance keeps of its deployment; the installed emulator and the passwords' file go with `all`. */
export function wipe(home: string): void {
  for (const name of [
    'state',
    'tmp',
    'cdk.out',
    'cdk-outputs.json',
    'outputs.json',
    'passwords.json',
    'emulator.log',
  ]) {
    rmSync(join(home, name), { recursive: true, force: true });
  }
}

async function ownEmulator(
  home: string,
  { ports, say, venv }: LocalOptions,
  partnerSecret: string,
  macieUrl: string,
): Promise<Emulator> {
  const python = await ensurePython(resolve(venv ?? join(home, 'venv')), EMULATOR_PACKAGES, say);
  return step(say, 'starting the emulator', () =>
    startEmulator({ python, home, port: ports.emulator, persist: true, partnerSecret, macieUrl }),
  );
}

async function serve(
  server: Server | SecureServer,
  port: number,
  started: (() => Promise<void>)[],
): Promise<void> {
  await listen(server, port);
  started.push(() => close(server));
}
