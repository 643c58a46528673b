/** Constructs that other CDK apps can adopt one by one. */
export type { Lifecycle } from './_kit/lifecycle';
export { ResponseValidation, type ResponseValidationProps } from './_kit/responses';
export {
  Api,
  DocumentError,
  partitionDocument,
  readDocument,
  type ApiAuthorizer,
  type Loss,
  type ApiProps,
  type MutualTlsDomain,
  type Partition,
  type TrustedAuthorities,
  type OpenApiDocument,
} from './api';
export {
  composeSallyport,
  Sallyport,
  type Address,
  type Composition,
  type SallyportProps,
} from './application';
export {
  CookieAuth,
  CookieAuthError,
  SessionKeyRing,
  SessionsTable,
  type CognitoProvider,
  type CookieAuthProps,
  type StandardProvider,
} from './cookie-auth';
export { pipelineSettings, settingsFor, type PipelineSettings, type Settings } from './config';
export { composePipeline, type ComposePipelineProps } from './delivery';
export {
  DataScan,
  DataScanBuckets,
  DataScanError,
  ReviewDesk,
  type DataScanBucketsProps,
  type DataScanProps,
  type DataScanStores,
  type Expiry,
  type Notify,
  type ReviewDeskProps,
} from './data-scan';
export {
  FrontDoor,
  scopesOf,
  type ApiKind,
  type Certificates,
  type CognitoAccessTokens,
  type FrontDoorProps,
  type Sessions,
  type WarmAt,
} from './front-door';
export { Identity, type IdentityProps } from './identity';
export {
  RevocationCheck,
  RevocationLists,
  RevocationListsBucket,
  TrustStore,
  TrustStoreError,
  type OcspFallback,
  type RevocationCheckProps,
  type TrustStoreProps,
  type RevocationListsBucketProps,
  type RevocationListsProps,
} from './mtls';
export { Pipeline, type Deployment, type PipelineProps } from './pipeline';
export { DocsSite, type DocsSiteProps } from './publishing';
export { Site, SiteError, type SiteApi, type SiteDomain, type SiteProps } from './site';
export { PartnerOrders, PartnerOrdersTable, type PartnerOrdersProps } from './partner-orders';
export { StepUp, StepUpTables, type StepUpProps, type StepUpStores } from './step-up';
export { Widgets, WidgetsTable, type WidgetsProps } from './widgets';
