/** What every page of a version has around its content: header with search, contents, links to the other versions. */
import type { Operation } from '../../lib/api/document';
import { html, Html, type Content } from './html';
import type { Version } from './versions';

/** An operation with what it says of itself. */
export interface Described extends Operation {
  readonly summary: string;
  readonly description: string | undefined;
  readonly deprecated: boolean;
}

/** Operations of one tag. */
export interface Group {
  readonly tag: string;
  readonly about: string | undefined;
  readonly operations: readonly Described[];
}

/** What all pages of a version share. */
export interface Frame {
  readonly version: Version;
  readonly groups: readonly Group[];
}

export interface Page {
  readonly title: string;
  /** Path of the page below the folder of its version. */
  readonly path: string;
  readonly content: Html;
  /** Tag whose operations the contents show. */
  readonly tag?: string;
}

export function operationPath({ id }: Operation): string {
  return `operations/${id}.html`;
}

/** Path from a page to the folder of its version. */
export function rootFrom(path: string): string {
  return '../'.repeat(path.split('/').length - 1);
}

export function methodHtml(method: string): Html {
  return html`<span class="method ${method.toLowerCase()}">${method}</span>`;
}

export function pageHtml({ version, groups }: Frame, page: Page): string {
  const root = rootFrom(page.path);
  const link = (path: string, words: Content): Html =>
    html`<li><a href="${root}${path}" ${path === page.path ? CURRENT : ''}>${words}</a></li>`;
  const contents = html`<ul>
      ${link('index.html', 'Overview')} ${link('schemas.html', 'Schemas')} ${link('changes.html', 'Changes')}
    </ul>
    ${groups.map(
      ({ tag, operations }) =>
        html`<details ${tag === page.tag ? OPEN : ''}>
          <summary>${tag}</summary>
          <ul>
            ${operations.map((operation) =>
              link(operationPath(operation), html`${methodHtml(operation.method)} ${operation.summary}`),
            )}
          </ul>
        </details>`,
    )}`;
  return documentHtml({
    title: `${page.title} – ${version.title} ${version.version}`,
    root,
    body: html`<a class="skip" href="#content">Skip to the content</a>
      <header>
        <a class="brand" href="${root}index.html">${version.title}</a>
        <a class="version" href="${root}../versions.html" data-version="${version.version}"
          >Version ${version.version}</a
        >
        <form class="search" role="search" hidden>
          <label for="search">Search</label>
          <input id="search" type="search" autocomplete="off" spellcheck="false" placeholder="Search" />
          <div class="results" data-root="${root}" hidden></div>
        </form>
      </header>
      <div class="columns">
        <nav aria-label="Contents">
          <details class="menu" open>
            <summary>Contents</summary>
            ${contents}
          </details>
        </nav>
        <main id="content" tabindex="-1">${page.content}</main>
      </div>`,
    scripts: [`${root}../versions.js`, `${root}search.js`, `${root}docs.js`],
  });
}

const CURRENT = new Html('aria-current="page"');
const OPEN = new Html('open');

/** A whole HTML document. @param root path from it to where `docs.css` is */
export function documentHtml(parts: {
  readonly title: string;
  readonly root: string;
  readonly body: Html;
  readonly scripts?: readonly string[];
  /** Where the browser goes at once. */
  readonly leadsTo?: string;
}): string {
  const { title, root, body, scripts = [], leadsTo } = parts;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${leadsTo === undefined ? undefined : html`<meta http-equiv="refresh" content="0; url=${leadsTo}" />`}
        <title>${title}</title>
        <link rel="icon" href="${root}docs.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${root}docs.css" />
        ${scripts.map((script) => html`<script defer src="${script}"></script>`)}
      </head>
      <body>
        ${body}
      </body>
    </html>`.text;
}
