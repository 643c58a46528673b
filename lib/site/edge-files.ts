/**
 * What runs at the edge, as files: the CloudFront Functions (JavaScript runtime 2.0) with the data of one site before
 * them, and what the edge must know beside. The distribution and the local edge take the same text.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { compileRule, DOCS_PATHS, headersOnErrors, type HeaderRule } from './header-rules';
import { LOGIN_PATH, type Navigations } from './navigations';
import { SiteError } from './site-error';

export const EDGE_FILES = [
  'api-request.js',
  'docs-request.js',
  'site-request.js',
  'site-response.js',
  'site.json',
] as const;
export type EdgeFile = (typeof EDGE_FILES)[number];

/** Folder of the web app whose files have a hash in their name, and never change. */
export const ASSETS = 'assets/';
export const CACHE_CONTROL = {
  assets: 'public, max-age=31536000, immutable',
  pages: 'no-cache',
} as const;

/** Most bytes of a function (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions). */
const MAX_BYTES = 10_240;

/** @throws SiteError when a function would be larger than CloudFront takes */
export function edgeFiles(
  rules: readonly HeaderRule[],
  navigations: Navigations,
): Readonly<Record<EdgeFile, string>> {
  const { cookies, templates } = navigations;
  const site = {
    errorHeaders: headersOnErrors(rules),
    docsErrorHeaders: headersOnErrors(rules, DOCS_PATHS),
    assets: ASSETS,
    cacheControl: CACHE_CONTROL,
  };
  return {
    'api-request.js': fitting(
      'openapi.yaml has too many GET operations',
      { LOGIN_PATH, COOKIES: cookies, TEMPLATES: templates },
      'paths.js',
      'api-request.js',
    ),
    'docs-request.js': fitting('the folders of the documentation', {}, 'paths.js', 'docs-request.js'),
    'site-request.js': fitting('the rewriting of paths', {}, 'paths.js', 'site-request.js'),
    'site-response.js': fitting(
      '_headers has too many rules',
      { RULES: rules.map(compileRule) },
      'site-response.js',
    ),
    'site.json': `${JSON.stringify(site, null, 2)}\n`,
  };
}

function fitting(
  culprit: string,
  data: Readonly<Record<string, unknown>>,
  ...sources: readonly string[]
): string {
  const constants = Object.entries(data).map(
    ([name, value]) => `const ${name} = ${JSON.stringify(value)};\n`,
  );
  const code = [...constants, ...sources.map(sourceOf)].join('');
  const bytes = Buffer.byteLength(code);
  if (bytes > MAX_BYTES) {
    throw new SiteError(
      `${culprit}: the CloudFront Function would have ${bytes} bytes, and ${MAX_BYTES} are allowed; have fewer or shorter ones`,
    );
  }
  return code;
}

/** Without comments, which count towards the limit. */
function sourceOf(name: string): string {
  return readFileSync(join(__dirname, 'functions', name), 'utf8').replace(/^ *\/\/.*\n/gm, '');
}
