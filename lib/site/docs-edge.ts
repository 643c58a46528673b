/** What the edge does for the documentation, from the header rules that it shares with the web app. */
import type { ResponseHeadersPolicyProps } from 'aws-cdk-lib/aws-cloudfront';

import { CACHE_CONTROL, edgeFiles, type EdgeFile } from './edge-files';
import { DOCS_PATHS, headersOnErrors, parseHeaderRules } from './header-rules';
import { headersPolicyProps } from './headers-policy';

interface DocsEdge {
  readonly files: Readonly<Record<EdgeFile, string>>;
  /** Headers that stand on errors too. */
  readonly headersPolicy: ResponseHeadersPolicyProps;
  readonly cacheControl: string;
}

/**
 * @param text header rules
 * @param file their name, for messages
 * @throws SiteError for rules that cannot be applied
 */
export function docsEdge(text: string, file: string): DocsEdge {
  const rules = parseHeaderRules(text, file);
  return {
    files: edgeFiles(rules, { cookies: [], templates: [] }),
    headersPolicy: headersPolicyProps(headersOnErrors(rules, DOCS_PATHS)),
    cacheControl: CACHE_CONTROL.pages,
  };
}
