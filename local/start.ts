/** `npm start`: brings the local environment up and keeps it up until Ctrl-C, or in the background with --detach. */
import { parseArgs } from 'node:util';

import { detach, reportToParent } from './detach';
import { Failure, messageOf } from './failure';
import { homeFrom } from './home';
import { startLocal } from './instance';
import { portsFrom } from './ports';
import { forget, remember, running } from './processes';
import { summary } from './summary';

const USAGE = `usage: npm start -- [--detach] [--tls] [--endpoint URL]
  --detach        leave it running in the background; npm stop ends it
  --tls           serve the site over TLS, for browsers that keep no Secure cookie of http://localhost (Safari)
  --endpoint URL  use an AWS emulator that runs already`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      detach: { type: 'boolean' },
      tls: { type: 'boolean', default: false },
      endpoint: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      // set by run.mjs and by --detach: what this process is known by
      marker: { type: 'string' },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const home = homeFrom(process.env);
  const ports = portsFrom(process.env);
  if (values.endpoint !== undefined && !/^https?:\/\/[^/]+\/?$/.test(values.endpoint)) {
    throw new Failure(
      `--endpoint is ${values.endpoint}; write the URL of an emulator, e.g. http://127.0.0.1:4566`,
    );
  }
  const other = running(home, 'start');
  if (other !== null) {
    throw new Failure(`it runs already (process ${other.pid}); end it with: npm stop`);
  }
  if (values.detach === true) {
    await detach(home, [
      ...(values.tls ? ['--tls'] : []),
      ...(values.endpoint === undefined ? [] : ['--endpoint', values.endpoint]),
    ]);
    return;
  }
  if (values.marker === undefined) throw new Failure('start it by: npm start');
  await foreground(home, ports, values, values.marker);
}

async function foreground(
  home: string,
  ports: ReturnType<typeof portsFrom>,
  { endpoint, tls }: { readonly endpoint?: string; readonly tls: boolean },
  marker: string,
): Promise<void> {
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      ending.abort(new Failure('stopped before it was ready'));
    });
  }
  remember(home, 'start', { pid: process.pid, marker });
  const report = reportToParent();
  try {
    report.progress('Starting Sallyport:');
    const local = await startLocal({
      home,
      ports,
      say: report.progress,
      signal: ending.signal,
      tls,
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    report.ready(summary(local.outputs));
    if (!ending.signal.aborted) {
      await new Promise<void>((resolve) => {
        ending.signal.addEventListener('abort', () => {
          resolve();
        });
      });
    }
    console.log('Stopping ...');
    await local.stop();
  } catch (error) {
    report.failed(ending.signal.aborted ? 'stopped before it was ready' : messageOf(error));
    process.exitCode = 1;
  } finally {
    forget(home, 'start');
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Failure || error instanceof TypeError ? error.message : error);
  process.exitCode = 1;
});
