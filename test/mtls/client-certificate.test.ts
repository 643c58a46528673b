import { readClientCertificate } from '../../lambdas/mtls/core/client-certificate';
import { elementAt } from '../../lambdas/mtls/core/der';
import { nameOf } from '../../lambdas/mtls/core/names';
import { Authority } from './authority';
import { der, makeCertificate, NOW, oid, pem, sequence } from './make-crl';

const ca = new Authority('CA');
const client = makeCertificate({ subject: 'client', issuer: 'CA', serial: 0xa1b2n, keys: ca.keys });
const PEM = pem('CERTIFICATE', client);
const event = (parts: Record<string, unknown> = {}): unknown => ({
  clientCertPem: PEM,
  subjectDN: 'CN=client',
  issuerDN: 'CN=CA',
  serialNumber: '41394',
  validity: { notBefore: 'Nov 20 06:00:00 2026 GMT', notAfter: 'Nov 21 06:00:00 2027 GMT' },
  ...parts,
});
const faultOf = (clientCert: unknown, now = NOW): string => {
  const read = readClientCertificate(clientCert, now);
  return read.ok ? 'ok' : read.fault;
};

describe('CRL-09 clientCert of an event', () => {
  test('CRL-09 is read from the PEM', () => {
    expect(readClientCertificate(event(), NOW)).toMatchObject({
      ok: true,
      certificate: { subject: { rfc4514: 'CN=client' }, issuer: { rfc4514: 'CN=CA' } },
    });
  });

  test.each<[string, unknown, string]>([
    ['absent', undefined, 'certificate_missing'],
    ['null', null, 'certificate_missing'],
    ['a text', PEM, 'certificate_malformed'],
    ['a list', [event()], 'certificate_malformed'],
    ['without PEM', { serialNumber: '1' }, 'certificate_malformed'],
    ['with an empty PEM', event({ clientCertPem: '' }), 'certificate_malformed'],
    ['with a PEM that is no text', event({ clientCertPem: [PEM] }), 'certificate_malformed'],
    [
      'with an extra chain',
      event({ clientCertPem: PEM + pem('CERTIFICATE', ca.der) }),
      'certificate_malformed',
    ],
    ['with the same certificate twice', event({ clientCertPem: PEM + PEM }), 'certificate_malformed'],
    ['with text in front', event({ clientCertPem: `CN=client\n${PEM}` }), 'certificate_malformed'],
    [
      'with a key behind',
      event({ clientCertPem: `${PEM}${pem('PRIVATE KEY', client)}` }),
      'certificate_malformed',
    ],
    ['of another label', event({ clientCertPem: pem('X509 CERTIFICATE', client) }), 'certificate_malformed'],
    [
      'cut short',
      event({ clientCertPem: pem('CERTIFICATE', client.subarray(0, -1)) }),
      'certificate_malformed',
    ],
    [
      'with trailing octets',
      event({ clientCertPem: pem('CERTIFICATE', Buffer.concat([client, Buffer.of(0)])) }),
      'certificate_malformed',
    ],
    [
      'in base64 with padding inside',
      event({ clientCertPem: PEM.replace('\nM', '\n=M') }),
      'certificate_malformed',
    ],
    [
      'beyond all size',
      event({ clientCertPem: PEM.replace('\n', `\n${' '.repeat(70_000)}`) }),
      'certificate_malformed',
    ],
    ['of another serial', event({ serialNumber: '41395' }), 'certificate_contradictory'],
    ['of another serial in hexadecimal', event({ serialNumber: 'a1:b3' }), 'certificate_contradictory'],
    ['of a serial that is none', event({ serialNumber: 'zz' }), 'certificate_contradictory'],
    [
      'of another validity',
      event({ validity: { notBefore: 'Nov 20 06:00:01 2026 GMT' } }),
      'certificate_contradictory',
    ],
    [
      'of another end',
      event({ validity: { notAfter: 'Nov 21 06:00:00 2028 GMT' } }),
      'certificate_contradictory',
    ],
  ])('CRL-09 %s is refused', (_name, clientCert, fault) => {
    expect(faultOf(clientCert)).toBe(fault);
    expect(faultOf(event())).toBe('ok');
  });

  test.each(['41394', 'a1:b2', 'A1:B2', 'A1B2', '0xa1b2', '00:a1:b2'])(
    'takes the serial %s, as AWS documents and as it has been seen',
    (serialNumber) => {
      expect(faultOf(event({ serialNumber }))).toBe('ok');
    },
  );

  test.each<[string, bigint, string]>([
    ['0', 0n, 'ok'],
    ['negative', -5n, 'ok'],
    ['of 21 octets', 1n << 160n, 'ok'],
    ['as long as a list may have it', 1n << 510n, 'ok'],
    ['longer than any list may have it', 1n << 511n, 'certificate_malformed'],
  ])('CRL-09 a serial that is %s is looked up, or refused', (_name, serial, fault) => {
    const certificate = makeCertificate({ subject: 'client', issuer: 'CA', serial, keys: ca.keys });

    expect(faultOf({ clientCertPem: pem('CERTIFICATE', certificate), serialNumber: serial.toString() })).toBe(
      fault,
    );
  });

  test('takes the line breaks that an event may have', () => {
    expect(faultOf(event({ clientCertPem: PEM.replaceAll('\n', '\r\n') }))).toBe('ok');
    expect(faultOf(event({ clientCertPem: PEM.trimEnd() }))).toBe('ok');
  });

  test('looks at the dates again: a connection may be older than its certificate', () => {
    const [start, end] = [NOW - 86_400, NOW + 365 * 86_400];

    expect(faultOf(event(), end)).toBe('ok');
    expect(faultOf(event(), end + 1)).toBe('certificate_out_of_date');
    expect(faultOf(event(), start - 60)).toBe('ok');
    expect(faultOf(event(), start - 61)).toBe('certificate_out_of_date');
  });
});

describe('a name for programs', () => {
  const rfc4514 = (...sets: readonly (readonly [string, string])[][]): string => {
    const attribute = ([id, value]: readonly [string, string]): Buffer =>
      sequence(oid(id), der(0x0c, Buffer.from(value)));
    const name = sequence(...sets.map((set) => der(0x31, ...set.map(attribute))));
    return nameOf(elementAt(name, 0, name.length, 0)).rfc4514;
  };
  const [CN, O] = ['2.5.4.3', '2.5.4.10'];

  test('is written as RFC 4514 does, the last attribute first', () => {
    expect(rfc4514([[O, 'Acme']], [[CN, 'client']])).toBe('CN=client,O=Acme');
    expect(rfc4514([[CN, 'a']], [['1.2.3.4', 'b']])).toBe('1.2.3.4=b,CN=a');
  });

  test('cannot be made to look like another', () => {
    expect(rfc4514([[CN, 'client,O=Acme']])).toBe('CN=client\\,O=Acme');
    expect(rfc4514([[CN, 'a+O=b']])).not.toBe(
      rfc4514([
        [CN, 'a'],
        [O, 'b'],
      ]),
    );
    expect(rfc4514([[CN, ' a ']])).toBe('CN=\\ a\\ ');
    expect(rfc4514([[CN, '#a"\\']])).toBe('CN=\\#a\\"\\\\');
    expect(rfc4514([[CN, 'a\r\nb']])).toBe('CN=a\\0d\\0ab');
    expect(rfc4514([[CN, 'Zoë']])).toBe('CN=Zo\\c3\\ab');
  });
});
