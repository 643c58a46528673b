/** What the document says of who may call what, checked so that nothing of it can be lost on the way to the gateway. */
import { DocumentError, extensionsOf, isObject, resolve } from './document';
import type { JsonObject, JsonValue, OpenApiDocument, Operation, SecurityRequirement } from './document';

/**
 * Authentication levels (`acr`), weakest first: what step-up enforces unless it is given others, and what the gate over
 * the document compares by unless it is told others.
 */
export const ACR_LEVELS: readonly string[] = [1, 2, 3, 4].map((level) => `urn:cognito:loa:${level}`);

/**
 * Extensions that only describe. Every other `x-` key stops the synth: one that is misspelt, or that no capability
 * enforces yet, would leave an operation with less protection than the document says.
 */
export const DESCRIPTIVE_EXTENSIONS: readonly string[] = [
  'x-codeSamples',
  'x-displayName',
  'x-internal',
  'x-logo',
  'x-tagGroups',
];

/** An operation that needs credentials, with its alternatives as the document orders them. */
export interface SecuredOperation extends Operation {
  readonly security: readonly SecurityRequirement[];
}

/** Whether an operation is open to everybody, by an explicit `security: []`. */
export function isPublic(operation: Operation): boolean {
  return operation.security?.length === 0;
}

/**
 * Checks `security` of every operation.
 *
 * @param enforced extensions of operations that the deployment enforces
 * @returns the operations that need credentials; the others say `security: []`
 * @throws DocumentError for an operation without `security`, an optional (`{}`) requirement, an undeclared scheme, a
 *   scope that could not stand in a challenge, or an extension that nothing enforces
 */
export function securedOperations(
  document: OpenApiDocument,
  operations: readonly Operation[],
  enforced: readonly string[] = [],
): SecuredOperation[] {
  if (document['security'] !== undefined) {
    throw new DocumentError(
      'security at the root of the document would decide for operations that do not say so themselves (and API Gateway ignores it); write it at every operation',
    );
  }
  refuseUnknownExtensions('the document', document);
  refuseUnknownExtensions('paths', isObject(document['paths']) ? document['paths'] : {});
  const schemes = securitySchemes(document);
  for (const [name, scheme] of Object.entries(schemes))
    refuseUnknownExtensions(`security scheme ${name}`, scheme);
  return operations.flatMap((operation) => {
    const name = `${operation.method} ${operation.path}`;
    refuseUnknownExtensions(name, operation.extensions, isPublic(operation) ? [] : enforced);
    if (operation.security === null) {
      throw new DocumentError(
        `${name}: security is missing; say who may call it, or security: [] if everybody may`,
      );
    }
    for (const requirement of operation.security) checkRequirement(name, requirement, schemes);
    return isPublic(operation) ? [] : [{ ...operation, security: operation.security }];
  });
}

/** Security schemes of the document by name, references resolved. */
export function securitySchemes(document: OpenApiDocument): Readonly<Record<string, JsonObject>> {
  const components = document['components'];
  const schemes = isObject(components) ? components['securitySchemes'] : undefined;
  if (!isObject(schemes)) return {};
  return Object.fromEntries(
    Object.entries(schemes).map(([name, raw]) => [
      name,
      resolve(document, raw, `/components/securitySchemes/${name}`).value,
    ]),
  );
}

/** Whether a scheme is a client certificate, which only a connection with mutual TLS brings. */
export function isMutualTls(scheme: JsonObject | undefined): boolean {
  return scheme?.['type'] === 'mutualTLS';
}

function checkRequirement(
  operation: string,
  requirement: SecurityRequirement,
  schemes: Readonly<Record<string, JsonObject>>,
): void {
  const names = Object.entries(requirement);
  if (names.length === 0) {
    throw new DocumentError(
      `${operation}: an empty requirement ({}) makes the credentials optional; use security: [] if everybody may call it, else remove it`,
    );
  }
  for (const [scheme, scopes] of names) {
    if (!Object.hasOwn(schemes, scheme)) {
      throw new DocumentError(
        `${operation}: security scheme ${scheme} is not declared in components.securitySchemes`,
      );
    }
    for (const scope of scopes) {
      // scope-token of RFC 6749 section 3.3
      if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)) {
        throw new DocumentError(
          `${operation}: scope ${JSON.stringify(scope)} is not a scope token (RFC 6749 section 3.3)`,
        );
      }
    }
  }
}

function refuseUnknownExtensions(
  place: string,
  holder: Readonly<Record<string, JsonValue>>,
  enforced: readonly string[] = [],
): void {
  const known = [...DESCRIPTIVE_EXTENSIONS, ...enforced];
  const unknown = Object.keys(extensionsOf(holder)).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new DocumentError(
      `${place}: ${unknown} is not enforced by this deployment; remove it, mend its spelling, or use one of ${DESCRIPTIVE_EXTENSIONS.join(', ')} for what only describes`,
    );
  }
}
