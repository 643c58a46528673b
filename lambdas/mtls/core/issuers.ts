/** Which certificates may sign the lists of a deployment: those of the trust store, and what they vouch for. */
import type { Issuer } from './behind';
import { encodedCertificates, readCertificate, type Certificate } from './certificate';
import { issuanceOf } from './issuance';
import { Refusal } from './refusal';
import { timeText } from './time';

/**
 * Issuers that a list is checked against.
 *
 * Whoever may upload a list may upload a certificate beside it. One that the trust store does not have must therefore be
 * issued by one that it has, else a stranger's CA of the same name would take every revocation back.
 *
 * @param trustStore PEM
 * @param companion certificate that came with the list, PEM or DER; `undefined` when none did
 * @param now seconds since 1970
 * @throws Refusal for a companion that nobody of the trust store vouches for, and for what cannot be read
 */
export function issuersOf(
  trustStore: string,
  companion: Uint8Array | undefined,
  now: number,
): readonly Issuer[] {
  const trusted = encodedCertificates(trustStore).map((der) => readCertificate(der));
  if (companion === undefined) return trusted;
  const given = readCertificate(companion);
  if (trusted.some(({ fingerprint }) => fingerprint === given.fingerprint)) return trusted;
  const vouchedBy = voucherOf(given, trusted, now);
  if (typeof vouchedBy === 'string') {
    throw new Refusal(
      'issuer_not_trusted',
      `the certificate uploaded with the list is not in the trust store, and ${vouchedBy}; upload one that a CA of the trust store issued for its lists`,
    );
  }
  return [...trusted, { ...given, vouchedBy }];
}

/**
 * RFC 5280 section 6.3.3 (f): the path of who signs lists ends at the same anchor. One step of it is allowed here.
 *
 * @returns why nobody vouches for it, as a text
 */
function voucherOf(given: Certificate, trusted: readonly Certificate[], now: number): Certificate | string {
  if (given.signsLists !== true) return 'its key usage does not have cRLSign';
  // a CA of the trust store must not speak for another one that is in it
  const named = trusted.filter(({ subject }) => subject.hash === given.subject.hash);
  const anchors = (named.length > 0 ? named : trusted).filter(
    ({ subject }) => subject.hash === given.issuer.hash,
  );
  if (anchors.length === 0) return 'no CA of the trust store that may do so issued it';
  const { notBefore, notAfter, madeBy } = issuanceOf(given);
  if (now < notBefore || now > notAfter)
    return `it holds from ${timeText(notBefore)} to ${timeText(notAfter)}, and it is ${timeText(now)}`;
  const signer = anchors.find(
    (anchor) => anchor.authority === true && anchor.signsCertificates !== false && madeBy(anchor),
  );
  return signer ?? 'its signature is by no CA of the trust store';
}
