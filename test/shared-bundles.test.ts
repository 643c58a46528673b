/** Bundles that test processes share: never of other sources than those at hand. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type * as Shared from '../lib/_kit/shared-bundles';

const root = mkdtempSync(join(tmpdir(), 'sallyport-bundles-'));
const entry = join(root, 'lambdas/a.handler.ts');
const before = process.env['SALLYPORT_BUNDLES'];

beforeAll(() => {
  for (const folder of ['lib/_kit', 'lambdas', 'generated/edge'])
    mkdirSync(join(root, folder), { recursive: true });
  cpSync(join(__dirname, '../lib/_kit/shared-bundles.ts'), join(root, 'lib/_kit/shared-bundles.ts'));
  for (const file of ['lambdas/a.handler.ts', 'generated/edge/b.js', 'package-lock.json'])
    writeFileSync(join(root, file), 'one');
  process.env['SALLYPORT_BUNDLES'] = join(root, 'bundles');
});

afterAll(() => {
  rmSync(root, { recursive: true });
  if (before === undefined) delete process.env['SALLYPORT_BUNDLES'];
  else process.env['SALLYPORT_BUNDLES'] = before;
});

/** The module as a process that starts now has it. */
function fresh(): typeof Shared {
  let shared: typeof Shared | undefined;
  jest.isolateModules(() => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only a require is isolated from the one before
    shared = require(join(root, 'lib/_kit/shared-bundles.ts')) as typeof Shared;
  });
  return shared!;
}

function found(): string | undefined {
  const bundle = fresh().sharedBundle(entry, 'options');
  return bundle === undefined ? undefined : Buffer.from(bundle).toString();
}

test('what one process has bundled another finds, under the same options alone', () => {
  expect(found()).toBeUndefined();
  fresh().shareBundle(entry, 'options', Buffer.from('bundle'));

  expect(found()).toBe('bundle');
  expect(fresh().sharedBundle(entry, 'other options')).toBeUndefined();
});

test.each(['lambdas/a.handler.ts', 'lambdas/new.ts', 'generated/edge/b.js', 'package-lock.json'])(
  'nothing of before is found once %s is another',
  (file) => {
    fresh().shareBundle(entry, 'options', Buffer.from('bundle'));
    expect(found()).toBe('bundle');
    writeFileSync(join(root, file), `two ${file}`);

    expect(found()).toBeUndefined();
  },
);

test('a handler from elsewhere, whose sources are not known, is not shared', () => {
  const other = join(root, 'other/a.handler.ts');
  fresh().shareBundle(other, 'options', Buffer.from('bundle'));

  expect(fresh().sharedBundle(other, 'options')).toBeUndefined();
});
