/** The example of client certificates, deployed as its author would, over real mutual TLS with two CAs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

import { clientSettings } from '../../local/aws';
import { deployApp, localStack } from '../local-stack';
import { Authority } from '../mtls/authority';
import { CA_CONSTRAINTS, CA_USAGE, makeCertificate, makeKeys, makeList, pem } from '../mtls/make-crl';
import {
  clientOf,
  listenFor,
  until,
  withoutTls,
  type Answer,
  type Listener,
  type Pair,
} from '../mtls/over-tls';

const DOMAIN = 'partners.example.test';
const [one, other] = [new Authority('Partner CA one'), new Authority('Partner CA other')];
/** A CA that the first one certified. */
const below = { commonName: 'Partner CA below', keys: makeKeys('ecdsa-p256') };
const CERTIFIED = 900n;
const now = Math.floor(Date.now() / 1000);
let listener: Listener;
let outputs: Readonly<Record<string, string>>;
let number = 0n;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-partners-'));
  const authorities = join(folder, 'ca.pem');
  const certified = makeCertificate({
    subject: below.commonName,
    keys: below.keys,
    issuer: one.commonName,
    signer: one.keys,
    serial: CERTIFIED,
    extensions: [CA_USAGE, CA_CONSTRAINTS],
  });
  const bundle = [one.der, other.der, certified].map((der) => pem('CERTIFICATE', der)).join('');
  writeFileSync(authorities, bundle);
  try {
    outputs = await deployApp('examples/mutual-tls/app.ts', {
      domainName: DOMAIN,
      certificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/example',
      authorities,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
  listener = await listenFor(DOMAIN, bundle);
}, 240_000);

afterAll(async () => {
  await listener.stop();
});

async function upload(
  { commonName: issuer, keys }: Pick<Authority, 'commonName' | 'keys'>,
  ...serials: readonly bigint[]
): Promise<void> {
  const client = new S3Client({ ...clientSettings(localStack().emulatorUrl), forcePathStyle: true });
  const entries = serials.map((serial) => ({ serial }));
  const times = { thisUpdate: now - 60, nextUpdate: now + 86_400 };
  const list = makeList({ issuer, keys, entries, ...times, number: (number += 1n) });
  const Key = `uploads/${issuer}.crl`;
  await client.send(new PutObjectCommand({ Bucket: outputs['ListsBucket'], Key, Body: list }));
  client.destroy();
}

function orders(pair: Partial<Pair>): Promise<Answer> {
  return listener.call(pair, { path: '/orders' });
}

test('CRL-04 of two certificates with one serial of two CAs the revoked one is refused, whichever it is', async () => {
  const [ones, others] = [clientOf(one, 77n), clientOf(other, 77n)];
  const statuses = async (): Promise<number[]> => [
    (await orders(ones)).status,
    (await orders(others)).status,
  ];
  expect(await statuses()).toEqual([403, 403]);

  await upload(one);
  await upload(other, 77n);
  expect(await until(200, () => orders(ones))).toBe(200);
  expect(await statuses()).toEqual([200, 403]);

  await upload(one, 77n);
  expect(await until(403, () => orders(ones))).toBe(403);
  await upload(other);
  expect(await until(200, () => orders(others))).toBe(200);
  expect(await statuses()).toEqual([403, 200]);
});

test('CRL-11 a client below a CA that the CA above it revoked is refused', async () => {
  const client = clientOf(below, 3n);
  await upload(one);
  await upload(below);
  expect(await until(200, () => orders(client))).toBe(200);

  await upload(one, CERTIFIED);
  expect(await until(403, () => orders(client))).toBe(403);
  expect((await orders(clientOf(one, 5n))).status).toBe(200);

  await upload(one);
  expect(await until(200, () => orders(client))).toBe(200);
});

test('the back end knows whose certificate it is', async () => {
  await upload(one);

  expect(await until(200, () => orders(clientOf(one, 5n)))).toBe(200);
  expect(await orders(clientOf(one, 5n))).toMatchObject({ body: { subject: 'CN=client 5' } });
});

test('AUTHZ-06 without a certificate, and past the domain, nobody gets in', async () => {
  await expect(orders({})).rejects.toThrow(/certificate|alert|socket|ECONNRESET|EPIPE/i);
  expect((await orders(clientOf(new Authority('Partner CA one'), 5n)).catch(() => undefined))?.status).toBe(
    undefined,
  );
  expect((await withoutTls('/orders', { host: DOMAIN })).status).toBe(403);
  expect((await withoutTls(`/_aws/execute-api/${outputs['ApiId'] ?? ''}/prod/orders`, {})).status).toBe(403);
});
