/** What must hold of a deployment right after it: asked from outside, of every operation of the document. */
import { isObject, type OpenApiDocument, type Operation, operationsOf } from '../../lib/api/document';
import type { Finding } from '../spec/outcome';

interface Deployed {
  /** Address of the API, without a slash at its end. */
  readonly api: string;
  /** Origin that the browser of a signed-in person sends: `siteUrl` of the settings. */
  readonly origin: string;
  readonly document: OpenApiDocument;
  /** Operations of the document that are not deployed, by `operationId`. @default none */
  readonly leftOut?: readonly string[];
}

/** One request, and what its answer must be. */
interface Check {
  readonly rule: 'protected' | 'public' | 'origin-wrong' | 'origin-right';
  readonly operation: Operation;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
}

/** A cookie of nobody: what stands in it is looked at only after the origin has been. */
const MADE_UP = 'smoke';
const ELSEWHERE = 'https://elsewhere.invalid';
const SECONDS = 20;

/**
 * - an operation with `security` answers 401 to a request without credentials
 * - a public one that can be read without arguments answers 200
 * - a change by cookie is 403 from another origin, and from the right one fails only for its cookie
 *
 * Operations that a client certificate opens are at another address and left out.
 */
function checksOf({ document, origin, leftOut = [] }: Omit<Deployed, 'api'>): Check[] {
  const schemes = schemesOf(document);
  const typed = (operation: Operation, type: string, place?: string): string | undefined =>
    (operation.security ?? [])
      .flatMap((alternative) => Object.keys(alternative))
      .find((name) => schemes[name]?.['type'] === type && schemes[name]['in'] === place);
  const operations = operationsOf(document).filter(
    (one) => !leftOut.includes(one.id) && typed(one, 'mutualTLS') === undefined,
  );

  const isOpen = ({ security }: Operation): boolean =>
    (security ?? []).every((alternative) => Object.keys(alternative).length === 0);
  const protectedOnes = operations.filter((one) => !isOpen(one));
  const readable = operations.filter(
    (one) =>
      isOpen(one) &&
      one.method === 'GET' &&
      one.responses['200'] !== undefined &&
      !one.parameters.some(({ required }) => required),
  );
  const change = protectedOnes.find(
    (one) => one.method !== 'GET' && typed(one, 'apiKey', 'cookie') !== undefined,
  );

  const byCookie = (from: string): Record<string, string> => {
    const scheme = schemes[(change && typed(change, 'apiKey', 'cookie')) ?? ''];
    return { cookie: `${String(scheme?.['name'])}=${MADE_UP}`, 'x-sallyport-csrf': '1', origin: from };
  };
  return [
    ...protectedOnes.map((operation): Check => ({ rule: 'protected', operation, headers: {}, status: 401 })),
    ...readable.map((operation): Check => ({ rule: 'public', operation, headers: {}, status: 200 })),
    ...(change === undefined
      ? []
      : [
          {
            rule: 'origin-wrong' as const,
            operation: change,
            headers: byCookie(ELSEWHERE),
            status: 403,
          },
          { rule: 'origin-right' as const, operation: change, headers: byCookie(origin), status: 401 },
        ]),
  ];
}

/** @returns what does not hold, with the answer that was given */
export async function smoke(deployed: Deployed): Promise<{ checks: number; findings: Finding[] }> {
  const checks = checksOf(deployed);
  const findings: Finding[] = [];
  for (const check of checks) {
    const wrong = await wrongWith(check, deployed.api);
    if (wrong === undefined) continue;
    const { method, path } = check.operation;
    findings.push({ rule: check.rule, place: `${method} ${path}`, reason: wrong });
  }
  return { checks: checks.length, findings };
}

async function wrongWith({ operation, headers, status }: Check, api: string): Promise<string | undefined> {
  const path = operation.path.replaceAll(/\{[^}]+\}/g, '00000000-0000-4000-8000-000000000000');
  const hasBody = operation.requestBody !== null;
  try {
    const answer = await fetch(`${api}${path}`, {
      method: operation.method,
      redirect: 'manual',
      headers: { ...headers, ...(hasBody ? { 'content-type': 'application/json' } : {}) },
      ...(hasBody ? { body: '{}' } : {}),
      signal: AbortSignal.timeout(SECONDS * 1000),
    });
    await answer.body?.cancel();
    if (answer.status !== status) return `answers ${answer.status}, not ${status}`;
    if (status < 400) return undefined;
    const type = answer.headers.get('content-type') ?? 'no type';
    if (!type.startsWith('application/problem+json')) return `answers ${status} as ${type}, not as a problem`;
    return undefined;
  } catch (error) {
    const { message, cause } = error as Error;
    return `no answer: ${cause instanceof Error ? cause.message : message}`;
  }
}

function schemesOf(document: OpenApiDocument): Record<string, Record<string, unknown> | undefined> {
  const components = isObject(document['components']) ? document['components'] : {};
  return (components['securitySchemes'] ?? {}) as Record<string, Record<string, unknown> | undefined>;
}
