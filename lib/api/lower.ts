/** Lowers an OpenAPI 3.1 document to the 3.0 definition that API Gateway imports, and reports what that loses. */
import { DocumentError, isObject, operationsOf } from './document';
import type { JsonObject, OpenApiDocument, Operation } from './document';
import { gatewayResponses } from './gateway-responses';
import { lowerModel } from './model';
import { isMutualTls, isPublic, securedOperations, securitySchemes, type SecuredOperation } from './security';

/** Something of the document that the gateway does not keep, and who makes up for it. */
export interface Loss {
  readonly place: string;
  readonly what: string;
  readonly madeUpBy: string;
}

interface Lowering {
  /** OpenAPI 3.0 with API Gateway's extensions. */
  readonly definition: JsonObject;
  readonly losses: readonly Loss[];
  /** Those that are served. */
  readonly operations: readonly Operation[];
}

export interface Targets {
  /** Invocation URI of the function behind an operation. */
  readonly integrationUri: (operation: Operation) => string;
  /** Invocation URI of the authorizer. */
  readonly authorizerUri: string;
  /** Seconds for which API Gateway may reuse a verdict; 0 turns the cache off. */
  readonly resultCacheSeconds: number;
  /** Whether an operation is left out on purpose. @default none is */
  readonly omits?: (operation: Operation) => boolean;
  /** Whether the authorizer's policy decides an operation. */
  readonly enforces: (operation: Operation) => boolean;
  /** Whether the API is reached through a domain with mutual TLS alone. @default false */
  readonly behindMutualTls?: boolean;
  /** Extensions of operations that the authorizer enforces. @default none */
  readonly enforcedExtensions?: readonly string[];
}

const AUTHORIZER = 'frontDoor';
const VALIDATOR = 'all';
/** Methods API Gateway has; TRACE is not one of them. */
const SERVED = new Set(['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH']);
const PARAMETER = /^\{[A-Za-z0-9._-]+\}$/;
const SEGMENT = /^[A-Za-z0-9._,:-]+$/;
/** Parts of a document that describe no request; API Gateway has no place for them. */
const WHOLE_LOSSES = ['webhooks', 'tags', 'externalDocs', 'servers'];
const OPERATION_LOSSES = ['callbacks', 'externalDocs', 'servers'];

/**
 * Lowers the document. Every operation is bound to the authorizer unless it says `security: []`; anything else the
 * gateway would drop of its protection stops here.
 *
 * @throws DocumentError when a loss would weaken security, or an operation cannot be served at all
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
export function lowerDocument(document: OpenApiDocument, targets: Targets): Lowering {
  const described = operationsOf(document);
  const operations = described.filter((operation) => targets.omits?.(operation) !== true);
  const securedList = securedOperations(document, operations, targets.enforcedExtensions);
  if (targets.behindMutualTls !== true) refuseMutualTls(document, securedList);
  const secured = new Set(securedList.map(({ id }) => id));
  const losses: Loss[] = described
    .filter((operation) => !operations.includes(operation))
    .map(({ method, path }) => ({
      place: `${method} ${path}`,
      what: 'not deployed',
      madeUpBy: 'nobody: its function is null among the handlers',
    }));
  refuseSamePlaces(operations);
  const models: JsonObject = {};
  const paths: Record<string, JsonObject> = {};
  for (const operation of operations) {
    checkServed(operation);
    if (secured.has(operation.id) && !targets.enforces(operation)) {
      throw new DocumentError(
        `${operation.method} ${operation.path}: the front door has no policy for it; give both the same document`,
      );
    }
    for (const part of OPERATION_LOSSES.filter((key) => operation.keys.includes(key))) {
      losses.push({
        place: `${operation.method} ${operation.path} ${part}`,
        what: 'dropped',
        madeUpBy: 'the published document',
      });
    }
    const body = lowerBody(document, operation, models, losses);
    (paths[operation.path] ??= {})[operation.method.toLowerCase()] = {
      operationId: operation.id,
      parameters: lowerParameters(operation, losses),
      ...(body === undefined ? {} : { requestBody: body }),
      responses: { default: { description: 'see the published document' } },
      security: isPublic(operation) ? [] : [{ [AUTHORIZER]: [] }],
      'x-amazon-apigateway-request-validator': VALIDATOR,
      'x-amazon-apigateway-integration': {
        type: 'aws_proxy',
        httpMethod: 'POST',
        uri: targets.integrationUri(operation),
        passthroughBehavior: 'when_no_match',
      },
    };
  }
  for (const part of WHOLE_LOSSES) {
    if (document[part] !== undefined)
      losses.push({ place: part, what: 'dropped', madeUpBy: 'the published document' });
  }
  const info = isObject(document['info']) ? document['info'] : {};
  return {
    operations,
    losses,
    definition: {
      openapi: '3.0.1',
      info: { title: info['title'] ?? 'API', version: info['version'] ?? '0' },
      paths,
      components: { schemas: models, securitySchemes: { [AUTHORIZER]: authorizerScheme(targets) } },
      'x-amazon-apigateway-request-validators': {
        [VALIDATOR]: { validateRequestBody: true, validateRequestParameters: true },
      },
      'x-amazon-apigateway-gateway-responses': gatewayResponses(),
      // the import decides, whatever the property of the resource says
      ...(targets.behindMutualTls === true
        ? { 'x-amazon-apigateway-endpoint-configuration': { disableExecuteApiEndpoint: true } }
        : {}),
    },
  };
}

/**
 * Without a domain that asks for it no client certificate reaches the authorizer, so nobody could be let in; with the
 * default endpoint beside the domain, requests would come without the handshake that proves it.
 */
function refuseMutualTls(document: OpenApiDocument, operations: readonly SecuredOperation[]): void {
  const schemes = securitySchemes(document);
  for (const { method, path, security } of operations) {
    const scheme = security.flatMap(Object.keys).find((name) => isMutualTls(schemes[name]));
    if (scheme === undefined) continue;
    throw new DocumentError(
      `${method} ${path}: security scheme ${scheme} is mutualTLS, and this API has no mutual TLS domain; give it one, or only the part of the document that partitionDocument makes for the site`,
    );
  }
}

/**
 * With the cache on, method and path are part of its key: a verdict for one operation is never reused for another.
 * With it off, API Gateway neither needs nor checks identity sources.
 */
function authorizerScheme({ authorizerUri, resultCacheSeconds }: Targets): JsonObject {
  return {
    type: 'apiKey',
    name: 'Unused',
    in: 'header',
    'x-amazon-apigateway-authtype': 'custom',
    'x-amazon-apigateway-authorizer': {
      type: 'request',
      authorizerUri,
      authorizerResultTtlInSeconds: resultCacheSeconds,
      ...(resultCacheSeconds === 0
        ? {}
        : { identitySource: 'method.request.header.Authorization, context.httpMethod, context.path' }),
    },
  };
}

/**
 * Refuses what API Gateway would serve elsewhere, or not at all: policy and functions know an operation by its template.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
function checkServed({ method, path }: Operation): void {
  const name = `${method} ${path}`;
  if (!SERVED.has(method))
    throw new DocumentError(`${name}: API Gateway does not serve this method; remove it`);
  const segments = path === '/' ? [] : path.split('/').slice(1);
  for (const segment of segments) {
    if (segment.includes('{') && !PARAMETER.test(segment)) {
      throw new DocumentError(
        `${name}: a path parameter must be a whole segment for API Gateway, ${segment} is not`,
      );
    }
    if (!segment.includes('{') && (!SEGMENT.test(segment) || /^\.{1,2}$/.test(segment))) {
      throw new DocumentError(
        `${name}: API Gateway has no path segment ${JSON.stringify(segment)}; use letters, digits and . _ - , : and end the path without a slash`,
      );
    }
  }
}

/** Two templates that differ in the names of their parameters are one place to a caller (OpenAPI 3.1, Paths Object). */
function refuseSamePlaces(operations: readonly Operation[]): void {
  const paths = new Map<string, string>();
  for (const { method, path } of operations) {
    const place = path.replace(/\{[^}]*\}/g, '{}');
    const other = paths.get(place) ?? path;
    if (other !== path)
      throw new DocumentError(
        `${method} ${path}: is the same place as ${other}; give the path parameters of both the same names`,
      );
    paths.set(place, path);
  }
}

function lowerParameters(operation: Operation, losses: Loss[]): JsonObject[] {
  const place = `${operation.method} ${operation.path} parameters`;
  if (operation.parameters.length > 0) {
    losses.push({ place, what: 'schemas (the gateway checks presence)', madeUpBy: 'the handler wrapper' });
  }
  // API Gateway has no cookie parameters
  const kept = operation.parameters.filter((parameter) => parameter.in !== 'cookie');
  return kept.map(({ name, in: location, required }) => ({
    name,
    in: location,
    required,
    schema: { type: 'string' },
  }));
}

function lowerBody(
  document: OpenApiDocument,
  operation: Operation,
  models: JsonObject,
  losses: Loss[],
): JsonObject | undefined {
  if (operation.requestBody === null) return undefined;
  const content: JsonObject = {};
  for (const [type, media] of Object.entries(operation.requestBody.content)) {
    if (!/[/+]json$/.test(type)) {
      losses.push({
        place: `${operation.method} ${operation.path} body`,
        what: type,
        madeUpBy: 'the handler wrapper',
      });
      continue;
    }
    const { model, left } = lowerModel(document, media.schema, media.schemaPointer);
    // API Gateway takes alphanumeric model names only
    const name = `${operation.id}Body${Object.keys(content).length === 0 ? '' : Object.keys(content).length}`;
    models[name] = model;
    content[type] = { schema: { $ref: `#/components/schemas/${name}` } };
    if (left.length > 0) {
      losses.push({
        place: `${operation.method} ${operation.path} body`,
        what: left.join(', '),
        madeUpBy: 'the handler wrapper',
      });
    }
  }
  return Object.keys(content).length === 0
    ? undefined
    : { required: operation.requestBody.required, content };
}
