/** BoringSSL's and Mbed TLS's certificate revocation lists through the compiler and the lookup. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readCertificate, readCertificates } from '../../lambdas/mtls/core/certificate';
import { compileList, type CompileOptions } from '../../lambdas/mtls/core/compile';
import { IndexView } from '../../lambdas/mtls/core/lookup';
import type { Refusal } from '../../lambdas/mtls/core/refusal';
import { listsFor, statusOf, type Status } from '../../lambdas/mtls/core/status';
import { conformanceData } from './data';

const FOLDER = process.env['SALLYPORT_CONFORMANCE'] ?? '';
const BORINGSSL = join(FOLDER, 'crl/boringssl-crl_unittest');
const MBEDTLS = join(FOLDER, 'crl/mbedtls');
const DAY = 86_400;

/** What BoringSSL's own test uses: 2017-03-09, lists at most seven days old. */
const BORINGSSL_NOW = 1_489_017_600;
const RULES: CompileOptions['rules'] = {
  freshness: { kind: 'hard' },
  maximumAge: 7 * DAY,
  withoutNextUpdate: 'acceptUntilMaximumAge',
};

function block(text: string, label: string): Buffer | undefined {
  const found = new RegExp(`-----BEGIN ${label}-----([^-]*)-----END ${label}-----`).exec(text)?.[1];
  return found === undefined ? undefined : Buffer.from(found, 'base64');
}

/** The status of a certificate by one list alone. */
async function ask(
  list: Uint8Array,
  certificate: string | Uint8Array,
  options: CompileOptions,
): Promise<Status | { status: 'refused'; refusal: Refusal }> {
  const compiled = await compileList([list], options);
  if (!compiled.accepted) return { status: 'refused', refusal: compiled.refusal };
  const { manifest, index } = compiled;
  const subject = readCertificate(certificate);
  const { usable, reason } = listsFor([manifest], subject, options.now, options.rules);
  const found = new IndexView(Buffer.concat(index.pieces)).find(subject.issuer.hash, subject.serial);
  if (!('status' in found)) throw new Error('an index in memory asked for a range');
  return statusOf(
    usable.map(() => ({ manifest, found })),
    reason,
    options.now,
    options.rules,
  );
}

describe('BoringSSL crl_unittest', () => {
  const files = readdirSync(BORINGSSL).filter((file) => file.endsWith('.pem'));

  test('the suite is the one these expectations were written for', () => {
    expect(files).toHaveLength(66);
  });

  test.each(files)('%s', async (file) => {
    const text = readFileSync(join(BORINGSSL, file), 'utf8');
    const issuers = [block(text, 'CA CERTIFICATE'), block(text, 'CA CERTIFICATE 2')];
    const { status } = await ask(block(text, 'CRL')!, block(text, 'CERTIFICATE')!, {
      issuers: issuers.filter((issuer) => issuer !== undefined).map(readCertificate),
      now: BORINGSSL_NOW,
      rules: RULES,
    });
    const [kind = ''] = file.split('_');

    expect(status === 'refused' ? 'unknown' : status).toBe(
      { 'good.pem': 'good', good: 'good', 'revoked.pem': 'revoked', revoked: 'revoked' }[kind] ?? 'unknown',
    );
  });
});

interface MbedTls {
  readonly malformed: readonly { title: string; derHex: string; ok: boolean }[];
  readonly verifyWithCrl: readonly {
    title: string;
    cert: string;
    ca: string;
    crl: string;
    flags: string;
    profile: string;
    deps: string;
  }[];
}

describe('Mbed TLS lists', () => {
  const { malformed, verifyWithCrl } = conformanceData('crl/mbedtls/cases.json') as MbedTls;
  /** Lists that Mbed TLS reads and this compiler does not, as the names of RFC 5280 rules. */
  const STRICTER: Readonly<Record<string, string>> = {
    'X509 CRL ASN1 (TBSCertList, sig present)': 'version_unsupported',
    'X509 CRL ASN1 (TBSCertList, no entries)': 'version_unsupported',
    'X509 CRL ASN1 (extension not critical explicit, crl-idp.pem byte 129)': 'signature_invalid',
  };

  test('the suite is the one these expectations were written for', () => {
    expect([malformed.length, malformed.filter(({ ok }) => !ok).length, verifyWithCrl.length]).toEqual([
      34, 31, 31,
    ]);
  });

  test.each(malformed)('$title', async ({ title, derHex, ok }) => {
    const options = {
      issuers: testIssuers(),
      now: 1_600_000_000,
      rules: { ...RULES, maximumAge: 5000 * DAY },
    };
    const compiled = await compileList([Buffer.from(derHex, 'hex')], options);
    const outcome = compiled.accepted ? 'accepted' : compiled.refusal.code;

    expect(outcome).not.toBe('accepted');
    expect(ok ? outcome : undefined).toBe(STRICTER[title]);
  });

  test.each(verifyWithCrl)('$title', async ({ cert, ca, crl, flags, profile, deps }) => {
    const options: CompileOptions = {
      issuers: readCertificates(readFileSync(join(MBEDTLS, ca))),
      // 2023-07-01: within every list that the suite takes for current
      now: 1_688_169_600,
      rules: { freshness: { kind: 'hard' }, maximumAge: null, withoutNextUpdate: 'refuse' },
      insecureSha1: profile === 'compat',
    };
    const lists = readFileSync(join(MBEDTLS, crl), 'latin1').split(/(?=-----BEGIN)/);
    const certificate = readFileSync(join(MBEDTLS, cert));
    const statuses = await Promise.all(
      lists.map(async (list) => ask(Buffer.from(list, 'latin1'), certificate, options)),
    );
    const good = statuses.some(({ status }) => status === 'good');
    const revoked = statuses.some(({ status }) => status === 'revoked');
    // a build of Mbed TLS without a clock takes the list of the future
    const unusable = /BADCRL|NOT_TRUSTED/.test(flags) || deps.includes('!MBEDTLS_HAVE_TIME_DATE');

    expect(revoked).toBe(/REVOKED/.test(flags) && !unusable);
    expect(good && (/REVOKED/.test(flags) || unusable)).toBe(false);
  });
});

function testIssuers() {
  return ['test-ca.crt', 'test-ca2.crt'].map((file) => readCertificate(readFileSync(join(MBEDTLS, file))));
}
