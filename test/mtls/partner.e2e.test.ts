/** The partner API over real mutual TLS: the deployed domain, authorizer, preprocessor and back end. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { authority } from '../../local/ca';
import { lastDecisions } from '../../local/decisions';
import { clientCertOf } from '../../local/partner';
import { publishList } from '../../local/partners';
import { localStack } from '../local-stack';

interface Pair {
  readonly cert: string;
  readonly key: string;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const outputs = localStack();
const ca = authority(dirname(outputs.authorityFile));
const read = ({ cert, key }: { readonly cert: string; readonly key: string }): Pair => ({
  cert: readFileSync(cert, 'utf8'),
  key: readFileSync(key, 'utf8'),
});
const good = read(outputs.certificates.good);
const revoked = read(outputs.certificates.revoked);
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function stranger(): ReturnType<typeof authority> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-ca-'));
  folders.push(folder);
  return authority(folder);
}

async function partner(
  pair: Partial<Pair>,
  {
    method = 'GET',
    path = '/partner/orders',
    body,
    headers = {},
  }: { method?: string; path?: string; body?: object; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(outputs.partnerUrl ?? '');
  const text = body === undefined ? undefined : JSON.stringify(body);
  return send(
    httpsRequest,
    {
      hostname,
      port,
      path,
      method,
      ca: ca.certPem,
      // a connection of its own: a kept one has been through its handshake
      agent: false,
      headers: {
        ...headers,
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      },
      ...pair,
    } as RequestOptions,
    text,
  );
}

function send(make: typeof httpRequest, options: RequestOptions, text?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = make(options, (response) => {
      let received = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          body: JSON.parse(received || '{}') as Record<string, unknown>,
        });
      });
    });
    request.on('error', reject);
    request.end(text);
  });
}

/** Straight to the emulator, past the listener that ends TLS. */
async function withoutTls(path: string, headers: Record<string, string>): Promise<Answer> {
  const { hostname, port } = new URL(outputs.emulatorUrl);
  return send(httpRequest, { hostname, port, path, headers });
}

async function reasons(): Promise<string[]> {
  const decisions = await lastDecisions(outputs.emulatorUrl, outputs.partnerAuthorizerLogGroup, 100);
  return decisions.map(({ reason }) => reason);
}

async function until(status: number, pair: Pair): Promise<number> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await partner(pair);
    if (answer.status === status || Date.now() > deadline) return answer.status;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe('a client certificate', () => {
  test('in good standing opens, and the back end knows whose it is', async () => {
    const { serialNumber, fingerprint256 } = new X509Certificate(good.cert);
    const fingerprint = fingerprint256.replaceAll(':', '').toLowerCase();
    const placed = await partner(good, { method: 'POST', body: { article: 'A-1', quantity: 2 } });
    const listed = await partner(good);

    expect(placed).toMatchObject({
      status: 201,
      body: { article: 'A-1', quantity: 2, certificate: fingerprint },
    });
    expect(listed).toMatchObject({ status: 200, body: { partner: 'CN=partner-good' } });
    expect(listed.body['items']).toContainEqual(placed.body);
    expect(serialNumber).toBe(outputs.certificates.good.serialNumber);
  });

  test('sees the orders of its own subject alone', async () => {
    const other = ca.issue({ subject: 'partner-other', kind: 'client', names: [] });
    await partner(good, { method: 'POST', body: { article: 'A-2', quantity: 1 } });

    expect(await partner({ cert: other.certPem, key: other.keyPem })).toEqual({
      status: 200,
      body: { partner: 'CN=partner-other', items: [] },
    });
  });

  test('that was revoked is refused, with the reason in the log', async () => {
    expect(await partner(revoked)).toMatchObject({ status: 403, body: { title: 'Forbidden' } });
    expect(await reasons()).toContain('certificate_revoked');
  });

  test.each<[string, () => Partial<Pair>]>([
    ['none', () => ({})],
    [
      'one of a foreign CA of the same name',
      () => {
        const { certPem, keyPem } = stranger().issue({ subject: 'partner-good', kind: 'client', names: [] });
        return { cert: certPem, key: keyPem };
      },
    ],
    [
      'one that is out of date',
      () => {
        const [notBefore, notAfter] = [new Date(Date.now() - 172_800_000), new Date(Date.now() - 86_400_000)];
        const issued = ca.issue({ subject: 'late', kind: 'client', names: [], notBefore, notAfter });
        return { cert: issued.certPem, key: issued.keyPem };
      },
    ],
    [
      'one for servers',
      () => {
        const issued = ca.issue({ subject: 'server', kind: 'server', names: ['localhost'] });
        return { cert: issued.certPem, key: issued.keyPem };
      },
    ],
  ])('does not get through the handshake: %s', async (_name, pair) => {
    await expect(partner(pair())).rejects.toThrow(/certificate|alert|socket|ECONNRESET|EPIPE/i);
    expect((await partner(good)).status).toBe(200);
  });
});

describe('CRL-08 an upload', () => {
  afterEach(async () => {
    await publishList(outputs.emulatorUrl, outputs.revocationListsBucketName, ca, [
      outputs.certificates.revoked.serialNumber,
    ]);
    await until(200, good);
  });

  test('CRL-08 flips the answer within seconds, both ways', async () => {
    expect((await partner(good)).status).toBe(200);

    await publishList(outputs.emulatorUrl, outputs.revocationListsBucketName, ca, [
      outputs.certificates.good.serialNumber,
    ]);

    expect(await until(403, good)).toBe(403);
    expect(await until(200, revoked)).toBe(200);
  });

  test('CRL-08 is seen whole or not at all by requests that run meanwhile', async () => {
    const pairs = Array.from({ length: 6 }, (_, i) =>
      ca.issue({ subject: `p${i}`, kind: 'client', names: [] }),
    );
    const all = pairs.map(({ serialNumber }) => serialNumber);
    const statuses = new Set<number>();
    let ended = false;
    const load = pairs.map(async ({ certPem, keyPem }) => {
      while (!ended) statuses.add((await partner({ cert: certPem, key: keyPem })).status);
    });
    const [first] = pairs.map(({ certPem, keyPem }) => ({ cert: certPem, key: keyPem }));
    try {
      for (const [list, status] of [
        [all, 403],
        [[], 200],
        [all, 403],
        [[], 200],
      ] as const) {
        await publishList(outputs.emulatorUrl, outputs.revocationListsBucketName, ca, list);
        expect(await until(status, first!)).toBe(status);
      }
    } finally {
      ended = true;
      await Promise.all(load);
    }

    // never anything else: no list is half there, and nobody gets an error for it
    expect([...statuses].sort()).toEqual([200, 403]);
    expect(new Set(await reasons())).not.toContain('lists_unavailable');
  });
});

describe('AUTHZ-06 and CRL-09 what goes past the listener', () => {
  test('AUTHZ-06 the default endpoint of the API is disabled', async () => {
    const path = `/_aws/execute-api/${outputs.partnerApiId}/live/partner/orders`;

    expect(await withoutTls(path, {})).toEqual({ status: 403, body: { message: 'Forbidden' } });
    expect((await withoutTls(`/_aws/execute-api/${outputs.apiId}/live/ping`, {})).status).toBe(200);
  });

  test('AUTHZ-06 the API of the site does not serve operations with client certificates', async () => {
    const path = `/_aws/execute-api/${outputs.apiId}/live/partner/orders`;

    expect(await withoutTls(path, {})).toMatchObject({ status: 404 });
  });

  test('CRL-09 a request without a certificate is refused by the authorizer', async () => {
    const answer = await withoutTls('/partner/orders', { host: outputs.partnerDomain });

    expect(answer.status).toBe(403);
    expect(await reasons()).toContain('certificate_missing');
  });

  test.each(['x-sallyport-client-certificate', 'x-amzn-mtls-clientcert', 'x-client-cert', 'ssl-client-cert'])(
    'CRL-09 no header %s stands for a certificate, with or without a handshake',
    async (header) => {
      const handedOver = clientCertOf(new X509Certificate(good.cert));
      const value = Buffer.from(JSON.stringify(handedOver)).toString('base64');
      const forged = { [header]: value, 'x-sallyport-partner-secret': 'guessed' };

      expect((await withoutTls('/partner/orders', { host: outputs.partnerDomain, ...forged })).status).toBe(
        403,
      );
      expect((await partner(revoked, { headers: forged })).status).toBe(403);
      expect((await partner(good, { headers: forged })).status).toBe(200);
    },
  );
});
