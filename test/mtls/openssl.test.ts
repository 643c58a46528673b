/** Lists, keys and certificates that the openssl command made: each compiled and asked as `npm run crl` does. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { certificateIn, check, compile, inspect, subjectOf, type Outcome } from '../../tools/crl/commands';
import { RULES } from './authority';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-openssl-'));
const at = (name: string): string => join(folder, name);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
}

/** A self-signed CA as `<file>.pem` and `<file>.key`. */
function makeAuthority(file: string, key: readonly string[], subject = file): void {
  openssl(
    ...`req -x509 -days 30 -nodes -keyout ${file}.key -out ${file}.pem -subj /CN=${subject}`.split(' '),
    ...key,
  );
}

interface List {
  readonly authority: string;
  /** Serial numbers in hexadecimal, an even number of digits. */
  readonly revoked?: readonly string[];
  /** Hexadecimal, an even number of digits. */
  readonly number?: string;
  /** Lines of the section of extensions, and further sections. */
  readonly extensions?: string;
  readonly options?: readonly string[];
}

function makeList(
  file: string,
  { authority, revoked = [], number = '01', extensions = '', options = [] }: List,
): string {
  const lines = revoked.map(
    (serial) => `R\t301231235959Z\t260101000000Z,keyCompromise\t${serial}\tunknown\t/CN=x\n`,
  );
  writeFileSync(at('index.txt'), lines.join(''));
  writeFileSync(at('number'), `${number}\n`);
  const config =
    '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=30\ncrl_extensions=e\n';
  writeFileSync(at('openssl.cnf'), `${config}[e]\nauthorityKeyIdentifier=keyid:always\n${extensions}\n`);
  const files = `-config openssl.cnf -keyfile ${authority}.key -cert ${authority}.pem -out ${file}`;
  openssl('ca', '-gencrl', ...files.split(' '), ...options);
  return at(file);
}

/** A certificate of a client. @param extensions lines of a section */
function makeClient(file: string, authority: string, serial: string, extensions = ''): string {
  openssl(
    ...`req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${file}.key -out ${file}.csr -subj /CN=client`.split(
      ' ',
    ),
  );
  writeFileSync(at('client.cnf'), `authorityKeyIdentifier=keyid\n${extensions}\n`);
  openssl(
    ...`x509 -req -in ${file}.csr -CA ${authority}.pem -CAkey ${authority}.key -set_serial 0x${serial} -days 30 -extfile client.cnf -out ${file}.pem`.split(
      ' ',
    ),
  );
  return at(`${file}.pem`);
}

const now = (): number => Math.floor(Date.now() / 1000);
const options = (...authorities: readonly string[]) => ({
  issuers: authorities.map((file) => at(`${file}.pem`)),
  now: now(),
  rules: RULES,
  insecureSha1: false,
});
const ruleOf = ({ exit, error = '' }: Outcome): string =>
  exit === 0 ? 'accepted' : (/refused: (\w+)/.exec(error)?.[1] ?? error);
const answerTo = async (out: string, certificate: string): Promise<string> =>
  (await check(at(out), certificateIn(certificate), { now: now(), rules: RULES })).out.join();

const RSA = ['-newkey', 'rsa:2048'];
const P256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const PSS = ['-sigopt', 'rsa_padding_mode:pss'];
const REVOKED = 'revoked 2026-01-01T00:00:00Z keyCompromise';

describe('CRL-07 signed by openssl with', () => {
  test.each<[string, readonly string[], readonly string[], string]>([
    ['RSA PKCS #1, SHA-256', RSA, [], 'rsa-sha256'],
    ['RSA PKCS #1, SHA-512', RSA, ['-md', 'sha512'], 'rsa-sha512'],
    ['RSA-PSS, its longest salt', RSA, [...PSS, '-sigopt', 'rsa_pss_saltlen:max'], 'rsa-pss-sha256'],
    [
      'RSA-PSS, a salt as long as the hash',
      RSA,
      [...PSS, '-sigopt', 'rsa_pss_saltlen:digest'],
      'rsa-pss-sha256',
    ],
    ['RSA-PSS, SHA-384, a key for nothing else', ['-newkey', 'rsa-pss'], ['-md', 'sha384'], 'rsa-pss-sha384'],
    ['ECDSA P-256', P256, [], 'ecdsa-sha256'],
    [
      'ECDSA P-384',
      ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
      ['-md', 'sha384'],
      'ecdsa-sha384',
    ],
    [
      'ECDSA P-521',
      ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-521'],
      ['-md', 'sha512'],
      'ecdsa-sha512',
    ],
    ['Ed25519', ['-newkey', 'ed25519'], ['-md', 'null'], 'ed25519'],
  ])('CRL-07 %s is compiled, and answers', async (name, key, signing, algorithm) => {
    makeAuthority('signer', key);
    makeAuthority('stranger', key, 'signer');
    const out = `signed by ${name}`;
    const list = makeList('signed.crl', { authority: 'signer', revoked: ['0A0B'], options: signing });
    const ask = async (serial: string): Promise<string> =>
      (await check(at(out), subjectOf(at('signer.pem'), serial), options())).out.join();

    expect((await inspect(list, options('signer'))).out).toContain(`signature: ${algorithm}`);
    expect((await compile(list, options('signer'), at(out))).exit).toBe(0);
    expect(await ask('0A0B')).toBe(REVOKED);
    expect(await ask('0A0C')).toBe('good');
    expect((await inspect(list, options('stranger'))).exit).toBe(1);
  });

  test('CRL-07 a curve that no CA should have is refused', async () => {
    makeAuthority('koblitz', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1']);

    expect(ruleOf(await inspect(makeList('k.crl', { authority: 'koblitz' }), options('koblitz')))).toBe(
      'issuer_key_unknown',
    );
  });
});

describe('by openssl', () => {
  beforeAll(() => {
    makeAuthority('ca', P256);
    makeAuthority('twin', P256, 'ca');
  });

  test('CRL-01 a list of another CA of the same name is not by the issuer', async () => {
    const list = makeList('twin.crl', { authority: 'twin' });

    expect(ruleOf(await inspect(list, options('ca')))).toBe('issuer_key_unknown');
    expect(ruleOf(await inspect(list, options('ca', 'twin')))).toBe('accepted');
  });

  test('CRL-02 a list that has ended, and one of the future', async () => {
    const times = (from: string, to: string): readonly string[] => [
      '-crl_lastupdate',
      from,
      '-crl_nextupdate',
      to,
    ];
    const rule = async (from: string, to: string): Promise<string> =>
      ruleOf(await inspect(makeList('t.crl', { authority: 'ca', options: times(from, to) }), options('ca')));

    expect(await rule('20250101000000Z', '20250201000000Z')).toBe('list_expired');
    expect(await rule('20990101000000Z', '20990201000000Z')).toBe('list_not_yet_valid');
    expect(await rule('20250101000000Z', '20990201000000Z')).toBe('accepted');
  });

  test('CRL-03 numbers of 20 octets go forward alone, in each partition by itself', async () => {
    const big = (last: string): string => `7F${'FF'.repeat(18)}${last}`;
    const publish = async (number: string, extensions = ''): Promise<string> =>
      ruleOf(
        await compile(
          makeList('n.crl', { authority: 'ca', number, extensions }),
          options('ca'),
          at('numbers'),
        ),
      );
    const partition = 'issuingDistributionPoint=critical,@p\n[p]\nfullname=URI:http://crl.example/1';

    expect(await publish(big('01'))).toBe('accepted');
    expect(await publish('FF')).toBe('number_backwards');
    expect(await publish(big('00'))).toBe('number_backwards');
    expect(await publish(big('02'))).toBe('accepted');
    const other = makeList('partition.crl', { authority: 'ca', number: '05', extensions: partition });
    expect(ruleOf(await compile(other, options('ca'), at('numbers')))).toBe('accepted');
  });

  test('CRL-04 each of two CAs of one name answers for its own certificates', async () => {
    const issuers = options('ca', 'twin');
    await compile(makeList('one.crl', { authority: 'ca', revoked: ['07'] }), issuers, at('twins'));
    const [ofOne, ofTwin] = [makeClient('one', 'ca', '07'), makeClient('two', 'twin', '07')];
    expect(await answerTo('twins', ofOne)).toBe(REVOKED);
    expect(await answerTo('twins', ofTwin)).toBe('unknown');
    await compile(makeList('two.crl', { authority: 'twin' }), issuers, at('twins'));

    expect(await answerTo('twins', ofOne)).toBe(REVOKED);
    expect(await answerTo('twins', ofTwin)).toBe('good');
  });

  test('CRL-05 a critical extension that nobody knows', async () => {
    const rule = async (critical: string): Promise<string> =>
      ruleOf(
        await inspect(
          makeList('c.crl', { authority: 'ca', extensions: `1.2.3.4=${critical}ASN1:NULL` }),
          options('ca'),
        ),
      );

    expect(await rule('critical,')).toBe('extension_critical_unknown');
    expect(await rule('')).toBe('accepted');
  });

  test('CRL-06 a partition answers for certificates that name it', async () => {
    const point = (n: number): string =>
      `issuingDistributionPoint=critical,@p\n[p]\nfullname=URI:http://crl.example/${n}`;
    await compile(
      makeList('p1.crl', { authority: 'ca', revoked: ['11'], extensions: point(1) }),
      options('ca'),
      at('parts'),
    );
    const named = (serial: string, n: number): string =>
      makeClient(`p${serial}`, 'ca', serial, `crlDistributionPoints=URI:http://crl.example/${n}`);

    expect(await answerTo('parts', named('11', 1))).toBe(REVOKED);
    expect(await answerTo('parts', named('12', 1))).toBe('good');
    expect(await answerTo('parts', named('13', 2))).toBe('unknown');
    expect(await answerTo('parts', makeClient('nowhere', 'ca', '14'))).toBe('unknown');
  });

  test('CRL-06 a delta is merged into its base, and refused without it', async () => {
    const delta = makeList('delta.crl', {
      authority: 'ca',
      number: '06',
      revoked: ['22'],
      extensions: '2.5.29.27=critical,ASN1:INTEGER:5',
    });
    expect(ruleOf(await compile(delta, options('ca'), at('deltas')))).toBe('delta_base_missing');
    await compile(
      makeList('base.crl', { authority: 'ca', number: '05', revoked: ['21'] }),
      options('ca'),
      at('deltas'),
    );
    expect(ruleOf(await compile(delta, options('ca'), at('deltas')))).toBe('accepted');

    for (const [serial, answer] of [
      ['21', REVOKED],
      ['22', REVOKED],
      ['23', 'good'],
    ] as const)
      expect(await answerTo('deltas', makeClient(`d${serial}`, 'ca', serial))).toBe(answer);
  });

  test('CRL-06 a list for some reasons only is refused', async () => {
    const extensions = 'issuingDistributionPoint=critical,@p\n[p]\nonlysomereasons=keyCompromise';

    expect(ruleOf(await inspect(makeList('r.crl', { authority: 'ca', extensions }), options('ca')))).toBe(
      'some_reasons_only',
    );
  });

  test('CRL-11 whoever a revoked CA certified is revoked', async () => {
    openssl(
      ...'req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout below.key -out below.csr -subj /CN=below'.split(
        ' ',
      ),
    );
    writeFileSync(
      at('below.cnf'),
      'basicConstraints=critical,CA:true\nkeyUsage=keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n',
    );
    openssl(
      ...'x509 -req -in below.csr -CA ca.pem -CAkey ca.key -set_serial 0x66 -days 30 -extfile below.cnf -out below.pem'.split(
        ' ',
      ),
    );
    const client = makeClient('under', 'below', '01');
    const all = options('ca', 'below');
    await compile(makeList('below.crl', { authority: 'below' }), all, at('chain'));
    await compile(
      makeList('above.crl', { authority: 'ca', revoked: ['65'], number: '01' }),
      all,
      at('chain'),
    );
    expect(await answerTo('chain', client)).toBe('good');
    await compile(
      makeList('above.crl', { authority: 'ca', revoked: ['65', '66'], number: '02' }),
      all,
      at('chain'),
    );

    expect(await answerTo('chain', client)).toBe('revoked');
  });
});
