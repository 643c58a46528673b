/** Client certificates: the lists that revoke them. */
export { RevocationListsBucket, type RevocationListsBucketProps } from './lists-bucket';
export {
  RevocationLists,
  type Freshness,
  type RevocationListsProps,
  type TrustStoreObject,
} from './revocation-lists';
export type { Canary, FetchedList } from './scheduled';

export {
  RevocationCheck,
  REVOCATION_CHECK_LATE,
  type OcspFallback,
  type RevocationCheckProps,
} from './check';
export { TrustStore, TrustStoreError, type TrustStoreProps } from './trust-store';
