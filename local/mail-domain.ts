/** The domain that mails come from and go to; SES sends for identities it has verified only, and to them in its sandbox. */
import { REGION } from './aws';
import { Failure } from './failure';

const DOMAIN = 'example.com';

/** Makes the domain an identity of the emulator's SES, which takes it for verified; one that is there stays. */
export async function ensureMailDomain(emulatorUrl: string): Promise<void> {
  const scope = `test/20260101/${REGION}/ses/aws4_request`;
  const response = await fetch(`${emulatorUrl}/v2/email/identities`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      // the emulator reads the service from it and checks no signature
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
    },
    body: JSON.stringify({ EmailIdentity: DOMAIN }),
  });
  const answer = await response.text();
  if (!response.ok && !answer.includes('AlreadyExists'))
    throw new Failure(`the emulator's SES did not take ${DOMAIN}: ${response.status}`);
}
