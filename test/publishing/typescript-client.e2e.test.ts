/** The npm package: built, published, installed from the registry, and run against the deployed local stack. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type NpmRegistry, startNpmRegistry } from '../../local/rehearsal/npm-registry';
import { localStack, READ, signedIn, WRITE } from '../local-stack';
import { clients, otherDocument, type Ran, ran, ROOT, temporary } from './commands';
import { partnerCertificate } from './partner-certificate';

jest.setTimeout(300_000);

const NAME = 'widget-api-client';
const BUILD = ['--language', 'typescript'];

let registry: NpmRegistry;
let built: string;
let first: Ran;

beforeAll(async () => {
  registry = await startNpmRegistry(temporary());
  built = join(temporary(), 'out');
  first = await clients([...BUILD, '--out', built, '--npm', registry.url], registry.env);
});

afterAll(() => registry.stop());

/** The program of a user of the package, type-checked against it and then run. */
const PROGRAM = `
import { readFileSync } from 'node:fs';
import { bearer, createClient, ProblemError } from '${NAME}';
import { certificateFetch } from '${NAME}/node';

const [baseUrl = '', token = '', partners = '', ...files] = process.argv.slice(2);
const api = createClient({ baseUrl, credentials: bearer(token) });
const created = await api.POST('/widgets', { body: { name: 'Flange', priceCents: 1295, tags: ['steel'] } });
const id: string = created.data?.id ?? '';
const path = { params: { path: { widgetId: id } } };
const read = await api.GET('/widgets/{widgetId}', path);
const replaced = await api.PUT('/widgets/{widgetId}', { ...path, body: { name: 'Gasket' } });
const page = await api.GET('/widgets', { params: { query: { limit: 100 } } });
const listed = page.data?.items.some((widget) => widget.id === id);
await api.DELETE('/widgets/{widgetId}', path);
const failure = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    return await call;
  } catch (error) {
    return error instanceof ProblemError ? { status: error.status, title: error.problem.title, errors: error.problem['errors'] } : String(error);
  }
};
const gone = await failure(api.GET('/widgets/{widgetId}', path));
const wrong = await failure(api.POST('/widgets', { body: { name: '' } }));
const anonymous = await failure(createClient({ baseUrl }).GET('/widgets'));
const open = await createClient({ baseUrl }).GET('/ping');
const [cert = '', key = '', ca = ''] = files.map((file) => readFileSync(file, 'utf8'));
const orders = createClient({ baseUrl: partners, fetch: certificateFetch({ cert, key, ca }) });
const partner = (await orders.GET('/partner/orders')).data?.partner;
console.log(JSON.stringify({ partner, read: read.data?.name, replaced: replaced.data?.name, listed, gone, wrong, anonymous, open: open.data }));
`;

it('is built and published as the version of the document', () => {
  expect(first).toMatchObject({
    exit: 0,
    out: expect.stringMatching(/typescript: \d+\.\d+\.\d+ published/) as string,
  });
});

it('installs from the registry, type-checks, and calls the API', async () => {
  const { accessToken } = await signedIn('ada', READ, WRITE);
  const folder = temporary();
  writeFileSync(join(folder, 'package.json'), '{"type":"module","private":true}');
  writeFileSync(join(folder, 'program.ts'), PROGRAM);
  const installed = await ran('npm', ['install', NAME, '--no-audit', '--no-fund'], {
    cwd: folder,
    env: registry.env,
  });
  expect(installed).toMatchObject({ exit: 0 });
  const compiled = await ran(
    process.execPath,
    [
      join(ROOT, 'node_modules/typescript/bin/tsc'),
      ...['--strict', '--target', 'es2022', '--module', 'nodenext', '--skipLibCheck', '--types', 'node'],
      ...['--typeRoots', join(ROOT, 'node_modules/@types'), 'program.ts'],
    ],
    { cwd: folder },
  );
  expect(compiled).toMatchObject({ exit: 0, out: '' });
  const { siteUrl, partnerUrl } = localStack();
  const { cert, key, ca } = partnerCertificate('partner-typescript');
  const args = [`${siteUrl}/api`, accessToken, partnerUrl ?? '', cert, key, ca];
  const called = await ran(process.execPath, ['program.js', ...args], { cwd: folder });

  expect(called.error).toBe('');
  expect(JSON.parse(called.out)).toEqual({
    partner: 'CN=partner-typescript',
    read: 'Flange',
    replaced: 'Gasket',
    listed: true,
    gone: { status: 404, title: 'Not Found' },
    wrong: {
      status: 400,
      title: 'Bad Request',
      errors: [expect.objectContaining({ in: 'body', field: '/name' })],
    },
    anonymous: expect.objectContaining({ status: 401, title: 'Unauthorized' }) as object,
    open: { status: 'ok' },
  });
});

it('refuses at compile time what the document does not allow', async () => {
  const folder = temporary();
  writeFileSync(join(folder, 'package.json'), '{"type":"module","private":true}');
  const calls = ["api.POST('/widgets', { body: {} })", "api.GET('/no-such-path')", "api.GET('/widgets')"];
  writeFileSync(
    join(folder, 'program.ts'),
    `import { createClient } from '${NAME}';\nconst api = createClient({ baseUrl: '' });\n${calls.map((call) => `await ${call};`).join('\n')}\n`,
  );
  await ran('npm', ['install', NAME, '--no-audit', '--no-fund'], { cwd: folder, env: registry.env });
  const { out } = await ran(
    process.execPath,
    [
      join(ROOT, 'node_modules/typescript/bin/tsc'),
      ...[
        '--noEmit',
        '--strict',
        '--target',
        'es2022',
        '--module',
        'nodenext',
        '--skipLibCheck',
        '--types',
        'node',
      ],
      ...['--typeRoots', join(ROOT, 'node_modules/@types'), 'program.ts'],
    ],
    { cwd: folder },
  );

  expect([...out.matchAll(/^program\.ts\((\d+),/gm)].map(([, line]) => line)).toEqual(['3', '4']);
});

it('PIPE-02 the same document again makes the same file, which is nothing new', async () => {
  const again = join(temporary(), 'out');
  const { exit, out } = await clients([...BUILD, '--out', again, '--npm', registry.url], registry.env);
  const [version] = /\d+\.\d+\.\d+/.exec(out) ?? [''];
  const file = `typescript/${NAME}-${version}.tgz`;

  expect(out).toContain('unchanged');
  expect(exit).toBe(0);
  expect(readFileSync(join(again, file)).equals(readFileSync(join(built, file)))).toBe(true);
});

it('PIPE-02 another document of the same version is refused', async () => {
  const out = join(temporary(), 'out');
  const refused = await clients(
    [...BUILD, '--document', otherDocument(), '--out', out, '--npm', registry.url],
    registry.env,
  );

  expect(refused.error).toContain('is published with other content');
  expect(refused.exit).toBe(1);
});

it('before the release, each commit is a version of its own, which nobody gets unasked', async () => {
  const out = join(temporary(), 'out');
  const { exit } = await clients(
    [...BUILD, '--revision', 'abc1234', '--out', out, '--npm', registry.url],
    registry.env,
  );
  const listed = await ran('npm', ['view', NAME, 'dist-tags', '--json'], { env: registry.env });

  expect(exit).toBe(0);
  expect(JSON.parse(listed.out)).toMatchObject({
    latest: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
    dev: expect.stringMatching(/^\d+\.\d+\.\d+-dev\.gabc1234$/) as string,
  });
});
