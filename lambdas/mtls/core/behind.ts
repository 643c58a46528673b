/**
 * Who stands behind a list: whose certificates it speaks of, and which certificates of CAs it hangs on.
 *
 * Names alone do not tell CAs apart: two of one trust store may have the same name, of which neither may call certificates
 * of the other good (RFC 5280 section 6.3.3 (f): list and certificate have the same trust anchor). Keys do.
 */
import { createHash } from 'node:crypto';

import type { Certificate } from './certificate';
import { BIT_STRING, elementAt, Reader, SEQUENCE, wholeOctets } from './der';
import { Refusal } from './refusal';
import type { Subject } from './subject';

/** A certificate that may sign lists. */
export interface Issuer extends Certificate {
  /** The CA of the trust store that vouches for it; absent for a certificate of the trust store. */
  readonly vouchedBy?: Certificate;
}

/** What the manifest keeps of it. */
export interface Behind {
  /** Identifiers of the keys whose certificates the list speaks of; the first is that of the CA that issues the list. */
  readonly keys: readonly [string, ...string[]];
  /** Whether the name of the issuer is that of one known key alone, so that certificates need not name the key. */
  readonly alone: boolean;
  /** Certificates of each key that the list hangs on, without those of trust anchors. */
  readonly path: readonly (readonly Subject[])[];
}

/** The identifier that certificates of a CA name its key by (RFC 5280 section 4.2.1.2; method (1) where it gives none). */
export function keyIdentifierOf({ subjectKeyId, publicKeyInfo }: Certificate): string {
  if (subjectKeyId !== undefined) return subjectKeyId;
  const fields = new Reader(elementAt(publicKeyInfo, 0, publicKeyInfo.length, 0));
  fields.take(SEQUENCE, 'the algorithm of the public key');
  const key = wholeOctets(fields.take(BIT_STRING, 'the public key'));
  return createHash('sha1').update(key).digest('hex');
}

/**
 * @param issuers all that may sign lists
 * @throws Refusal `issuer_key_ambiguous` when another key has the same name and identifier
 */
export function behind(signer: Issuer, issuers: readonly Issuer[]): Behind {
  refuseAmbiguous(signer, issuers);
  const trusted = issuers.filter(({ vouchedBy }) => vouchedBy === undefined);
  const { vouchedBy } = signer;
  // a key for lists alone speaks for the CA that certified it; a CA for itself
  const authority = vouchedBy === undefined || signer.authority === true ? signer : vouchedBy;
  const keys = [authority, signer, ...(vouchedBy === undefined ? [] : [vouchedBy])].map(keyIdentifierOf);
  // a name that the trust store does not have could be given to anybody by any of its CAs
  const known = trusted.filter(({ subject }) => subject.hash === signer.subject.hash);
  const alone = known.length > 0 && known.every((one) => sameKey(one, known[0] as Certificate));
  const certificates = trusted.filter((one) => isTwin(one, vouchedBy ?? signer));
  return {
    keys: [...new Set(keys)] as [string, ...string[]],
    alone,
    path: [
      ...(vouchedBy === undefined ? [] : [[signer]]),
      // nobody can revoke a trust anchor
      ...(certificates.some(isAnchor) ? [] : [certificates]),
    ].map((link) => link.map(subjectOf)),
  };
}

function refuseAmbiguous(signer: Issuer, issuers: readonly Issuer[]): void {
  const id = keyIdentifierOf(signer);
  const other = issuers.find(
    (one) => one.subject.hash === signer.subject.hash && keyIdentifierOf(one) === id && !sameKey(one, signer),
  );
  if (other === undefined) return;
  throw new Refusal(
    'issuer_key_ambiguous',
    `two keys have the name "${signer.subject.text}" and the same key identifier; remove the certificate that is wrong`,
  );
}

function isTwin(one: Certificate, other: Certificate): boolean {
  return one.subject.hash === other.subject.hash && sameKey(one, other);
}

function sameKey(one: Certificate, other: Certificate): boolean {
  return Buffer.compare(one.publicKeyInfo, other.publicKeyInfo) === 0;
}

/** Issued by its own key. One that another key of the same name issued is not. */
function isAnchor(certificate: Certificate): boolean {
  const { subject, issuer, authorityKeyId } = certificate;
  if (subject.hash !== issuer.hash) return false;
  return authorityKeyId === undefined || authorityKeyId === keyIdentifierOf(certificate);
}

function subjectOf(certificate: Certificate): Subject {
  const { issuer, version, authority, distributionPoints, serial, authorityKeyId } = certificate;
  return { issuer: { hash: issuer.hash }, version, authority, distributionPoints, serial, authorityKeyId };
}
