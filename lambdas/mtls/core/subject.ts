/** What of a certificate decides about the lists that speak of it. */
import type { Certificate } from './certificate';

export interface Subject extends Pick<
  Certificate,
  'version' | 'authority' | 'distributionPoints' | 'serial' | 'authorityKeyId'
> {
  readonly issuer: Pick<Certificate['issuer'], 'hash'>;
}
