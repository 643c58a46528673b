/** What must hold of every answer of a deployment to somebody without credentials. */
import { isObject, type OpenApiDocument, type Operation, operationsOf } from '../../lib/api/document';
import type { Finding } from '../spec/outcome';
import { schemathesis, type Exchange } from './schemathesis';

interface Asked {
  /** Address of the API, without a slash at its end. */
  readonly api: string;
  readonly document: OpenApiDocument;
  /** Path of the document. */
  readonly file: string;
  /** Operations of the document that are not deployed, by `operationId`. */
  readonly leftOut: readonly string[];
  /** Greatest number of made-up requests per operation and phase. */
  readonly examples: number;
}

/**
 * A request that fits the document may be refused for what stands in it (a cursor, the state of a login); and API Gateway
 * has one answer for paths and methods that are not there, which {@link contract} looks at itself.
 */
const SETTINGS = `
[checks]
positive_data_acceptance.enabled = false
unsupported_method.enabled = false
`;

/**
 * Operations that a client certificate opens are at another address and left out.
 *
 * @returns what does not hold, once per operation, status and rule
 */
export async function contract({ api, document, file, leftOut, examples }: Asked): Promise<{
  requests: number;
  operations: number;
  findings: Finding[];
}> {
  const byCertificate = schemesOf(document, 'mutualTLS');
  const operations = operationsOf(document).filter(
    ({ id, security }) =>
      !leftOut.includes(id) &&
      !(security ?? []).some((needs) => Object.keys(needs).some((name) => byCertificate.includes(name))),
  );
  const exchanges = await schemathesis({
    ...{ name: 'deployed', document: file, url: api, examples, settings: SETTINGS },
    operations: operations.map(({ id }) => id),
  });
  const labels = operations.map(labelOf);
  const findings = [
    ...exchanges.flatMap((exchange) => findingsOf(exchange, labels)),
    ...labels
      .filter((label) => !exchanges.some(({ operation }) => operation === label))
      .map((place) => ({ rule: 'not-asked', place, reason: 'no request was made' })),
  ];
  return { requests: exchanges.length, operations: operations.length, findings: once(findings) };
}

function findingsOf({ operation, status, failed }: Exchange, labels: readonly string[]): Finding[] {
  if (status === 0) return [{ rule: 'no-answer', place: operation, reason: 'no answer' }];
  const rules = labels.includes(operation)
    ? failed
    : [...failed, ...(status < 400 ? ['undeclared-operation'] : [])];
  return rules.map((rule) => ({ rule, place: operation, reason: `answers ${status}` }));
}

function once(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

function labelOf({ method, path }: Operation): string {
  return `${method} ${path}`;
}

function schemesOf(document: OpenApiDocument, type: string): string[] {
  const components = isObject(document['components']) ? document['components'] : {};
  const schemes = isObject(components['securitySchemes']) ? components['securitySchemes'] : {};
  return Object.keys(schemes).filter((name) => {
    const scheme = schemes[name];
    return isObject(scheme) && scheme['type'] === type;
  });
}
