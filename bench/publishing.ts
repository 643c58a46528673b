/** How long a release waits for what is made of the document: its documentation, and the client of one language. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { median, type Row } from './row';

const ROOT = join(__dirname, '..');
const RUNS = 5;
/** Operations of the larger document. */
const MANY = 200;

export function publishingRows(): Row[] {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  const large = join(folder, 'large.json');
  writeFileSync(large, JSON.stringify(documentOf(MANY)));
  const docs = (document: string): string[] => [
    ...['tools/docs.ts', 'build', '--document', document],
    ...['--out', join(folder, 'docs')],
  ];
  const rows = [
    row('documentation of openapi.yaml by npm run docs', docs('openapi.yaml')),
    row(`the same of ${MANY} operations`, docs(large)),
    row('TypeScript client of openapi.yaml by npm run clients', [
      ...['tools/clients.ts', '--language', 'typescript', '--out', join(folder, 'clients')],
    ]),
  ];
  rmSync(folder, { recursive: true });
  return rows;
}

function row(what: string, args: readonly string[]): Row {
  const seconds: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const start = process.hrtime.bigint();
    const { status } = spawnSync(join(ROOT, 'node_modules/.bin/tsx'), args, { cwd: ROOT, stdio: 'ignore' });
    seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
    if (status !== 0) return { what, ours: `not measured: tsx ${args.join(' ')} fails` };
  }
  return { what: `${what}, median of ${RUNS}`, ours: `${median(seconds).toFixed(1)} s` };
}

function documentOf(operations: number): object {
  const paths = Array.from({ length: operations }, (_, index) => [
    `/things${index}/{id}`,
    {
      get: {
        operationId: `getThing${index}`,
        tags: [`tag${index % 10}`],
        summary: `Read thing ${index}`,
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        security: [{ token: ['read'] }],
        responses: { '200': { description: 'The thing.' } },
      },
    },
  ]);
  return {
    openapi: '3.1.0',
    info: { title: 'Large', version: '1.0.0' },
    paths: Object.fromEntries(paths) as object,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  };
}
