/**
 * Header rules by path, in the `_headers` format of static hosts: a line with a path, below it indented lines with
 * `Name: value`, or `! Name` to take a header away that an earlier rule or the file itself brings. `*` matches anything
 * and `:name` one part of a path; a value may repeat them as `:splat` and `:name`. `#` begins a comment.
 *
 * All rules that match are applied from top to bottom; a name given by several gets their values joined by a comma.
 */
import { SiteError } from './site-error';

export interface HeaderRule {
  /** Path pattern as it is written. */
  readonly path: string;
  /** Line of the path, from 1. */
  readonly line: number;
  /** Lower-case names and their values. */
  readonly set: readonly (readonly [name: string, value: string])[];
  /** Lower-case names. */
  readonly detach: readonly string[];
}

/** A rule as the viewer-response function runs it. */
interface CompiledRule {
  /** Source of an anchored regular expression. */
  readonly path: string;
  /** What its groups are called. */
  readonly names: readonly string[];
  readonly set: HeaderRule['set'];
  readonly detach: readonly string[];
}

/** The patterns whose headers must stand on every answer of the web app, errors too. */
const EVERY_PATH = ['/*'];
/** The same of the documentation. */
export const DOCS_PATHS = ['/*', '/docs/*'];

/**
 * Headers that a viewer-response function may not set, and Set-Cookie, which the app has no business with.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
 */
const REFUSED =
  /^(connection|expect|keep-alive|proxy-.*|trailer|upgrade|x-accel-.*|x-amz-cf-.*|x-cache.*|x-edge-.*|x-forwarded-proto|x-real-ip|content-length|content-encoding|transfer-encoding|via|warning|set-cookie)$/;
/** field-name of RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;
/** field-value of RFC 9110 section 5.5, in ASCII. */
const VALUE = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;

/**
 * @param text content of the file
 * @param file its name, for messages
 * @throws SiteError `<file>:<line>: …` for the first line that means nothing or cannot be applied
 */
export function parseHeaderRules(text: string, file: string): HeaderRule[] {
  const rules: { path: string; line: number; set: [string, string][]; detach: string[] }[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const refuse = (what: string): never => {
      throw new SiteError(`${file}:${index + 1}: ${what}`);
    };
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (!/^\s/.test(raw)) {
      checkPath(line, refuse);
      rules.push({ path: line, line: index + 1, set: [], detach: [] });
      continue;
    }
    const rule =
      rules.at(-1) ?? refuse('a header before the first path; write a path at the start of a line');
    if (line.startsWith('!')) {
      rule.detach.push(checkedName(line.slice(1).trim(), refuse));
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 0) refuse(`${JSON.stringify(line)} is no header; write Name: value, or ! Name`);
    const name = checkedName(line.slice(0, colon).trim(), refuse);
    const value = line.slice(colon + 1).trim();
    if (!VALUE.test(value)) refuse(`the value of ${name} is empty or has characters outside of ASCII`);
    if (rule.set.some(([given]) => given === name)) refuse(`${name} is given twice for one path`);
    rule.set.push([name, value]);
  }
  const empty = rules.find(({ set, detach }) => set.length + detach.length === 0);
  if (empty !== undefined)
    throw new SiteError(`${file}:${empty.line}: ${empty.path} has no headers below it`);
  return rules;
}

export function compileRule({ path, set, detach }: HeaderRule): CompiledRule {
  const names: string[] = [];
  const source = path.replace(/\*|:([a-z]\w*)|[$()+.?[\\\]^{|}]/gi, (found, name: string | undefined) => {
    if (found === '*') {
      names.push('splat');
      return '(.*)';
    }
    if (name === undefined) return `\\${found}`;
    names.push(name);
    return '([^/]+)';
  });
  return { path: `^${source}$`, names, set, detach };
}

/** Headers of the rules for these patterns, as they stand where no function runs. */
export function headersOnErrors(
  rules: readonly HeaderRule[],
  patterns: readonly string[] = EVERY_PATH,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const { path, set, detach } of rules) {
    if (!patterns.includes(path)) continue;
    for (const name of detach) Reflect.deleteProperty(headers, name);
    for (const [name, value] of set) {
      // what depends on the path cannot stand on every answer
      if (value.includes(':splat')) continue;
      const before = headers[name];
      headers[name] = before === undefined ? value : `${before}, ${value}`;
    }
  }
  return headers;
}

function checkPath(path: string, refuse: (what: string) => never): void {
  if (!path.startsWith('/')) {
    refuse(`${JSON.stringify(path)} is no path; begin it with /, or indent the line if it is a header`);
  }
  if (!/^[\x21-\x7e]+$/.test(path)) refuse('a path has printable ASCII characters and no space');
  if (path.split('*').length > 2) refuse('a path has one * at most');
  const names = Array.from(path.matchAll(/:([a-z]\w*)/gi), ([, name]) => name);
  if (names.includes('splat') || new Set(names).size < names.length) {
    refuse('a placeholder is named twice, or splat, which is the name of *');
  }
}

function checkedName(name: string, refuse: (what: string) => never): string {
  const lower = name.toLowerCase();
  if (!TOKEN.test(name)) refuse(`${JSON.stringify(name)} is no name of a header (RFC 9110 section 5.6.2)`);
  if (REFUSED.test(lower)) refuse(`${name} cannot be set here; CloudFront or the API decides it`);
  return lower;
}
