/** `npm run spec -- lint`: the rules of Redocly, and what the synth would refuse. */
import { relative } from 'node:path';

import { DocumentError, operationsOf, readDocument } from '../../lib/api/document';
import { securedOperations } from '../../lib/api/security';
import { EXIT, type Finding, type Outcome } from './outcome';

/**
 * Beside Redocly's recommended rules, all as errors: what says who may call, and what makes answers and clients
 * predictable. https://redocly.com/docs/cli/rules/built-in-rules
 */
const RULES = {
  // security: [] is checked as well as a scheme; a document without either is found
  'security-defined': 'error',
  'security-scopes-defined': 'error',
  'operation-operationId': 'error',
  'operation-description': 'error',
  'operation-tag-defined': 'error',
  'operation-singular-tag': 'error',
  'parameter-description': 'error',
  'path-params-defined': 'error',
  'spec-strict-refs': 'error',
  'operation-4xx-problem-details-rfc7807': 'error',
  // a redirect is a success as well (RFC 9110 section 15.4), and a public sign of life has nothing to refuse
  'operation-2xx-response': 'off',
  'operation-4xx-response': 'off',
} as const;

/**
 * Lints a document.
 *
 * @param file path of the document
 * @returns findings in the order of the file, each at `file:line:column`
 */
export async function lint(file: string): Promise<Outcome> {
  // loaded late: it takes longer than the other commands run, and it is an ES module
  const redocly = await import('@redocly/openapi-core');
  const config = await redocly.createConfig({ extends: ['recommended-strict'], rules: RULES });
  const problems = await redocly.lint({ ref: file, config });
  const found = problems
    .filter(({ ignored }) => ignored !== true)
    .map(({ ruleId, message, location: [at] }) => {
      const start = at === undefined ? undefined : redocly.getLineColLocation(at).start;
      const source = at === undefined ? file : relative(process.cwd(), at.source.absoluteRef);
      return { ruleId, message, source, line: start?.line ?? 1, column: start?.col ?? 1 };
    })
    .sort((a, b) => a.line - b.line || a.column - b.column);
  const findings: Finding[] = found.map(({ ruleId, message, source, line, column }) => ({
    rule: ruleId,
    place: `${source}:${line}:${column}`,
    reason: message.replace(/\s+/g, ' ').trim(),
  }));
  if (findings.length === 0) findings.push(...refusals(file));
  return { exit: findings.length === 0 ? EXIT.ok : EXIT.findings, findings, notes: [] };
}

/** Extensions that a deployment may enforce; whether this one does is the synth's to say. */
const ENFORCED = ['x-step-up'];

/** What stops the synth whatever the deployment looks like. */
function refusals(file: string): Finding[] {
  try {
    const document = readDocument(file);
    securedOperations(document, operationsOf(document), ENFORCED);
    return [];
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return [{ rule: 'synth', place: `${file}:1:1`, reason: error.message }];
  }
}
