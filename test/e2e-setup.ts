/** Starts one local environment for all end-to-end suites, on free ports and from nothing. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { stopLeftover } from '../local/emulator';
import { startLocal, type RunningLocal } from '../local/instance';
import { freePort } from '../local/ports';
import generate from './global-setup';

const ROOT = join(__dirname, '..');

declare global {
  var sallyportLocal: RunningLocal | undefined;
}

export default async function setup(): Promise<void> {
  await generate();
  const home = join(ROOT, '.local/e2e');
  // of a run that was killed
  await stopLeftover(home);
  rmSync(home, { recursive: true, force: true });
  const [emulator, site] = [await freePort(), await freePort()];
  const [console_, partner] = [await freePort(), await freePort()];
  globalThis.sallyportLocal = await startLocal({
    home,
    ports: { emulator, site, console: console_, partner },
    venv: join(ROOT, '.local/venv'),
    say: (line) => {
      process.stderr.write(`${line}\n`);
    },
  });
  process.env['SALLYPORT_OUTPUTS'] = join(home, 'outputs.json');
  process.env['SALLYPORT_PARTNER_SECRET'] = globalThis.sallyportLocal.partnerSecret;
}
