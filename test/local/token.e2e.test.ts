/** `npm run token`, as somebody runs it for their own requests. */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { call } from '../local-stack';

const run = promisify(execFile);

function token(...args: string[]): Promise<{ stdout: string }> {
  return run(process.execPath, ['--import', 'tsx', 'local/token.ts', ...args], {
    cwd: join(__dirname, '../..'),
    env: { ...process.env, SALLYPORT_HOME: dirname(process.env['SALLYPORT_OUTPUTS'] ?? '') },
  });
}

test('it prints the token of a demo user and nothing else, and names the users where there is no such one', async () => {
  const { stdout } = await token('rita');

  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  expect((await call('/widgets', { token: stdout.trim() })).status).toBe(200);
  await expect(token('nobody')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^no demo user nobody; there are ada@example\.com/) as string,
  });
  await expect(token()).rejects.toMatchObject({ stderr: expect.stringMatching(/^usage: /) as string });
});
