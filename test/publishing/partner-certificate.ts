/** A client certificate of a suite's own: other suites revoke the demo ones for a while. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { authority } from '../../local/ca';
import { localStack } from '../local-stack';
import { temporary } from './commands';

/** Paths of PEM files. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
  /** Authority of the partner listener. */
  readonly ca: string;
}

/** @param subject common name, by which the back end knows the partner */
export function partnerCertificate(subject: string): CertificateFiles {
  const { authorityFile } = localStack();
  const { certPem, keyPem } = authority(dirname(authorityFile)).issue({ subject, kind: 'client', names: [] });
  const folder = temporary();
  const [cert, key] = [join(folder, 'client.pem'), join(folder, 'client.key')];
  writeFileSync(cert, certPem);
  writeFileSync(key, keyPem, { mode: 0o600 });
  return { cert, key, ca: authorityFile };
}
