/** Builds orders as they are stored. */
import type { components } from '../../../generated/openapi';
import type { ClientCertificate } from '../../_kernel/caller';

export type PartnerOrder = components['schemas']['PartnerOrder'];
type PartnerOrderInput = components['schemas']['PartnerOrderInput'];

/**
 * Who an order belongs to: names are unique only under one issuer, so both are part of it. A renewed certificate of the
 * same subject sees the orders placed with the one before.
 */
export function partnerOf({
  issuer,
  subject,
  fingerprint,
}: Pick<ClientCertificate, 'issuer' | 'subject' | 'fingerprint'>): string {
  return JSON.stringify([issuer, subject === '' ? fingerprint : subject]);
}

/** @param known.now RFC 3339, UTC @param known.id a UUID */
export function newOrder(
  { article, quantity }: PartnerOrderInput,
  known: { readonly id: string; readonly now: string; readonly fingerprint: string },
): PartnerOrder {
  return { id: known.id, article, quantity, placedAt: known.now, certificate: known.fingerprint };
}
