/** What runs at the edge of the site, for the local one; the distribution is made from the same functions. */
import { operationsOf, type OpenApiDocument } from '../../lib/api/document';
import { securitySchemes } from '../../lib/api/security';
import { edgeFiles } from '../../lib/site/edge-files';
import { parseHeaderRules } from '../../lib/site/header-rules';
import { navigationsOf } from '../../lib/site/navigations';

/**
 * @param headers the header rules and the name of their file
 * @throws SiteError for rules that cannot be applied
 */
export function edgeOf(
  document: OpenApiDocument,
  headers: { readonly name: string; readonly text: string },
): Readonly<Record<string, string>> {
  const rules = parseHeaderRules(headers.text, headers.name);
  return edgeFiles(rules, navigationsOf(operationsOf(document), securitySchemes(document)));
}
