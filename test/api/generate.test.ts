import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { listWidgets } from '../../generated/operations/listWidgets';
import { operationHandler } from '../../lambdas/_kernel/operation';
import { generate } from '../../tools/generate/generator';
import { SAMPLE_DOCUMENT, temporaryFolder } from '../_kernel/sample-operations';

let folder: string;
let remove: () => void;
beforeEach(() => {
  ({ folder, remove } = temporaryFolder());
});
afterEach(() => {
  remove();
});

function givenDocument(text: string): { document: string; out: string } {
  const document = join(folder, 'openapi.yaml');
  writeFileSync(document, text);
  return { document, out: join(folder, 'out') };
}

describe('generating', () => {
  it('writes a module for each operation and does nothing when nothing has changed', async () => {
    const options = givenDocument(SAMPLE_DOCUMENT);

    expect(await generate(options)).toEqual({ operations: 3 });
    const before = statSync(join(options.out, 'openapi.d.ts')).mtimeMs;
    expect(await generate(options)).toEqual({ operations: 'unchanged' });

    expect(statSync(join(options.out, 'openapi.d.ts')).mtimeMs).toBe(before);
    expect(readdirSync(join(options.out, 'operations')).sort()).toEqual(
      ['readThing', 'touchThing', 'writeThing'].flatMap((id) => [`${id}.d.ts`, `${id}.js`]),
    );
    expect(readFileSync(join(options.out, 'about.js'), 'utf8')).toContain('"basePath": "/base"');
  });

  it('removes modules of operations that are gone', async () => {
    const options = givenDocument(SAMPLE_DOCUMENT);
    await generate(options);
    writeFileSync(
      options.document,
      SAMPLE_DOCUMENT.replace('operationId: touchThing', 'operationId: renamed'),
    );

    expect(await generate(options)).toEqual({ operations: 3 });
    expect(existsSync(join(options.out, 'operations/touchThing.js'))).toBe(false);
    expect(existsSync(join(options.out, 'operations/renamed.js'))).toBe(true);
  });

  it('compiles no schema at run time', async () => {
    const options = givenDocument(SAMPLE_DOCUMENT);
    await generate(options);
    const source = readFileSync(join(options.out, 'operations/writeThing.js'), 'utf8');

    const required = [...source.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name);
    expect(required.length).toBeGreaterThan(0);
    expect(
      required.filter((name) => !/^ajv(?:-formats)?\/dist\/(?:runtime\/|formats$)/.test(name ?? '')),
    ).toEqual([]);
    expect(source).not.toContain('readThing');
  });

  it('names the members that an answer of the operation may have, and no others', async () => {
    const options = givenDocument(SAMPLE_DOCUMENT);
    await generate(options);
    const { writeThing } = (await import(join(options.out, 'operations/writeThing.js'))) as {
      writeThing: { members: string[] };
    };

    expect(writeThing.members).toEqual(['kind', 'name', 'parts', 'size', 'when']);
  });

  it.each<[string, [string, string], RegExp]>([
    ['SPEC-01 an operation without security', ['      security: []\n', ''], /writeThing: has no security/],
    [
      'a misspelt keyword',
      ['minLength', 'minLenght'],
      /writeThing: strict mode: unknown keyword: "minLenght"/,
    ],
    ['an unknown format', ['format: date-time', 'format: datetime'], /unknown format "datetime"/],
    [
      'a parameter of several types',
      ['type: boolean, default: false', 'type: [boolean, string]'],
      /query parameter deep has type \["boolean","string"\]/,
    ],
    [
      'a parameter that is an object',
      ['type: number, maximum: 1', 'type: object'],
      /query parameter ratio has type "object"/,
    ],
    [
      'a cookie parameter',
      ['name: since, in: query', 'name: since, in: cookie'],
      /cookie parameter since is not supported/,
    ],
    [
      'a changed explode',
      ['name: tag, in: query', 'name: tag, in: query, explode: false'],
      /parameter "tag" sets explode to false/,
    ],
    [
      'a header of an answer that is an object',
      ['X-Left: { schema: { type: integer, minimum: 0 } }', 'X-Left: { schema: { type: object } }'],
      /readThing: header X-Left of 203 has type "object"/,
    ],
    [
      'a body that is not JSON',
      ['application/merge-patch+json', 'multipart/form-data'],
      /media type multipart\/form-data/,
    ],
    [
      'a reference to nothing',
      ["items: { $ref: '#/components/schemas/Thing'", "items: { $ref: '#/components/schemas/Thin'"],
      /can't resolve reference #\/components\/schemas\/Thin/,
    ],
    ['a document that is not valid', ['openapi: 3.1.0', 'openapi: 3.0.0'], /openapi is "3\.0\.0"/],
  ])('refuses %s and leaves nothing behind', async (_case, [good, bad], message) => {
    expect(SAMPLE_DOCUMENT).toContain(good);
    const options = givenDocument(SAMPLE_DOCUMENT.replace(good, bad));

    await expect(generate(options)).rejects.toThrow(message);
    expect(existsSync(options.out)).toBe(false);
  });
});

describe('npm run generate', () => {
  const run = (args: string[]): Promise<{ code: number; stderr: string; stdout: string }> =>
    new Promise((resolve) => {
      const tsx = join(__dirname, '../../node_modules/tsx/dist/cli.mjs');
      const tool = join(__dirname, '../../tools/generate.ts');
      execFile(process.execPath, [tsx, tool, ...args], (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
    });

  it('ends with 1 and one line for a bad document', async () => {
    const { document, out } = givenDocument('openapi: 3.1.0\n');
    const { code, stderr } = await run(['--document', document, '--out', out]);

    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^generate: .*openapi\.yaml/);
  });

  it('survives two runs at once', async () => {
    const { document, out } = givenDocument(SAMPLE_DOCUMENT);
    const runs = await Promise.all([1, 2].map(() => run(['--document', document, '--out', out])));

    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect(readdirSync(join(out, 'operations')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  }, 30_000);
});

it('types the code of an operation by the document', () => {
  const misuse = (): void => {
    operationHandler(listWidgets, ({ query, caller }) => {
      const limit: number = query.limit; // has a default, so it is always there
      const cursor: string | undefined = query.cursor;
      return { status: 200, body: { items: [], nextCursor: `${limit}${cursor ?? ''}${caller.subject}` } };
    });
    // @ts-expect-error the document says of no cookie here
    operationHandler(listWidgets, () => ({ status: 200, body: { items: [] }, cookies: ['a=1'] }));
    // @ts-expect-error 418 is not documented
    operationHandler(listWidgets, () => ({ status: 418 }));
    // @ts-expect-error items is missing
    operationHandler(listWidgets, () => ({ status: 200, body: { nextCursor: 'x' } }));
    operationHandler(listWidgets, ({ query }) => {
      // @ts-expect-error there is no parameter of this name
      const page: unknown = query.page;
      return { status: 200, body: { items: [], nextCursor: String(page) } };
    });
  };
  expect(misuse).toBeInstanceOf(Function);
});
