/** `npm run crl` over lists that the openssl command made. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
let folder: string;
const at = (name: string): string => join(folder, name);

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function crl(...args: readonly string[]): Run {
  const { status, stdout, stderr } = spawnSync(
    join(ROOT, 'node_modules/.bin/tsx'),
    [join(ROOT, 'tools/crl.ts'), ...args],
    {
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
}

function makeAuthority(name: string, ...key: readonly string[]): void {
  openssl(
    'req',
    '-x509',
    '-newkey',
    ...key,
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
    '-subj',
    `/CN=${name}`,
  );
}

/** @param database one line per revoked certificate, as `openssl ca` keeps them */
function makeList(name: string, authority: string, number: string, database: readonly string[]): void {
  writeFileSync(at('index.txt'), database.map((line) => `${line}\n`).join(''));
  writeFileSync(at('number'), `${number}\n`);
  writeFileSync(
    at('openssl.cnf'),
    '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=30\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid:always\n',
  );
  openssl(
    'ca',
    '-gencrl',
    '-config',
    'openssl.cnf',
    '-keyfile',
    `${authority}.key`,
    '-cert',
    `${authority}.pem`,
    '-out',
    name,
  );
}

const LINE = 'R\t301231235959Z\t260101000000Z';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-crl-'));
  makeAuthority('rsa', 'rsa:2048');
  makeAuthority('other', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256');
  makeList('first.crl', 'rsa', '0FFF', [
    `${LINE},keyCompromise\t0A0B\tunknown\t/CN=x`,
    `${LINE}\tF0FFEE\tunknown\t/CN=y`,
  ]);
  makeList('second.crl', 'rsa', '1000', [
    `${LINE},keyCompromise\t0A0B\tunknown\t/CN=x`,
    `${LINE}\t77\tunknown\t/CN=z`,
  ]);
  makeList('other.crl', 'other', '01', []);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('CRL-01 CRL-07 inspect ends with 0 for a list that would be accepted, else names file, byte and rule', () => {
  openssl('crl', '-in', 'first.crl', '-outform', 'DER', '-out', 'first.der');
  writeFileSync(at('cut.der'), readFileSync(at('first.der')));
  truncateSync(at('cut.der'), 200);
  const issuer = ['--issuer', at('rsa.pem')];

  expect(crl('inspect', at('first.crl'), ...issuer)).toMatchObject({ status: 0, stderr: '' });
  expect(crl('inspect', at('first.der'), ...issuer).stdout).toContain('accepted: 2 entries');
  expect(crl('inspect', at('other.crl'), ...issuer)).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('other.crl: refused: issuer_unknown: ') as string,
  });
  expect(crl('inspect', at('cut.der'), ...issuer)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/cut\.der: refused: der_truncated at byte 1: /) as string,
  });
});

test('CRL-03 compile keeps the list in force when an older one is given, and check answers by it', () => {
  const out = at('out');
  const issuer = ['--issuer', at('rsa.pem')];
  const compile = (name: string): Run => crl('compile', at(name), ...issuer, '--out', out);
  const check = (serial: string): Run => crl('check', out, ...issuer, '--serial', serial);

  expect(compile('first.crl').status).toBe(0);
  expect(check('0A0B')).toMatchObject({ status: 3, stdout: 'revoked 2026-01-01T00:00:00Z keyCompromise\n' });
  expect(check('00:f0:ff:ee')).toMatchObject({
    status: 3,
    stdout: 'revoked 2026-01-01T00:00:00Z unspecified\n',
  });
  expect(check('77')).toMatchObject({ status: 0, stdout: 'good\n' });
  expect(compile('second.crl').status).toBe(0);
  expect(compile('first.crl')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('number_backwards') as string,
  });
  expect(readdirSync(out)).toEqual(['first.cache.json', 'indexes']);
  expect(check('77').status).toBe(3);
  expect(crl('check', out, '--issuer', at('other.pem'), '--serial', '77')).toMatchObject({
    status: 4,
    stdout: 'unknown\n',
  });
});

test('diff prints what was added and removed', () => {
  expect(crl('diff', at('first.crl'), at('second.crl'))).toMatchObject({
    status: 3,
    stdout: '+ 77 2026-01-01T00:00:00Z unspecified\n- F0FFEE 2026-01-01T00:00:00Z unspecified\n',
  });
  expect(crl('diff', at('first.crl'), at('first.crl'))).toMatchObject({ status: 0, stdout: '' });
});

test('wrong usage is told apart from a refusal', () => {
  expect(crl('inspect', at('first.crl'))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--issuer') as string,
  });
  expect(crl('guess')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('unknown command "guess"') as string,
  });
});
