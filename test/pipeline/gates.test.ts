/** The gates beside those of the document: each refusal with its twin that passes. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findingsOf } from '../../tools/gates/audit';
import { licencesOf, type Lock } from '../../tools/gates/licences';
import { writeSbom } from '../../tools/gates/sbom';
import { secretsIn } from '../../tools/gates/secrets';
import { withoutWaived } from '../../tools/gates/waivers';

const ROOT = join(__dirname, '../..');
const folders: string[] = [];

afterAll(() => {
  for (const one of folders) rmSync(one, { recursive: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gates-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

describe('PIPE-01 secrets', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const open = publicKey.export({ type: 'spki', format: 'pem' }) as string;

  it('in a file, also one whose name starts with a dot, are found, and what is found is not repeated', () => {
    const findings = secretsIn(
      folderWith({ 'lib/a.ts': `// words\nconst key = \`${secret}\`;\n`, '.env': secret }),
    );

    expect(findings.map(({ place }) => place).sort()).toEqual(['.env:1', 'lib/a.ts:2']);
    expect(findings[0]?.rule).toMatch(/secretlint-rule-privatekey$/);
    expect(JSON.stringify(findings)).not.toContain(secret.split('\n')[1]);
  });

  it('are not in the twin with the public key, nor looked for in what is not committed', () => {
    const clean = { 'lib/a.ts': `// words\nconst key = \`${open}\`;\n`, '.env': open };

    expect(secretsIn(folderWith({ ...clean, 'node_modules/a/key.pem': secret }))).toEqual([]);
  });

  it('a search that could not be made is an error, not a clean folder', () => {
    expect(() => secretsIn(folderWith({}))).toThrow(/^secretlint failed \(2\)/);
  });
});

describe('licences', () => {
  const lock = (license: string | undefined, dev: boolean): Lock => ({
    packages: {
      '': {},
      'node_modules/@a/b': { version: '1.0.0', dev, ...(license === undefined ? {} : { license }) },
    },
  });

  it.each([
    ['MIT', false],
    ['Apache-2.0 AND MIT', false],
    ['(MIT OR GPL-3.0-or-later)', false],
    ['MPL-2.0', true],
  ])('%s is on the list (tool: %s)', (license, dev) => {
    expect(licencesOf(lock(license, dev))).toEqual([]);
  });

  it.each([
    ['GPL-3.0-only', true],
    ['MIT AND GPL-3.0-only', false],
    ['MPL-2.0', false],
    ['SEE LICENSE IN LICENSE', true],
    ['((MIT OR ISC) AND GPL-3.0-only)', true],
    [undefined, true],
  ])('%s is not (tool: %s)', (license, dev) => {
    expect(licencesOf(lock(license, dev))).toMatchObject([{ rule: 'licence', place: '@a/b@1.0.0' }]);
  });

  it('of this project are all on the list', () => {
    const own = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;

    expect(Object.keys(own.packages).length).toBeGreaterThan(100);
    expect(licencesOf(own)).toEqual([]);
  });
});

describe('audit', () => {
  const report = (vulnerabilities: object): { code: number; out: string; err: string } => ({
    code: 0,
    out: JSON.stringify({ auditReportVersion: 2, vulnerabilities }),
    err: '',
  });
  const found = { range: '<2.0.0', fixAvailable: true };

  it('stops at high and critical, and lets the rest pass', () => {
    expect(findingsOf(report({}))).toEqual([]);
    expect(findingsOf(report({ a: { ...found, severity: 'moderate' } }))).toEqual([]);
    expect(
      findingsOf(report({ a: { ...found, severity: 'high' }, b: { ...found, severity: 'critical' } })),
    ).toMatchObject([{ place: 'a' }, { place: 'b' }]);
  });

  it.each([
    [
      'a registry without advisories',
      { code: 1, out: '{"message":"405 Method Not Allowed","error":{"summary":""}}', err: '' },
    ],
    ['no network', { code: 1, out: '{"error":{"summary":"request failed, reason: ENOTFOUND"}}', err: '' }],
    ['no report at all', { code: 1, out: '', err: 'npm error died' }],
  ])('stops where nobody could say: %s', (_, ended) => {
    expect(findingsOf(ended)).toMatchObject([
      {
        rule: 'audit-unavailable',
        reason: expect.stringMatching(/\((405|request failed|npm error)/) as string,
      },
    ]);
  });
});

describe('a dated waiver', () => {
  const found = { rule: 'vulnerability', place: 'a', reason: 'high in <2.0.0' };
  const other = { rule: 'licence', place: 'b@1.0.0', reason: 'GPL-3.0-only' };
  const waivers = (more = ''): string =>
    join(
      folderWith({
        'gates-waivers.yaml': `waivers:\n  - package: a\n    rule: vulnerability\n    reason: not reached\n    expires: 2026-06-30\n${more}`,
      }),
      'gates-waivers.yaml',
    );
  const left = (today: string, findings = [found, other], file = waivers()): string[] =>
    withoutWaived(findings, file, today, { audited: true }).findings.map(
      ({ rule, place, reason }) => `${place} ${rule} ${reason}`,
    );

  it('lets its own finding pass until its last day, and no other', () => {
    expect(left('2026-06-30')).toEqual(['b@1.0.0 licence GPL-3.0-only']);
    expect(withoutWaived([found], waivers(), '2026-06-30', { audited: true }).waived).toEqual([
      { ...found, expires: '2026-06-30' },
    ]);
  });

  it('that is expired stops, and so does one with nothing to waive', () => {
    expect(left('2026-07-01', [found])).toEqual([
      'a vulnerability high in <2.0.0',
      'a waiver-expired vulnerability: expired on 2026-06-30',
    ]);
    expect(left('2026-06-30', [])).toEqual([
      'a waiver-unused vulnerability: there is nothing to waive; remove it',
    ]);
    expect(withoutWaived([], waivers(), '2026-06-30', { audited: false }).findings).toEqual([]);
  });

  it.each(['privatekey', 'audit-unavailable'])('is not to be had for %s', (rule) => {
    const more = `  - package: a\n    rule: ${rule}\n    reason: why\n    expires: 2026-06-30\n`;

    expect(() => left('2026-06-30', [found], waivers(more))).toThrow(/is no rule/);
  });
});

describe('the parts list', () => {
  it('is CycloneDX, with every package of the lock file', () => {
    const file = join(folderWith({}), 'sbom/sbom.cdx.json');

    expect(writeSbom(ROOT, file)).toBeGreaterThan(100);
    const { bomFormat, components } = JSON.parse(readFileSync(file, 'utf8')) as {
      bomFormat: string;
      components: { name: string }[];
    };
    expect(bomFormat).toBe('CycloneDX');
    expect(components.map(({ name }) => name)).toContain('aws-cdk-lib');
  });

  it('that npm cannot make is an error', () => {
    const folder = folderWith({});

    expect(() => writeSbom(folder, join(folder, 'sbom.cdx.json'))).toThrow(/^npm sbom failed/);
  });
});
