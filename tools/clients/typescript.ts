/** Builds the npm package: types of the document, helpers of clients/typescript, and their one dependency inside. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { run } from '../_kit/run';
import type { Release } from './version';

const ROOT = join(__dirname, '../..');
const HELPERS = join(ROOT, 'clients/typescript');
/** Carried along, so that a version is one file which never changes and installs without another registry. */
const BUNDLED = ['openapi-fetch', 'openapi-typescript-helpers'];

/**
 * @param document path of the OpenAPI document
 * @param out folder of the package; what was there is removed
 * @returns path of the packed file
 */
export async function buildTypescript(document: string, release: Release, out: string): Promise<string> {
  rmSync(out, { recursive: true, force: true });
  const source = join(out, 'src');
  mkdirSync(source, { recursive: true });
  for (const name of readdirSync(HELPERS).filter((file) => file.endsWith('.ts'))) {
    writeFileSync(join(source, name), withExtensions(readFileSync(join(HELPERS, name), 'utf8')));
  }
  const types = await run(process.execPath, [
    join(ROOT, 'node_modules/openapi-typescript/bin/cli.js'),
    document,
  ]);
  writeFileSync(join(source, 'schema.ts'), types);
  writeFileSync(join(source, 'index.ts'), indexOf(release, readFileSync(join(source, 'index.ts'), 'utf8')));
  for (const name of BUNDLED) {
    cpSync(join(ROOT, 'node_modules', name), join(out, 'node_modules', name), { recursive: true });
  }
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifestOf(release), null, 2)}\n`);
  cpSync(join(ROOT, 'LICENSE'), join(out, 'LICENSE'));
  writeFileSync(join(out, 'README.md'), readmeOf(release));
  await run(
    process.execPath,
    [
      join(ROOT, 'node_modules/typescript/bin/tsc'),
      ...['--rootDir', 'src', '--outDir', 'dist', '--declaration', '--strict', '--skipLibCheck'],
      ...['--target', 'es2022', '--module', 'nodenext', '--moduleResolution', 'nodenext'],
      ...['--typeRoots', join(ROOT, 'node_modules/@types'), '--types', 'node'],
      ...['src/index.ts', 'src/node.ts'],
    ],
    { cwd: out },
  );
  rmSync(source, { recursive: true });
  const packed = await run('npm', ['pack', '--ignore-scripts', '--silent'], { cwd: out });
  return join(out, packed.trim().split('\n').at(-1) ?? '');
}

/** Node.js wants the file names of what an ES module imports. */
function withExtensions(code: string): string {
  return code.replace(/(from '\.\/[\w-]+)'/g, "$1.js'");
}

function indexOf({ title }: Release, helpers: string): string {
  return `${helpers}
import type { Client } from 'openapi-fetch';
import { type ClientOptions, createApiClient } from './client.js';
import type { paths } from './schema.js';
export type { components, operations, paths } from './schema.js';

/** Makes a client of ${title}. */
export function createClient(options: ClientOptions): Client<paths> {
  return createApiClient<paths>(options);
}
`;
}

function manifestOf({ name, title, version }: Release): object {
  const versionOf = (bundled: string): string =>
    (
      JSON.parse(readFileSync(join(ROOT, 'node_modules', bundled, 'package.json'), 'utf8')) as {
        version: string;
      }
    ).version;
  return {
    name,
    version,
    description: `Client of ${title}`,
    license: 'Apache-2.0',
    type: 'module',
    sideEffects: false,
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './node': { types: './dist/node.d.ts', default: './dist/node.js' },
    },
    files: ['dist', 'README.md', 'LICENSE'],
    engines: { node: '>=20' },
    dependencies: Object.fromEntries(BUNDLED.map((bundled) => [bundled, versionOf(bundled)])),
    bundleDependencies: BUNDLED,
  };
}

function readmeOf({ name, title }: Release): string {
  return `# ${title}: client for TypeScript

\`\`\`ts
import { bearer, createClient, ProblemError } from '${name}';

const api = createClient({ baseUrl: 'https://example.com/api', credentials: bearer(() => accessToken()) });
\`\`\`

Calls resolve with \`data\`, and reject with \`ProblemError\` or \`StepUpRequiredError\`. In a browser use
\`credentials: session()\`; with a client certificate \`certificateFetch\` of \`${name}/node\`.
`;
}
