/** The CloudFront Functions of a test's own rules and document, run as the local edge runs them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { edgeFiles } from '../../lib/site/edge-files';
import type { HeaderRule } from '../../lib/site/header-rules';
import type { Navigations } from '../../lib/site/navigations';
import { edgeFunctions, edgeRequest, type EdgeFunctions } from '../../local/edge-functions';

export function functionsOf(
  rules: readonly HeaderRule[],
  navigations: Navigations = { cookies: [], templates: [] },
): EdgeFunctions {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-edge-'));
  try {
    for (const [name, content] of Object.entries(edgeFiles(rules, navigations))) {
      writeFileSync(join(folder, name), content);
    }
    return edgeFunctions(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Headers of an answer to a request for a path, after the rules. */
export function responseHeaders(
  rules: readonly HeaderRule[],
  uri: string,
  sent: Readonly<Record<string, string>>,
): Record<string, string> {
  const headers = Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, { value }]));
  const response = functionsOf(rules).siteResponse(edgeRequest('GET', uri, []), { statusCode: 200, headers });
  return Object.fromEntries(Object.entries(response.headers).map(([name, { value }]) => [name, value]));
}
