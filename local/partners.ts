/** Client certificates of the demonstration, one of them revoked, and the list that says so. */
import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

import { clientSettings } from './aws';
import type { Authority } from './ca';
import { Failure } from './failure';

/** A client certificate, as files to give to curl. */
interface DemoCertificate {
  readonly cert: string;
  readonly key: string;
  /** Upper-case hexadecimal. */
  readonly serialNumber: string;
  readonly about: string;
}

export type DemoCertificates = Readonly<Record<'good' | 'revoked', DemoCertificate>>;

const PARTNERS = {
  good: ['partner-good', 'a partner in good standing'],
  revoked: ['partner-revoked', 'a partner whose certificate was revoked'],
} as const;

const DAY = 86_400_000;
const LIST = 'local';
const PUBLISHED_WITHIN_MS = 60_000;

/**
 * Makes the certificates, or finds them made by the same authority and good for another month.
 *
 * @param folder of the authority; readable by its owner alone
 */
export function ensureCertificates(folder: string, authority: Authority): DemoCertificates {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const make = (name: 'good' | 'revoked'): DemoCertificate => {
    const [subject, about] = PARTNERS[name];
    const [cert, key] = [join(folder, `${subject}.pem`), join(folder, `${subject}.key`)];
    if (!existsSync(key) || !holds(cert, authority)) {
      const issued = authority.issue({ subject, kind: 'client', names: [] });
      for (const [file, text] of [
        [key, issued.keyPem],
        [cert, issued.certPem],
      ] as const) {
        writeFileSync(file, text, { mode: 0o600 });
        chmodSync(file, 0o600);
      }
    }
    const { serialNumber } = new X509Certificate(readFileSync(cert));
    return { cert, key, serialNumber, about };
  };
  return { good: make('good'), revoked: make('revoked') };
}

function holds(file: string, { certPem }: Authority): boolean {
  if (!existsSync(file)) return false;
  try {
    const certificate = new X509Certificate(readFileSync(file));
    const goodFor = Date.parse(certificate.validTo) - Date.now();
    return certificate.verify(new X509Certificate(certPem).publicKey) && goodFor > 30 * DAY;
  } catch {
    return false;
  }
}

/** PEM of the deployed trust store, in the version the domain uses. */
export async function readTrustStore(emulatorUrl: string, bucket: string): Promise<string> {
  return withS3(emulatorUrl, async (client) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'truststore.pem' }));
    return (await Body?.transformToString()) ?? '';
  });
}

/**
 * Uploads a list of the authority, as an administrator would, and waits until it is in force.
 *
 * @param revoked serial numbers
 * @throws Failure when it is not published within a minute
 */
export async function publishList(
  emulatorUrl: string,
  bucket: string,
  authority: Authority,
  revoked: readonly string[],
): Promise<void> {
  // a list that is later has a larger number
  const number = BigInt(Date.now());
  const thisUpdate = new Date();
  const nextUpdate = new Date(thisUpdate.getTime() + 30 * DAY);
  const Body = authority.revocationList({ revoked, number, thisUpdate, nextUpdate });
  await withS3(emulatorUrl, async (client) => {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: `uploads/${LIST}.crl`, Body }));
    const deadline = Date.now() + PUBLISHED_WITHIN_MS;
    while ((await numberInForce(client, bucket)) !== number.toString()) {
      if (Date.now() > deadline)
        throw new Failure('the list of revoked certificates was not published; see .local/emulator.log');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });
}

async function numberInForce(client: S3Client, Bucket: string): Promise<string | undefined> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: `current/${LIST}.cache.json` }));
    return (JSON.parse((await Body?.transformToString()) ?? '{}') as { number?: string }).number;
  } catch (error) {
    if ((error as Error).name === 'NoSuchKey') return undefined;
    throw error;
  }
}

async function withS3<T>(emulatorUrl: string, work: (client: S3Client) => Promise<T>): Promise<T> {
  const client = new S3Client({ ...clientSettings(emulatorUrl), forcePathStyle: true });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}
