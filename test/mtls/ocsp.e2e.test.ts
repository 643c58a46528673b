/** Responders behind the deployed check: `openssl ocsp`, one that answers as none should, and one that is not there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

import { clientSettings } from '../../local/aws';
import { lastDecisions } from '../../local/decisions';
import { close, listen } from '../../local/http';
import { freePort } from '../../local/ports';
import { deployApp, localStack } from '../local-stack';
import { Authority } from './authority';
import { logLines } from './log-lines';
import { pem } from './make-crl';
import { makeAnswer, responderAt, type AnswerParts } from './make-ocsp';
import { OpensslResponders } from './openssl-ocsp';
import { clientOf, listenFor, until, type Answer, type Listener } from './over-tls';

const DOMAIN = 'ocsp.partners.example.test';
const [ca, impostor] = [new Authority('Online CA'), new Authority('Online CA')];
const openssl = new OpensslResponders(ca, { good: ['08'], revoked: ['07'] });
const now = Math.floor(Date.now() / 1000);
const young = { thisUpdate: now - 60, nextUpdate: now + 3600 };

let outputs: Readonly<Record<string, string>>;
let listener: Listener;
let byOpenssl: string;
let bySelf: string;
let nobody: string;
/** Answers whatever the test wants; the nonce is at the end of a question. */
let responder: Server;
let answer: (nonce: Buffer) => Buffer;
let asked = 0;

beforeAll(async () => {
  byOpenssl = await openssl.start(ca.der, ca.keys);
  responder = createServer((request, response) => {
    asked += 1;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(answer(Buffer.concat(chunks).subarray(-32))));
  });
  const [port, closed] = [await freePort(), await freePort()];
  await listen(responder, port);
  [bySelf, nobody] = [`http://127.0.0.1:${port}/`, `http://127.0.0.1:${closed}/`];
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-ocsp-app-'));
  const authorities = join(folder, 'ca.pem');
  writeFileSync(authorities, pem('CERTIFICATE', ca.der));
  try {
    outputs = await deployApp('test/mtls/ocsp-app.ts', {
      domainName: DOMAIN,
      authorities,
      responders: [byOpenssl, bySelf, nobody].join(' '),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
  listener = await listenFor(DOMAIN, pem('CERTIFICATE', ca.der));
}, 240_000);

afterAll(async () => {
  await listener.stop();
  await close(responder);
  openssl.stop();
});

/** @param at address that the certificate names */
function orders(serial: bigint, at?: string): Promise<Answer> {
  const pair = clientOf(ca, serial, ...(at === undefined ? [] : [responderAt(at)]));
  return listener.call(pair, { path: '/orders' });
}

async function lastReason(): Promise<string | undefined> {
  return (await lastDecisions(localStack().emulatorUrl, outputs['Logs'] ?? '', 1))[0]?.reason;
}

test.each<[string, bigint, number, string]>([
  ['knows as good is let in', 8n, 200, 'ok'],
  ['knows as revoked is refused', 7n, 403, 'certificate_revoked'],
  ['does not know is refused', 9n, 403, 'ocsp_unknown'],
])('OCSP-05 a certificate without a list that openssl ocsp %s', async (_name, serial, status, reason) => {
  expect((await orders(serial)).status).toBe(status);
  expect(await lastReason()).toBe(reason);
  expect((await orders(serial, byOpenssl)).status).toBe(status);
});

// each has a serial of its own, as answers are kept
test.each<[string, bigint, AnswerParts, string]>([
  ['has ended', 20n, { thisUpdate: now - 7200, nextUpdate: now - 3600 }, 'ocsp_out_of_date'],
  [
    'is older than answers without an end may be',
    21n,
    { thisUpdate: now - 3600, nextUpdate: null },
    'ocsp_out_of_date',
  ],
  ['was made for another question', 22n, { nonce: Buffer.alloc(32, 1) }, 'ocsp_nonce_differs'],
  ['is about another certificate', 23n, { serial: 8n }, 'ocsp_certificate_differs'],
  ['was signed by a CA of the same name', 24n, { signer: impostor }, 'ocsp_signature_invalid'],
  ['says try later', 25n, { responseStatus: 3 }, 'ocsp_refused'],
])('OCSP-01 an answer that %s lets nobody in, the right one does', async (_name, serial, wrong, reason) => {
  answer = (nonce) => makeAnswer(ca, { serial, nonce, ...young, ...wrong });
  expect((await orders(serial, bySelf)).status).toBe(403);
  expect(await lastReason()).toBe(reason);

  answer = (nonce) => makeAnswer(ca, { serial, nonce, ...young });
  expect(await until(200, () => orders(serial, bySelf))).toBe(200);
});

test('OCSP-03 an answer with one octet changed lets nobody in, the right one does', async () => {
  answer = (nonce) => {
    const whole = makeAnswer(ca, { serial: 26n, nonce, ...young });
    whole[whole.length >> 1]! ^= 1;
    return whole;
  };
  expect((await orders(26n, bySelf)).status).toBe(403);

  answer = (nonce) => makeAnswer(ca, { serial: 26n, nonce, ...young });
  expect(await until(200, () => orders(26n, bySelf))).toBe(200);
});

test('AUTHZ-04 a responder that is down lets nobody in, and the failure is counted', async () => {
  expect((await orders(30n, nobody)).status).toBe(403);
  expect(await lastReason()).toBe('ocsp_unreachable');
  const [line] = await logLines(
    outputs['Logs'] ?? '',
    ({ OcspFailed, Reason }) => OcspFailed === 1 && Reason === 'ocsp_unreachable',
  );
  expect(line).toBeDefined();
  // on a busy machine openssl may not answer in time at once
  expect(await until(200, () => orders(8n))).toBe(200);
});

test('OCSP-04 an address that only the certificate has is never asked', async () => {
  answer = (nonce) => makeAnswer(ca, { serial: 31n, nonce, ...young });
  const before = asked;

  expect((await orders(31n, `${bySelf}elsewhere`)).status).toBe(403);
  expect(await lastReason()).toBe('ocsp_responder_not_allowed');
  expect(asked).toBe(before);
  expect((await orders(31n, bySelf)).status).toBe(200);
  expect(asked).toBe(before + 1);
});

// the last, as from now on there is a list
test('OCSP-05 where a list speaks it decides, and no responder is asked', async () => {
  const s3 = new S3Client({ ...clientSettings(localStack().emulatorUrl), forcePathStyle: true });
  const list = ca.list([{ serial: 8n }], { ...young, number: 1n });
  await s3.send(
    new PutObjectCommand({ Bucket: outputs['ListsBucket'], Key: 'uploads/online.crl', Body: list }),
  );
  s3.destroy();
  answer = (nonce) => makeAnswer(ca, { serial: 8n, nonce, ...young });

  expect(await until(403, () => orders(8n, bySelf))).toBe(403);
  expect(await lastReason()).toBe('certificate_revoked');
  const before = asked;
  // whom the responders call revoked and unknown
  expect((await orders(7n)).status).toBe(200);
  expect((await orders(9n)).status).toBe(200);
  expect((await orders(8n, bySelf)).status).toBe(403);
  expect(asked).toBe(before);
});
