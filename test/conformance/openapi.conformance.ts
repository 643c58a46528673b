/** Documents of the OpenAPI Initiative through our loader; requests of Prism's harness through our validators and policy. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseDocument } from 'yaml';

import type { Caller } from '../../lambdas/_kernel/caller';
import { decide, type Check } from '../../lambdas/front-door/core/verdict';
import {
  DocumentError,
  isObject,
  type JsonObject,
  operationsOf,
  parseOpenApi,
  readDocument,
  type Operation,
} from '../../lib/api/document';
import { securedOperations, securitySchemes } from '../../lib/api/security';
import { compileOperation } from '../../tools/generate/compile-operations';
import { calledWith } from '../_kernel/called-operation';
import { CALLER, restEvent } from '../_kernel/gateway-events';
import { type Compiled, temporaryFolder } from '../_kernel/sample-operations';
import { conformanceData, report } from './data';

const SUITE = join(process.env['SALLYPORT_CONFORMANCE'] ?? '', 'openapi/oai-schema-tests');

function documentsIn(version: string, verdict: string): string[] {
  return readdirSync(join(SUITE, version, verdict)).filter((name) => name.endsWith('.yaml'));
}

function judge(version: string, verdict: string, name: string): string | undefined {
  try {
    readDocument(join(SUITE, version, verdict, name));
    return undefined;
  } catch (error) {
    if (error instanceof DocumentError) return error.message;
    throw error;
  }
}

describe('documents of the OpenAPI Initiative', () => {
  it.each(documentsIn('v3.1', 'pass'))('3.1 %s is accepted', (name) => {
    expect(judge('v3.1', 'pass', name)).toBeUndefined();
  });

  it.each(documentsIn('v3.1', 'fail'))('3.1 %s is refused', (name) => {
    expect(judge('v3.1', 'fail', name)).toBeDefined();
  });

  it.each([
    ['v3.0', 'pass'],
    ['v3.2', 'pass'],
    ['v3.2', 'fail'],
  ])('%s: every %s document is refused for its version, which is not 3.1', (version, verdict) => {
    const messages = documentsIn(version, verdict).map((name) => judge(version, verdict, name));

    expect(messages.length).toBeGreaterThan(5);
    expect(messages.filter((message) => message?.includes('write 3.1.0 or 3.1.1') !== true)).toEqual([]);
  });
});

interface Case {
  readonly file: string;
  readonly spec: string;
  readonly command: string;
  readonly status: number;
}

const HARNESS = conformanceData('openapi/prism-harness/cases.json') as Case[];
const FOLDERS = /^(security|validate-(?:body|query|header|path)-params)\//;

/** Cases that are not replayed, each with its reason; docs/testing.md counts them. */
const LEFT_OUT: readonly [RegExp, string][] = [
  [/\.(oas2|only_oas2)\.txt$/, 'Swagger 2.0'],
  [/\.pc\.txt$/, 'Postman collection'],
  [/\/(multipart-)?form-data-/, 'bodies are JSON alone'],
  [
    /enforce-content-type-if-body-included|ignore-content-type-if-empty-body/,
    'an operation without a body reads none',
  ],
  [/query-param-form-(not-)?exploded-object/, 'parameters of type object are refused at build'],
  [/query-param-style-mismatch/, 'styles other than the default are refused at build'],
  [/missing-required-header|missing-query-param/, 'not a valid document: refused'],
  [/missing-path-param|missing-segment/, "routing is API Gateway's"],
  [/scheme-validation-AC-(2|3|4|5|6|22|23|26|27|28)\./, 'HTTP Basic and Digest: no check'],
  [/scheme-validation-AC-1\./, 'an operation that does not state its security does not deploy'],
];

const inScope = HARNESS.filter(({ file }) => FOLDERS.test(file));
const replayed = inScope.filter(({ file }) => !LEFT_OUT.some(([pattern]) => pattern.test(file)));

/** The case's document as 3.1, with what ours must say; only the request's side is kept. */
function documentOf({ spec }: Case): ReturnType<typeof parseOpenApi> {
  const source = parseDocument(spec).toJS() as JsonObject & { paths: Record<string, JsonObject> };
  const inherited = source['security'] ?? [];
  for (const item of Object.values(source.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (!['get', 'post', 'put'].includes(method) || !isObject(operation)) continue;
      item[method] = {
        ...operation,
        operationId: 'called',
        security: operation['security'] ?? inherited,
        responses: { '200': { description: 'ok' } },
      };
    }
  }
  delete source['security'];
  return parseOpenApi(JSON.stringify({ ...source, openapi: '3.1.0', info: { title: 'T', version: '1' } }));
}

interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

/** The request a `curl` line sends. */
function sent(command: string): Sent {
  const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|((?:\\.|[^\s\\])+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? (bare ?? '').replace(/\\(.)/g, '$1'),
  );
  const after = (...names: string[]): string[] =>
    words.flatMap((word, index) => (names.includes(word) ? [words[index + 1] ?? ''] : []));
  const [body] = after('--data', '-d');
  const headers = after('-H', '--header').map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const cookies = after('--cookie').map((value): [string, string] => ['Cookie', value]);
  return {
    method: after('-X', '-sIXGET').length > 0 && body !== undefined ? 'POST' : 'GET',
    url: new URL(words.find((word) => word.startsWith('http')) ?? ''),
    headers: Object.fromEntries([...headers, ...cookies]),
    ...(body === undefined ? {} : { body }),
  };
}

function pathParameters({ path }: Operation, url: URL): Record<string, string> | undefined {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? '');
  const match = new RegExp(`^${path.replace(/\{[^}]+\}/g, '([^/]+)')}$`).exec(url.pathname);
  return match === null
    ? undefined
    : Object.fromEntries(names.map((name, at) => [name, match[at + 1] ?? '']));
}

const CALLED: Caller = { ...CALLER };

/** A check that looks whether the credentials are there: what they are worth is proven by the checks' own tests. */
function presence(scheme: JsonObject, { url, headers }: Sent): Check {
  const header = (name: string): string | undefined =>
    Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  const name = typeof scheme['name'] === 'string' ? scheme['name'] : '';
  const found =
    scheme['type'] !== 'apiKey'
      ? header('authorization')?.startsWith('Bearer ') === true
      : scheme['in'] === 'query'
        ? url.searchParams.has(name)
        : scheme['in'] === 'cookie'
          ? header('cookie')?.startsWith(`${name}=`) === true
          : header(name) !== undefined;
  return async () =>
    found ? { ok: true, caller: CALLED } : { ok: false, failure: 'missing', reason: 'credentials_missing' };
}

async function statusOf(testCase: Case): Promise<number> {
  const document = documentOf(testCase);
  const request = sent(testCase.command);
  const operations = operationsOf(document);
  const operation = operations.find(
    ({ path }) => pathParameters({ path } as Operation, request.url) !== undefined,
  );
  if (operation === undefined) return 404;
  const [secured] = securedOperations(document, [operation]);
  if (secured !== undefined) {
    const checks = Object.entries(securitySchemes(document)).map(
      ([name, scheme]) => [name, presence(scheme, request)] as const,
    );
    const alternatives = secured.security.map((needs) =>
      Object.entries(needs).map(([scheme, scopes]) => ({ scheme, scopes: [...scopes] })),
    );
    const { verdict } = await decide(alternatives, Object.fromEntries(checks), {
      method: 'GET',
      headers: {},
    });
    if (verdict !== 'allow') return 401;
  }
  const { folder, remove } = temporaryFolder();
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'called.js'), compileOperation(document, operation));
    const { called } = (await import(join(folder, 'called.js'))) as { called: Compiled };
    const event = restEvent({
      method: operation.method,
      path: pathParameters(operation, request.url) ?? {},
      query: [...request.url.searchParams],
      headers: request.headers,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const { answer } = await calledWith(called, event, () => ({ status: 200 }));
    return answer.statusCode;
  } finally {
    remove();
  }
}

describe("Prism's harness", () => {
  it.each(replayed.map((testCase) => [testCase.file, testCase] as const))('%s', async (_file, testCase) => {
    // ours answers 400 where Prism answers 422 (RFC 9110 section 15.5.21 allows either)
    expect(await statusOf(testCase)).toBe(testCase.status === 422 ? 400 : testCase.status);
  });

  it('replays what it can, and knows why not the rest', () => {
    const reasons = LEFT_OUT.map(([pattern, reason]) => {
      const first = (file: string): boolean => LEFT_OUT.find(([other]) => other.test(file))?.[0] === pattern;
      return `${inScope.filter(({ file }) => first(file)).length} ${reason}`;
    });
    report(`prism: ${replayed.length} of ${inScope.length} replayed; not: ${reasons.join('; ')}`);

    expect(replayed.length).toBeGreaterThan(15);
    expect(readFileSync(join(SUITE, 'LICENSE'), 'utf8')).toContain('Apache');
  });
});
