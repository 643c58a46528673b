/** The partner API over real mutual TLS: the deployed domain, authorizer, preprocessor and back end. */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

import { authority } from '../../local/ca';
import { lastDecisions } from '../../local/decisions';
import { clientCertOf } from '../../local/partner';
import { publishList } from '../../local/partners';
import { localStack } from '../local-stack';
import { logLines, type LogLine } from './log-lines';
import { overTls, until, withoutTls, type Answer, type Call, type Pair } from './over-tls';

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

const ORDERS = '/partner/orders';

function partner(pair: Partial<Pair>, call: Partial<Call> = {}): Promise<Answer> {
  return overTls(outputs.partnerUrl ?? '', ca.certPem, pair, { path: ORDERS, ...call });
}

async function reasons(): Promise<string[]> {
  const decisions = await lastDecisions(outputs.emulatorUrl, outputs.partnerAuthorizerLogGroup, 100);
  return decisions.map(({ reason }) => reason);
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
    await until(200, () => partner(good));
  });

  test('CRL-08 flips the answer within seconds, both ways', async () => {
    expect((await partner(good)).status).toBe(200);

    await publishList(outputs.emulatorUrl, outputs.revocationListsBucketName, ca, [
      outputs.certificates.good.serialNumber,
    ]);

    expect(await until(403, () => partner(good))).toBe(403);
    expect(await until(200, () => partner(revoked))).toBe(200);
  });

  test('CRL-08 the command of the console revokes, and takes it back', async () => {
    const revoke = async (...files: string[]): Promise<string> => {
      const SALLYPORT_HOME = dirname(dirname(outputs.authorityFile));
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--import', 'tsx', join(__dirname, '../../local/revoke.ts'), ...files],
        { env: { ...process.env, SALLYPORT_HOME } },
      );
      return stdout;
    };
    const console_ = await (await fetch(outputs.consoleUrl)).text();
    expect(console_).toContain(`npm run -s revoke -- &#39;${outputs.certificates.good.cert}&#39;`);

    expect(await revoke(outputs.certificates.good.cert)).toContain('Published');
    expect(await until(403, () => partner(good))).toBe(403);
    expect((await partner(revoked)).status).toBe(403);
    expect(await revoke()).toContain('Published');
    expect(await until(200, () => partner(good))).toBe(200);
    expect((await partner(revoked)).status).toBe(403);

    await expect(revoke(join(__dirname, 'none.pem'))).rejects.toThrow('cannot be read as a certificate');
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-ca-'));
    folders.push(folder);
    await expect(revoke(authority(folder).certFile)).rejects.toThrow('was not issued by');
  });

  test('CRL-08 the authorizer says how long it answered by the list before', async () => {
    const measured = (name: string): Promise<LogLine[]> =>
      logLines(outputs.partnerAuthorizerLogGroup, (line) => typeof line[name] === 'number');
    const before = (await measured('RevocationInUse')).length;
    const revokeGood = [outputs.certificates.good.serialNumber];
    const published = publishList(outputs.emulatorUrl, outputs.revocationListsBucketName, ca, revokeGood);

    expect(await until(403, () => partner(good))).toBe(403);
    await published;
    // one for each process that swapped it
    expect((await measured('RevocationInUse')).length).toBeGreaterThan(before);
    for (const name of ['RevocationInUse', 'TimeToRevoke']) {
      const line = (await measured(name)).at(-1)!;
      expect(line[name]).toBeGreaterThanOrEqual(0);
      expect(line['_aws']).toMatchObject({
        CloudWatchMetrics: [
          {
            Namespace: 'Sallyport',
            Dimensions: [['FunctionName']],
            Metrics: [{ Name: name, Unit: 'Seconds' }],
          },
        ],
      });
    }
  });

  test('CRL-08 requests that run meanwhile are answered by the whole old list or the whole new one', async () => {
    const issued = Array.from({ length: 6 }, (_, i) =>
      ca.issue({ subject: `p${i}`, kind: 'client', names: [] }),
    );
    const [always, never, ...some] = issued.map(({ certPem, keyPem }) => ({ cert: certPem, key: keyPem }));
    const [revokedAlways, , ...others] = issued.map(({ serialNumber }) => serialNumber);
    const statuses = new Map<Pair, Set<number>>();
    let ended = false;
    const ask = async (pair: Pair): Promise<Answer> => {
      const answer = await partner(pair);
      statuses.get(pair)!.add(answer.status);
      return answer;
    };
    const load = [always!, never!, ...some].map(async (pair) => {
      statuses.set(pair, new Set());
      while (!ended) await ask(pair);
    });
    const publish = (serials: readonly string[]): Promise<void> =>
      publishList(outputs.emulatorUrl, outputs.revocationListsBucketName, ca, [revokedAlways!, ...serials]);
    try {
      await publish([]);
      expect(await until(403, () => partner(always!))).toBe(403);
      // another process of the authorizer may answer by the list before until it asks again, after a second
      await pause(2_000);
      for (const seen of statuses.values()) seen.clear();
      for (const [list, status] of [
        [others, 403],
        [[], 200],
        [others, 403],
        [[], 200],
      ] as const) {
        await publish(list);
        // each of them has seen it, on however busy a machine, before the list changes again
        for (const pair of some) expect(await until(status, () => ask(pair))).toBe(status);
      }
    } finally {
      ended = true;
      await Promise.all(load);
    }

    // in both lists, and in neither: no moment between them shows, and nobody gets an error for it
    expect([...statuses.get(always!)!]).toEqual([403]);
    expect([...statuses.get(never!)!]).toEqual([200]);
    for (const pair of some) expect([...statuses.get(pair)!].sort()).toEqual([200, 403]);
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
