/** Entry of the commands of the local environment (`npm start` and so on): works on a fresh clone, where nothing is installed yet. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import { ensurePackages } from './install.mjs';

const COMMANDS = ['start', 'stop', 'reset', 'revoke', 'token', 'rehearse'];
const [command, ...args] = process.argv.slice(2);
// what npm stop knows the process by
const marker = command === 'start' ? ['--marker', `sallyport-${randomBytes(8).toString('hex')}`] : [];

if (!COMMANDS.includes(command)) {
  console.error(`usage: node local/run.mjs ${COMMANDS.join('|')} [options]`);
  process.exit(2);
}
ensurePackages();
const script = fileURLToPath(new URL(`${command}.ts`, import.meta.url));
const child = spawn(process.execPath, ['--import', 'tsx', script, ...args, ...marker], {
  stdio: 'inherit',
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  // Node 20 is supported here; the SDK announces 2027 with every command
  env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
});
// the terminal sends Ctrl-C to the whole group and the child ends in order; here it is only waited for
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
