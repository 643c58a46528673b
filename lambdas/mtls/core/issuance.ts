/** Who issued a certificate, by signature. */
import { publicKeyOf, type Certificate } from './certificate';
import { BIT_STRING, elementAt, encodingOf, INTEGER, Reader, SEQUENCE, wholeOctets } from './der';
import { Refusal } from './refusal';
import { algorithmOf, keyFits, SignatureCheck } from './signature';
import { timeOf } from './time';

interface Issuance {
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly madeBy: (issuer: Certificate) => boolean;
}

/** Who made a certificate and when it holds (RFC 5280 sections 4.1.1 and 4.1.2.5). */
export function issuanceOf({ encoding: der }: Certificate): Issuance {
  const outer = new Reader(elementAt(der, 0, der.length, 0));
  const part = outer.take(SEQUENCE, 'tbsCertificate');
  const algorithm = algorithmOf(outer.take(SEQUENCE, 'signatureAlgorithm'));
  const signature = wholeOctets(outer.take(BIT_STRING, 'signatureValue'));
  const fields = outer.inside(part);
  fields.optional(0xa0);
  fields.take(INTEGER, 'the serial number');
  const inner = encodingOf(fields.take(SEQUENCE, 'signature'));
  // section 4.1.1.2: the same in both places
  if (!Buffer.from(inner).equals(algorithm.encoding))
    throw new Refusal('signature_algorithm_mismatch', 'the certificate names two signature algorithms');
  fields.take(SEQUENCE, 'the issuer');
  const validity = fields.inside(fields.take(SEQUENCE, 'the validity'));
  return {
    notBefore: timeOf(validity.next(), 'notBefore'),
    notAfter: timeOf(validity.next(), 'notAfter'),
    madeBy: (issuer) => {
      const key = publicKeyOf(issuer);
      if (!keyFits(key, algorithm)) return false;
      const check = new SignatureCheck(algorithm, [key]);
      check.update(encodingOf(part));
      return check.verify(signature)[0] === true;
    },
  };
}
