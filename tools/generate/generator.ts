/** Writes generated/: unchanged input costs a hash only, and a reader never sees half a file. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '../..');

/** Header rules of the web app. */
const HEADERS = 'web/_headers';

/** Whatever decides about the output beside the document. */
const SOURCES = [
  'package-lock.json',
  'lib/api/document.ts',
  'lib/api/security.ts',
  'lib/site/edge-files.ts',
  'lib/site/header-rules.ts',
  'lib/site/navigations.ts',
  'lib/site/functions/api-request.js',
  'lib/site/functions/docs-request.js',
  'lib/site/functions/paths.js',
  'lib/site/functions/site-request.js',
  'lib/site/functions/site-response.js',
  HEADERS,
  'lib/api/structure.ts',
  'tools/generate/generator.ts',
  'tools/generate/compile-operations.ts',
  'tools/generate/lengths.ts',
  'tools/generate/parameters.ts',
];

/**
 * Generates types and validators of a document, and what runs at the edge of its site.
 *
 * @param options.document path of the OpenAPI document
 * @param options.out folder to write to; files in it which this run does not write are removed
 * @returns the number of operations, or `unchanged` when nothing had to be done
 * @throws Error with one line that names the place in the document that cannot be used
 */
export async function generate(options: {
  document: string;
  out: string;
}): Promise<{ operations: number | 'unchanged' }> {
  const out = resolve(options.out);
  const stamp = join(out, '.stamp');
  const hash = hashOf([options.document, ...SOURCES.map((file) => join(ROOT, file))]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return { operations: 'unchanged' };

  // loaded late: the compilers take longer than the whole run of an unchanged document
  const { readDocument, operationsOf } = await import('../../lib/api/document');
  const { edgeOf } = await import('./edge');
  const { aboutModule, compileOperation, operationTypes } = await import('./compile-operations');

  const document = readDocument(options.document);
  const operations = operationsOf(document);
  const kernel = relative(join(out, 'operations'), join(ROOT, 'lambdas/_kernel/operation'))
    .split(sep)
    .join('/');
  const files = new Map<string, string>();
  for (const operation of operations) {
    files.set(`operations/${operation.id}.js`, compileOperation(document, operation));
    files.set(`operations/${operation.id}.d.ts`, operationTypes(document, operation, kernel));
  }
  const about = aboutModule(document);
  files.set('about.js', about.source);
  files.set('about.d.ts', about.types);
  const headers = { name: HEADERS, text: readFileSync(join(ROOT, HEADERS), 'utf8') };
  for (const [name, content] of Object.entries(edgeOf(document, headers))) files.set(`edge/${name}`, content);
  files.set('openapi.d.ts', await typesOf(options.document));

  for (const [name, content] of files) writeAtomically(join(out, name), content);
  const operationFolder = join(out, 'operations');
  if (existsSync(operationFolder)) {
    for (const name of readdirSync(operationFolder)) {
      const stale = !files.has(`operations/${name}`) && /\.(?:js|d\.ts)$/.test(name);
      if (stale) rmSync(join(operationFolder, name), { force: true });
    }
  }
  // last, so that a run which was interrupted is repeated
  writeAtomically(stamp, hash);
  return { operations: operations.length };
}

/** Runs openapi-typescript as a program: it is an ES module in part, which CommonJS before Node.js 20.19 cannot load. */
async function typesOf(document: string): Promise<string> {
  const program = join(ROOT, 'node_modules/openapi-typescript/bin/cli.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, document], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    // an unreadable document is reported by its reader, with a better message
    const content = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    hash.update(`${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

function writeAtomically(file: string, content: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === content) return;
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, content);
  renameSync(draft, file);
}
