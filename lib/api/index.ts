/** The REST API built from the OpenAPI document. */
export { Api, type ApiAuthorizer, type ApiProps } from './api';
export { clientNamesOf, type ClientNames } from './client-names';
export { operationsOf, parseOpenApi, readDocument, DocumentError } from './document';
export type { OpenApiDocument, Operation, Parameter } from './document';
export { addAuthorizerResponses } from './gateway-responses';
export type { Loss } from './lower';
export { ACR_LEVELS, securedOperations, securitySchemes, type SecuredOperation } from './security';
export type { MutualTlsDomain, TrustedAuthorities } from './mutual-tls';
export { omitOperations } from './omit';
export { partitionDocument, type Partition } from './partition';
