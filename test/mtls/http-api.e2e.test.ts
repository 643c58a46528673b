/** The check on an HTTP API, payload 2.0, over real mutual TLS. */
import { readFileSync } from 'node:fs';

import { lastDecisions } from '../../local/decisions';
import { deployApp, localStack } from '../local-stack';
import { listenFor, until, withoutTls, type Answer, type Listener, type Pair } from './over-tls';

const DOMAIN = 'http.partners.example.test';
const { authorityFile, certificates, emulatorUrl, revocationListsBucketName, trustStoreBucketName } =
  localStack();
let listener: Listener;
let logs: string;

beforeAll(async () => {
  const outputs = await deployApp('test/mtls/http-app.ts', {
    domainName: DOMAIN,
    trustStoreBucket: trustStoreBucketName,
    listsBucket: revocationListsBucketName,
  });
  logs = outputs['Logs'] ?? '';
  listener = await listenFor(DOMAIN, readFileSync(authorityFile, 'utf8'));
}, 240_000);

afterAll(async () => {
  await listener.stop();
});

function orders({ cert, key }: Pair, headers = {}): Promise<Answer> {
  const pair = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  return listener.call(pair, { path: '/orders', headers });
}

async function reasons(): Promise<string[]> {
  return (await lastDecisions(emulatorUrl, logs, 100)).map(({ reason }) => reason);
}

test('a certificate in good standing opens, a revoked one does not', async () => {
  expect(await until(200, () => orders(certificates.good))).toBe(200);
  expect(await orders(certificates.good)).toMatchObject({ body: { subject: 'CN=partner-good' } });
  expect(await orders(certificates.revoked)).toEqual({ status: 403, body: { message: 'Forbidden' } });
  expect(await reasons()).toContain('certificate_revoked');
});

test('CRL-09 without a handshake there is no certificate, whatever a header says', async () => {
  const pem = readFileSync(certificates.good.cert, 'utf8').replaceAll('\n', '');
  const answer = await withoutTls('/orders', {
    host: DOMAIN,
    'x-sallyport-client-certificate': Buffer.from(JSON.stringify({ clientCertPem: pem })).toString('base64'),
    'x-client-cert': pem,
  });

  expect(answer).toEqual({ status: 403, body: { message: 'Forbidden' } });
  expect(await reasons()).toContain('certificate_missing');
});
