/** The program itself: what it prints, and its exit codes. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { runSpec } from '../../tools/spec/command';
import { lineOf, UsageError } from '../../tools/spec/outcome';

jest.setTimeout(60_000);

const ROOT = join(__dirname, '../..');
const OWN = join(ROOT, 'openapi.yaml');
const run = promisify(execFile);

interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly error: string;
}

/** The program in a process of its own: Redocly is an ES module, which Jest does not load. */
async function program(...args: string[]): Promise<Ran> {
  const command = [join(ROOT, 'tools/spec.ts'), ...args];
  try {
    const { stdout, stderr } = await run(join(ROOT, 'node_modules/.bin/tsx'), command);
    return { exit: 0, out: stdout, error: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exit: code, out: stdout, error: stderr };
  }
}

/** The same in this process, with the lines it would print. */
async function spec(...args: string[]): Promise<{ exit: number; lines: string[] }> {
  const { outcome } = await runSpec(args, '2026-06-30');
  return { exit: outcome.exit, lines: outcome.findings.map(lineOf) };
}

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'spec-'));
}

/** The document of this repository with one text replaced by another. */
function edited(from: string | RegExp, to: string, at = folder()): string {
  const text = readFileSync(OWN, 'utf8');
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  const file = join(at, 'openapi.yaml');
  writeFileSync(file, changed);
  return file;
}

const PUBLISHED_INFO = /(operationId: getInfo[\s\S]*?)security:\n {8}- cognito: \[\]\n {8}- session: \[\]/;

describe('npm run spec -- lint', () => {
  it('finds nothing in the document of this repository', async () => {
    expect(await program('lint', OWN)).toMatchObject({ exit: 0, out: '' });
  });

  it.each<[string, string | RegExp, string, RegExp]>([
    [
      'SPEC-01 no security',
      /security: \[\]\n/,
      '',
      /:\d+:\d+ security-defined Every operation should have security/,
    ],
    ['a scheme that is not declared', '- session: []', '- sesion: []', /:\d+:\d+ security-defined /],
    [
      'SPEC-01 an optional requirement',
      '- session: []',
      '- {}',
      /:1:1 synth GET \/info: an empty requirement/,
    ],
    [
      'SPEC-01 an extension that nothing enforces',
      'operationId: ping',
      'operationId: ping\n      x-stepup: {}',
      /:1:1 synth GET \/ping: x-stepup/,
    ],
    ['a reference to nothing', 'responses/NotFound', 'responses/Nothing', /:\d+:\d+ no-unresolved-refs /],
    ['a misspelt key', 'summary: List widgets', 'sumary: List widgets', /:\d+:\d+ struct .*sumary/],
    [
      'a repeated operationId',
      'operationId: ping',
      'operationId: getInfo',
      /:\d+:\d+ operation-operationId-unique /,
    ],
  ])('stops at %s, with line and rule', async (_case, from, to, line) => {
    const { exit, out } = await program('lint', edited(from, to));

    expect(out).toMatch(line);
    expect(exit).toBe(1);
  });
});

describe('PIPE-01 npm run spec -- diff and gate', () => {
  it('stop a breaking edit, and let it pass with the version it needs', async () => {
    const file = edited('maxLength: 120', 'maxLength: 12');
    const enough = edited('version: 0.1.0', 'version: 0.2.0', folder());
    writeFileSync(enough, readFileSync(enough, 'utf8').replace('maxLength: 120', 'maxLength: 12'));
    const stopped = await spec('diff', OWN, file);

    expect(stopped.exit).toBe(1);
    expect(stopped.lines).toEqual([
      'POST /widgets request-maxLength body application/json /name: maxLength was 120, is 12',
      'PUT /widgets/{widgetId} request-maxLength body application/json /name: maxLength was 120, is 12',
      'info.version version is 0.1.0; after 0.1.0, a breaking change needs 0.2.0 or higher',
    ]);
    expect(await spec('diff', OWN, enough)).toEqual({ exit: 0, lines: [] });
  });

  it('stop a weakening edit with operation and reason; a dated waiver lets it pass', async () => {
    const file = edited(PUBLISHED_INFO, '$1security: []');
    const stopped = await spec('gate', '--against', OWN, file);
    const waivers = (day: string): string =>
      `waivers:\n  - operation: GET /info\n    rule: operation-public\n    reason: shown on the status page\n    expires: ${day}\n`;

    expect(stopped).toEqual({
      exit: 1,
      lines: ['GET /info operation-public needed cognito or session, now needs nothing'],
    });
    writeFileSync(join(file, '../security-waivers.yaml'), waivers('2026-06-30'));
    expect(await spec('gate', '--against', OWN, file)).toEqual({ exit: 0, lines: [] });
    writeFileSync(join(file, '../security-waivers.yaml'), waivers('2026-06-29'));
    expect((await spec('gate', '--against', OWN, file)).lines).toContain(
      'GET /info waiver-expired operation-public: expired on 2026-06-29',
    );
  });

  it('compare with a git revision, and answer JSON', async () => {
    const at = folder();
    copyFileSync(OWN, join(at, 'openapi.yaml'));
    const git = (...args: string[]) =>
      run('git', ['-c', 'user.name=t', '-c', 'user.email=t@t.example', ...args], { cwd: at });
    await git('init', '-q');
    await git('add', '.');
    await git('commit', '-q', '-m', 'published');
    const file = edited(PUBLISHED_INFO, '$1security: []', at);
    const { exit, out } = await program('gate', '--against', 'git:HEAD', file, '--json');

    expect(exit).toBe(1);
    expect(JSON.parse(out)).toEqual({
      exit: 1,
      findings: [{ rule: 'operation-public', place: 'GET /info', reason: expect.any(String) as string }],
      notes: [],
    });
    await git('commit', '-q', '-a', '-m', 'accepted');
    expect((await spec('gate', '--against', 'git:HEAD', file)).exit).toBe(0);
  });

  it('knows the order of the levels that are enforced, and takes another one', async () => {
    const level = (name: string): string => edited('acr: urn:cognito:loa:2', `acr: ${name}`);
    const [lower, higher] = [level('urn:cognito:loa:1'), level('urn:cognito:loa:3')];
    const [silver, gold] = [level('https://id.example/silver'), level('https://id.example/gold')];
    const order = ['--acr-levels', 'https://id.example/silver, https://id.example/gold'];
    const rules = async (...args: string[]): Promise<string[]> =>
      (await spec('gate', ...args)).lines.map((line) => /step-up-\w+/.exec(line)?.[0] ?? line);

    expect(await rules('--against', OWN, higher)).toEqual([]);
    expect(await rules('--against', OWN, lower)).toEqual(['step-up-relaxed']);
    expect(await rules('--against', silver, gold)).toEqual(['step-up-relaxed']);
    expect(await rules('--against', silver, gold, ...order)).toEqual([]);
    expect(await rules('--against', gold, silver, ...order)).toEqual(['step-up-relaxed']);
    expect(await rules('--against', gold, OWN, ...order)).toEqual(['step-up-relaxed']);
  });

  it.each([
    ['no command', []],
    ['an unknown command', ['check']],
    ['an unknown option', ['lint', '--fix']],
    ['a missing document', ['lint', 'no-such-file.yaml']],
    ['nothing to compare with', ['gate', OWN]],
    ['a published document that is not there', ['gate', '--against', 'no-such-file.yaml', OWN]],
    ['a revision that is not there', ['gate', '--against', 'git:no-such-revision', OWN]],
    ['a revision that is an option', ['gate', '--against', 'git:--output=x', OWN]],
    ['an order of one level', ['gate', '--against', OWN, OWN, '--acr-levels', 'gold']],
    ['a level twice', ['gate', '--against', OWN, OWN, '--acr-levels', 'silver,gold,silver']],
    ['a level without a name', ['gate', '--against', OWN, OWN, '--acr-levels', 'silver,,gold']],
    ['a level that no challenge can name', ['gate', '--against', OWN, OWN, '--acr-levels', 'silver,go ld']],
    ['waivers that are not there', ['gate', '--against', OWN, OWN, '--waivers', 'no-such-file.yaml']],
  ])('refuse to run, and say why: %s', async (_case, args) => {
    await expect(spec(...args)).rejects.toThrow(UsageError);
  });

  it('exit with 2 on wrong usage', async () => {
    expect(await program('gate', OWN)).toMatchObject({
      exit: 2,
      error: expect.stringContaining('spec: --against <old> is missing') as string,
    });
  });
});
