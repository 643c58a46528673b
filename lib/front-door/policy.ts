/** Compiles the document's security into the policy that the authorizer runs. */
import {
  operationKey,
  type Alternative,
  type CheckKind,
  type Policy,
} from '../../lambdas/front-door/contract';
import { DocumentError, operationsOf, securedOperations, securitySchemes } from '../api';
import type { OpenApiDocument } from '../api';
import { SESSION_COOKIE } from '../cookie-auth';

/** Which scheme of the document a check enforces, and what the scheme must look like for that. */
const FITS: Readonly<Record<CheckKind, (scheme: Readonly<Record<string, unknown>>) => boolean>> = {
  'cognito-access-token': (scheme) =>
    (scheme['type'] === 'http' && String(scheme['scheme']).toLowerCase() === 'bearer') ||
    scheme['type'] === 'openIdConnect',
  'cookie-session': (scheme) =>
    scheme['type'] === 'apiKey' && scheme['in'] === 'cookie' && scheme['name'] === SESSION_COOKIE,
  'client-certificate': (scheme) => scheme['type'] === 'mutualTLS',
};

/**
 * @param enforcedExtensions extensions of operations that the deployment enforces
 * @param checks which check enforces which scheme, by the scheme's name in the document
 * @throws DocumentError for a scheme in use that no check enforces, or that the given check cannot
 */
export function compilePolicy(
  document: OpenApiDocument,
  checks: Readonly<Record<string, CheckKind>>,
  enforcedExtensions: readonly string[] = [],
): Omit<Policy, 'api'> {
  const schemes = securitySchemes(document);
  for (const [name, kind] of Object.entries(checks)) {
    const scheme = Object.hasOwn(schemes, name) ? schemes[name] : undefined;
    if (scheme === undefined)
      throw new DocumentError(
        `security scheme ${name} has a check but is not in the document; remove the check or declare it`,
      );
    if (!FITS[kind](scheme)) {
      throw new DocumentError(`security scheme ${name} (${describe(scheme)}) cannot be enforced by ${kind}`);
    }
  }
  const operations: Record<string, readonly Alternative[]> = {};
  const used = new Set<string>();
  for (const operation of securedOperations(document, operationsOf(document), enforcedExtensions)) {
    operations[operationKey(operation.method, operation.path)] = operation.security.map((requirement) =>
      Object.entries(requirement).map(([scheme, scopes]) => {
        if (!Object.hasOwn(checks, scheme)) {
          throw new DocumentError(
            `${operation.method} ${operation.path}: security scheme ${scheme} (${describe(schemes[scheme] ?? {})}) is enforced by no check of this deployment; give it one or remove it`,
          );
        }
        used.add(scheme);
        return { scheme, scopes: [...scopes] };
      }),
    );
  }
  return {
    schemes: Object.fromEntries([...used].map((name) => [name, checks[name] as CheckKind])),
    operations,
  };
}

/** Scopes that any operation asks for under one scheme, sorted. */
export function scopesOf(document: OpenApiDocument, scheme: string): string[] {
  const scopes = operationsOf(document).flatMap(({ security }) =>
    (security ?? []).flatMap((requirement) =>
      Object.hasOwn(requirement, scheme) ? (requirement[scheme] ?? []) : [],
    ),
  );
  return [...new Set(scopes)].sort();
}

function describe(scheme: Readonly<Record<string, unknown>>): string {
  return [scheme['type'], scheme['scheme'] ?? scheme['in'], scheme['name']]
    .filter((part) => typeof part === 'string')
    .join(' ');
}
