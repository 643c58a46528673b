/**
 * Who stands behind a list: whose certificates it speaks of, and which certificates of CAs it hangs on.
 *
 * Names alone do not tell CAs apart: two of one trust store may have the same name, of which neither may call certificates
 * of the other good (RFC 5280 section 6.3.3 (f): list and certificate have the same trust anchor). Keys do.
 */
import { createHash } from 'node:crypto';

import type { Certificate } from './certificate';
import { BIT_STRING, elementAt, Reader, SEQUENCE, wholeOctets } from './der';
import { issuanceOf } from './issuance';
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
  /** Whether these are all known keys of the issuer's name, so that certificates need not name theirs. */
  readonly alone: boolean;
  readonly path: readonly Link[];
}

/** A key below a trust anchor: what the list, or the certificates it speaks of, hang on. */
export interface Link {
  /** Key of the certificates that hang on it; `null` when the list does, and so all of them. */
  readonly below: string | null;
  /** Those of the key. */
  readonly certificates: readonly Subject[];
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
 * @throws Refusal `issuer_key_ambiguous` when two keys have the name of the signer and one identifier
 */
export function behind(signer: Issuer, issuers: readonly Issuer[]): Behind {
  const namesakes = issuers.filter(({ subject }) => subject.hash === signer.subject.hash);
  refuseAmbiguous(namesakes);
  const { vouchedBy } = signer;
  // a key for lists alone speaks for the CA that certified it; a CA for itself
  const authority = vouchedBy === undefined || signer.authority === true ? signer : vouchedBy;
  const linked = namesakes.filter((one) => isLinked(one, signer, namesakes));
  const keys = [authority, signer, ...(vouchedBy === undefined ? [] : [vouchedBy]), ...linked].map(
    keyIdentifierOf,
  );
  // a name that the trust store does not have could be given to anybody by any of its CAs
  const known = namesakes.filter(isTrusted);
  const certified = (one: Certificate): readonly Certificate[] => {
    const all = issuers.filter((other) => isTrusted(other) && isTwin(other, one));
    // nobody can revoke a trust anchor
    return all.some((other) => isAnchor(other, issuers)) ? [] : all;
  };
  const path = [
    { below: null, certificates: vouchedBy === undefined ? [] : [signer] },
    { below: null, certificates: certified(vouchedBy ?? signer) },
    ...linked.map((one) => ({ below: keyIdentifierOf(one), certificates: certified(one) })),
  ];
  return {
    keys: [...new Set(keys)] as [string, ...string[]],
    alone: known.length > 0 && known.every((one) => keys.includes(keyIdentifierOf(one))),
    path: path
      .filter(({ certificates }) => certificates.length > 0)
      .map(({ below, certificates }) => ({ below, certificates: certificates.map(subjectOf) })),
  };
}

function isTrusted({ vouchedBy }: Issuer): boolean {
  return vouchedBy === undefined;
}

function refuseAmbiguous(namesakes: readonly Issuer[]): void {
  const byId = new Map(namesakes.map((one) => [keyIdentifierOf(one), one]));
  if (namesakes.every((one) => isTwin(one, byId.get(keyIdentifierOf(one)) ?? one))) return;
  throw new Refusal(
    'issuer_key_ambiguous',
    `two keys have the name "${namesakes[0]?.subject.text ?? ''}" and the same key identifier; remove the certificate that is wrong`,
  );
}

/**
 * Whether two keys of one name are of one CA, which changed its key: one of them certified the other under their name
 * (RFC 5280 section 3.2: self-issued certificates). That they share the name says nothing.
 */
function isLinked(one: Certificate, other: Certificate, namesakes: readonly Certificate[]): boolean {
  return namesakes.some(
    (link) => (sameKey(link, one) && isLinkBy(other, link)) || (sameKey(link, other) && isLinkBy(one, link)),
  );
}

/** Whether a key certified another one under its own name. */
function isLinkBy(signer: Certificate, link: Certificate): boolean {
  if (link.issuer.hash !== link.subject.hash || signer.subject.hash !== link.subject.hash) return false;
  return !sameKey(signer, link) && wasIssuedBy(signer, link);
}

/** A signature of a kind that is not taken, as roots have that are old, proves nothing. */
function wasIssuedBy(issuer: Certificate, certificate: Certificate): boolean {
  try {
    return issuanceOf(certificate).madeBy(issuer);
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function isTwin(one: Certificate, other: Certificate): boolean {
  return one.subject.hash === other.subject.hash && sameKey(one, other);
}

function sameKey(one: Certificate, other: Certificate): boolean {
  return Buffer.compare(one.publicKeyInfo, other.publicKeyInfo) === 0;
}

/** Issued by nobody else: neither under another name, nor by another key of its own name. */
function isAnchor(certificate: Certificate, namesakes: readonly Certificate[]): boolean {
  return (
    certificate.subject.hash === certificate.issuer.hash &&
    !namesakes.some((other) => isLinkBy(other, certificate))
  );
}

function subjectOf(certificate: Certificate): Subject {
  const { issuer, version, authority, distributionPoints, serial, authorityKeyId } = certificate;
  return { issuer: { hash: issuer.hash }, version, authority, distributionPoints, serial, authorityKeyId };
}
