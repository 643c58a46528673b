/** Constructs that other CDK apps can adopt one by one. */
export type { Lifecycle } from './_kit/lifecycle';
export {
  Api,
  DocumentError,
  readDocument,
  type ApiAuthorizer,
  type Loss,
  type ApiProps,
  type OpenApiDocument,
} from './api';
export { composeSallyport, Sallyport, type Composition, type SallyportProps } from './application';
export {
  CookieAuth,
  SessionKeyRing,
  SessionsTable,
  type CognitoProvider,
  type CookieAuthProps,
  type StandardProvider,
} from './cookie-auth';
export { settingsFor, type Settings } from './config';
export {
  FrontDoor,
  scopesOf,
  type ApiKind,
  type CognitoAccessTokens,
  type FrontDoorProps,
  type Sessions,
} from './front-door';
export { Identity, type IdentityProps } from './identity';
export {
  RevocationLists,
  RevocationListsBucket,
  type RevocationListsBucketProps,
  type RevocationListsProps,
} from './mtls';
export { Site, SiteError, type SiteApi, type SiteDomain, type SiteProps } from './site';
export { Widgets, WidgetsTable, type WidgetsProps } from './widgets';
