/** `npm run revoke`: publishes another list of this machine's CA, as an administrator would. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { authority, type Authority } from './ca';
import { Failure } from './failure';
import { homeFrom } from './home';
import { readOutputs } from './outputs';
import { publishList } from './partners';

const USAGE = `usage: npm run revoke -- [certificate.pem ...]
  revokes these beside partner-revoked; without any, the list is again what it was after npm start`;

async function main(files: readonly string[]): Promise<void> {
  if (files.some((file) => file.startsWith('-'))) {
    console.log(USAGE);
    return;
  }
  const home = homeFrom(process.env);
  const { emulatorUrl, revocationListsBucketName, certificates } = readOutputs(home);
  const ca = authority(join(home, 'ca'));
  const serials = files.map((file) => serialOf(file, ca));
  await publishList(emulatorUrl, revocationListsBucketName, ca, [
    certificates.revoked.serialNumber,
    ...serials,
  ]);
  console.log(`Published. Revoked: ${['partner-revoked', ...files].join(', ')}`);
}

/** @throws Failure for what is no certificate of this CA, which its list could not revoke */
function serialOf(file: string, { certPem, certFile }: Authority): string {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(readFileSync(file));
  } catch (error) {
    throw new Failure(`${file} cannot be read as a certificate: ${(error as Error).message}`);
  }
  if (!certificate.verify(new X509Certificate(certPem).publicKey))
    throw new Failure(`${file} was not issued by ${certFile}; only its own can be revoked here`);
  return certificate.serialNumber;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Failure ? error.message : error);
  process.exitCode = 1;
});
