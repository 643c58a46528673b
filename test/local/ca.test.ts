/** The local authority: what it signs holds for node:tls and OpenSSL, and for this machine only. */
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';

import { authority, type CertificateRequest, type Issued } from '../../local/ca';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-ca-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const SERVER: CertificateRequest = { subject: 'site', kind: 'server', names: ['localhost', '127.0.0.1'] };
const DAY = 86_400_000;

/** What a client that trusts the authority alone says of a server: `null`, or the words of OpenSSL. */
async function handshake(ca: string, { certPem, keyPem }: Issued, host: string): Promise<string | null> {
  const server = createServer({ cert: certPem, key: keyPem }, (socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, ca, checkServerIdentity: identityOf(host) }, () => {
        socket.end();
        resolve(null);
      });
      socket.once('error', (error: Error) => {
        resolve(error.message);
      });
    });
  } finally {
    server.close();
  }
}

/** node:tls checks an address as given; here the name is that of the case. */
function identityOf(host: string) {
  return (_: string, peer: { raw: Buffer }): Error | undefined => {
    const certificate = new X509Certificate(peer.raw);
    const named = host === '127.0.0.1' ? certificate.checkIP(host) : certificate.checkHost(host);
    return named === undefined ? new Error('other name') : undefined;
  };
}

function openssl(...args: readonly string[]): string {
  try {
    return execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    return (error as { stderr: string }).stderr;
  }
}

describe('the local authority', () => {
  test.each(['localhost', '127.0.0.1'])('vouches for a server named %s', async (host) => {
    const ca = authority(folder);

    expect(await handshake(ca.certPem, ca.issue(SERVER), host)).toBeNull();
  });

  test('cannot vouch for a server of another name, even when its key is misused', async () => {
    const ca = authority(folder);
    const elsewhere = ca.issue({ ...SERVER, names: ['example.com'] });
    const address = ca.issue({ ...SERVER, names: ['127.0.0.2'] });

    expect(await handshake(ca.certPem, elsewhere, 'example.com')).toBe('permitted subtree violation');
    expect(await handshake(ca.certPem, address, '127.0.0.2')).toBe('permitted subtree violation');
    expect(
      await handshake(
        ca.certPem,
        ca.issue({ ...SERVER, names: ['partners.localhost'] }),
        'partners.localhost',
      ),
    ).toBeNull();
  });

  test('signs for the time asked for', async () => {
    const ca = authority(folder);
    const past = { notBefore: new Date(Date.now() - 2 * DAY), notAfter: new Date(Date.now() - DAY) };

    expect(await handshake(ca.certPem, ca.issue({ ...SERVER, ...past }), 'localhost')).toBe(
      'certificate has expired',
    );
    expect(await handshake(ca.certPem, ca.issue(SERVER), 'localhost')).toBeNull();
  });

  test('is not another authority', async () => {
    const [one, other] = [authority(join(folder, 'one')), authority(join(folder, 'other'))];

    expect(await handshake(one.certPem, other.issue(SERVER), 'localhost')).toBe(
      'unable to verify the first certificate',
    );
    expect(await handshake(one.certPem, one.issue(SERVER), 'localhost')).toBeNull();
  });

  test('keeps a client certificate from serving, and the other way round', () => {
    const ca = authority(folder);
    const client: CertificateRequest = { subject: 'partner', kind: 'client', names: [] };
    for (const [name, request] of [
      ['server.pem', SERVER],
      ['client.pem', client],
    ] as const) {
      writeFileSync(join(folder, name), ca.issue(request).certPem);
    }
    const verify = (purpose: string, name: string): string =>
      openssl('verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'ca.pem', name);

    expect(verify('sslclient', 'client.pem')).toBe('client.pem: OK\n');
    expect(verify('sslserver', 'client.pem')).toMatch(/unsuitable certificate purpose/);
    expect(verify('sslserver', 'server.pem')).toBe('server.pem: OK\n');
    expect(verify('sslclient', 'server.pem')).toMatch(/unsuitable certificate purpose/);
  });

  test('signs lists by which OpenSSL refuses what is on them', () => {
    const ca = authority(folder);
    const [good, revoked] = ['good', 'revoked'].map((subject) => {
      const issued = ca.issue({ subject, kind: 'client', names: [] });
      writeFileSync(join(folder, `${subject}.pem`), issued.certPem);
      return issued;
    });
    const verifyBy = (serials: readonly string[], name: string): string => {
      const thisUpdate = new Date();
      const nextUpdate = new Date(Date.now() + DAY);
      writeFileSync(
        join(folder, 'list.der'),
        ca.revocationList({ revoked: serials, number: 7n, thisUpdate, nextUpdate }),
      );
      openssl('crl', '-inform', 'DER', '-in', 'list.der', '-out', 'list.pem');
      return openssl('verify', '-crl_check', '-CRLfile', 'list.pem', '-CAfile', 'ca.pem', name);
    };

    expect(verifyBy([], 'revoked.pem')).toBe('revoked.pem: OK\n');
    expect(verifyBy([revoked!.serialNumber], 'revoked.pem')).toMatch(/certificate revoked/);
    expect(verifyBy([revoked!.serialNumber], 'good.pem')).toBe('good.pem: OK\n');
    expect(good!.serialNumber).not.toBe(revoked!.serialNumber);
  });

  test('is the same at the next start, and its key is for its owner alone', () => {
    const first = authority(folder);
    const again = authority(folder);

    expect(again.certPem).toBe(first.certPem);
    expect(statSync(join(folder, 'ca.key')).mode & 0o777).toBe(0o600);
    expect(again.certFile).toBe(join(folder, 'ca.pem'));
  });

  test('is made anew where the key is lost or is not that of the certificate', () => {
    const first = authority(folder);
    rmSync(join(folder, 'ca.key'));
    const second = authority(folder);
    const stranger = authority(join(folder, 'stranger'));
    writeFileSync(join(folder, 'ca.key'), readFileSync(join(folder, 'stranger/ca.key')));
    const third = authority(folder);
    const keyFits = new X509Certificate(third.certPem).checkPrivateKey(
      createPrivateKey(readFileSync(join(folder, 'ca.key'))),
    );

    expect(new Set([first, second, third, stranger].map(({ certPem }) => certPem)).size).toBe(4);
    expect(keyFits).toBe(true);
  });
});
