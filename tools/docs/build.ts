/** Writes the documentation of every version into one folder, which any static server can serve. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { buildSync } from 'esbuild';

import { entrancePage, pagesOf, versionsPage } from './pages';
import type { Version } from './versions';

const WEB = join(__dirname, '../../web/docs');

/** What is left behind in a folder of documentation, and in no other. */
const MARK = 'versions.js';

/**
 * Builds into a folder that replaces what was built before, all at once.
 *
 * @param versions newest first
 * @param say gets a line for each version as it is ready
 * @returns number and bytes of the files
 * @throws Error when the folder holds something else
 */
export function buildDocs(
  versions: readonly [Version, ...Version[]],
  out: string,
  say: (line: string) => void,
): { files: number; bytes: number } {
  const target = resolve(out);
  if (existsSync(target) && readdirSync(target).length > 0 && !existsSync(join(target, MARK)))
    throw new Error(`${out} holds something else than documentation; name another folder by --out`);
  mkdirSync(dirname(target), { recursive: true });
  const draft = mkdtempSync(`${target}.draft-`);
  const written = { files: 0, bytes: 0 };
  const write = (path: string, content: string): void => {
    const file = join(draft, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    written.files += 1;
    written.bytes += Buffer.byteLength(content);
  };
  try {
    const shared = sharedFiles();
    versions.forEach((version, index) => {
      const files = [...pagesOf(version, versions[index + 1]), ...shared];
      for (const folder of index === 0 ? [version.version, 'latest'] : [version.version])
        for (const [path, content] of files) write(`${folder}/${path}`, content);
      say(`${version.version}: ${files.length} files${index === 0 ? ', and the same as latest' : ''}`);
    });
    const list = { latest: versions[0].version, versions: versions.map(({ version }) => version) };
    write(MARK, `globalThis.docsVersions = ${JSON.stringify(list)};\n`);
    write('versions.html', versionsPage(versions));
    write('index.html', entrancePage(versions[0]));
    rmSync(target, { recursive: true, force: true });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return written;
}

/** Script, style and icon, which every version has of its own. */
function sharedFiles(): [string, string][] {
  const { outputFiles } = buildSync({
    entryPoints: [join(WEB, 'main.ts')],
    bundle: true,
    minify: true,
    // a script and no module, which a browser does not load from a folder
    format: 'iife',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
    legalComments: 'none',
  });
  return [
    ['docs.js', outputFiles[0]?.text ?? ''],
    [
      'docs.css',
      ['../palette.css', 'style.css'].map((name) => readFileSync(join(WEB, name), 'utf8')).join('\n'),
    ],
    ['docs.svg', readFileSync(join(WEB, '../public/favicon.svg'), 'utf8')],
  ];
}
