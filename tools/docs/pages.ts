/** All pages of a version, and what the search looks through. */
import {
  isObject,
  operationsOf,
  resolve,
  type JsonObject,
  type OpenApiDocument,
} from '../../lib/api/document';
import { serverOf } from './call';
import { changesBetween, type Change } from './changes';
import { html, markdown, markdownLine, textOf, type Html } from './html';
import { operationPage } from './operation-page';
import {
  documentHtml,
  methodHtml,
  operationPath,
  pageHtml,
  type Described,
  type Frame,
  type Group,
  type Page,
} from './page';
import { alternativesOf, titleOf } from './protection';
import { schemaHtml } from './schema';
import type { Version } from './versions';

/** One thing that can be found; short names, as there are thousands. */
interface Entry {
  readonly id: string;
  readonly title: string;
  readonly place: string;
  readonly text: string;
}

/**
 * Files of one version by their path below its folder.
 *
 * @param previous the version before, which the page of changes compares with
 */
export function pagesOf(version: Version, previous: Version | undefined): ReadonlyMap<string, string> {
  const { document } = version;
  const operations = describedOperations(document);
  const frame: Frame = { version, groups: groupsOf(document, operations) };
  const pages: Page[] = [
    overviewPage(frame),
    schemasPage(document),
    changesPage(version, previous, operations),
    ...operations.map((operation) => operationPage(document, operation, operations)),
  ];
  const search = JSON.stringify(entriesOf(document, operations));
  return new Map([
    ...pages.map((page) => [page.path, pageHtml(frame, page)] as const),
    ['openapi.json', `${JSON.stringify(document, null, 2)}\n`],
    // a script, as a page that is opened from a folder may fetch nothing
    ['search.js', `globalThis.docsEntries = ${search};\n`],
  ]);
}

function describedOperations(document: OpenApiDocument): Described[] {
  return operationsOf(document).map((operation) => {
    const item = resolve(document, (document['paths'] as JsonObject)[operation.path], operation.path).value;
    const raw = item[operation.method.toLowerCase()] as JsonObject;
    const { summary, description, deprecated } = raw;
    return {
      ...operation,
      summary: typeof summary === 'string' ? summary : operation.id,
      description: typeof description === 'string' ? description : undefined,
      deprecated: deprecated === true,
    };
  });
}

/** By first tag: those that the document lists in its order, then the others. */
function groupsOf(document: OpenApiDocument, operations: readonly Described[]): Group[] {
  const listed = (Array.isArray(document['tags']) ? document['tags'] : []).filter(isObject);
  const tags = new Set([
    ...listed.map(({ name }) => textOf(name)),
    ...operations.map((operation) => operation.tags[0] ?? ''),
  ]);
  return [...tags].flatMap((tag) => {
    const about = listed.find(({ name }) => name === tag)?.['description'];
    const own = operations.filter((operation) => (operation.tags[0] ?? '') === tag);
    return own.length === 0
      ? []
      : [{ tag, about: typeof about === 'string' ? about : undefined, operations: own }];
  });
}

function overviewPage({ version, groups }: Frame): Page {
  const { document } = version;
  const { summary, description, license } = document['info'] as JsonObject;
  return {
    title: 'Overview',
    path: 'index.html',
    content: html`<h1>${version.title} ${version.version}</h1>
      ${markdown(summary)}${markdown(description)}
      <dl class="facts">
        <div>
          <dt>Base address</dt>
          <dd><code>${serverOf(document)}</code></dd>
        </div>
        <div>
          <dt>Document</dt>
          <dd><a href="openapi.json">openapi.json</a> (OpenAPI ${textOf(document['openapi'])})</dd>
        </div>
        ${
          isObject(license)
            ? html`<div>
                <dt>Licence</dt>
                <dd>${textOf(license['name'])}</dd>
              </div>`
            : undefined
        }
      </dl>
      ${groups.map(
        ({ tag, about, operations }) =>
          html`<section>
            <h2 id="${tag}">${tag}</h2>
            ${markdown(about)}
            <ul class="operations">
              ${operations.map((operation) => operationLine(document, operation))}
            </ul>
          </section>`,
      )}`,
  };
}

function operationLine(document: OpenApiDocument, operation: Described): Html {
  const alternatives = alternativesOf(document, operation);
  const who = alternatives.length === 0 ? 'everybody' : alternatives.map(titleOf).join(', or ');
  return html`<li>
    <a href="${operationPath(operation)}">${operation.summary}</a>
    <span>${methodHtml(operation.method)} <code>${operation.path}</code></span>
    <span class="type">${who}</span>
  </li>`;
}

function schemasPage(document: OpenApiDocument): Page {
  const schemas = Object.entries(schemasOf(document));
  return {
    title: 'Schemas',
    path: 'schemas.html',
    content: html`<h1>Schemas</h1>
      ${schemas.length === 0 ? html`<p>The document names none.</p>` : undefined}
      ${schemas.map(
        ([name, schema]) =>
          html`<section>
            <h2 id="${name}">${name}</h2>
            ${schemaHtml(schema, '')}
          </section>`,
      )}`,
  };
}

function schemasOf(document: OpenApiDocument): JsonObject {
  const { components } = document;
  return isObject(components) && isObject(components['schemas']) ? components['schemas'] : {};
}

function changesPage(version: Version, previous: Version | undefined, now: readonly Described[]): Page {
  const title = previous === undefined ? 'Changes' : `Changes since ${previous.version}`;
  return {
    title,
    path: 'changes.html',
    content: html`<h1>${title}</h1>
      ${
        previous === undefined
          ? html`<p>This is the first version.</p>`
          : changesHtml(changesBetween(previous.document, version.document), now)
      }`,
  };
}

const KINDS = [
  ['broken', 'Broken', 'What worked before may fail: a request, or code made from the document.'],
  ['weakened', 'Weakened', 'Protection that more callers pass than before.'],
  ['added', 'Added', 'New, and nothing of it has to be used.'],
  ['changed', 'Changed', 'What worked before still does.'],
] as const;

function changesHtml(changes: ReturnType<typeof changesBetween>, now: readonly Described[]): Html {
  const shown = KINDS.filter(([kind]) => changes[kind].length > 0);
  if (shown.length === 0) return html`<p>Nothing that a caller notices.</p>`;
  return html`${shown.map(
    ([kind, title, about]) =>
      html`<section class="changes ${kind}">
        <h2 id="${kind}">${title} <span class="count">${changes[kind].length}</span></h2>
        <p>${about}</p>
        <dl>${groupedByPlace(changes[kind]).map(([place, found]) => changeHtml(place, found, now))}</dl>
      </section>`,
  )}`;
}

/** Map.groupBy is newer than Node.js 20. */
function groupedByPlace(changes: readonly Change[]): [string, Change[]][] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) groups.set(change.place, [...(groups.get(change.place) ?? []), change]);
  return [...groups];
}

function changeHtml(place: string, found: readonly Change[], now: readonly Described[]): Html {
  const operation = now.find(({ method, path }) => `${method} ${path}` === place);
  const name = html`<code>${place}</code>`;
  return html`<div>
    <dt>${operation === undefined ? name : html`<a href="${operationPath(operation)}">${name}</a>`}</dt>
    ${found.map(({ words }) => html`<dd>${words}</dd>`)}
  </div>`;
}

function entriesOf(document: OpenApiDocument, operations: readonly Described[]): Entry[] {
  return [
    ...operations.map((operation) => ({
      id: operationPath(operation),
      title: operation.summary,
      place: `${operation.method} ${operation.path}`,
      text: [
        operation.id,
        ...operation.tags,
        operation.description ?? '',
        ...operation.parameters.map(({ name }) => name),
      ].join(' '),
    })),
    ...Object.entries(schemasOf(document)).map(([name, schema]) => {
      const { description, properties } = isObject(schema) ? schema : {};
      return {
        id: `schemas.html#${name}`,
        title: name,
        place: 'schema',
        text: [
          typeof description === 'string' ? description : '',
          ...Object.keys(isObject(properties) ? properties : {}),
        ].join(' '),
      };
    }),
  ];
}

/** The list of versions, newest first, in the folder that has them all. */
export function versionsPage(versions: readonly [Version, ...Version[]]): string {
  const [latest] = versions;
  return documentHtml({
    title: `Versions – ${latest.title}`,
    root: 'latest/',
    body: html`<header><a class="brand" href="latest/index.html">${latest.title}</a></header>
      <div class="columns">
        <main id="content">
          <h1>Versions</h1>
          <ul class="operations">
            ${versions.map(
              ({ version, document }) =>
                html`<li>
                  <a href="${version}/index.html">${version}</a>
                  <a href="${version}/changes.html">Changes</a>
                  <span class="type"
                    >${version === latest.version ? 'latest. ' : ''}${markdownLine(
                      (document['info'] as JsonObject)['summary'],
                    )}</span
                  >
                </li>`,
            )}
          </ul>
        </main>
      </div>`,
  });
}

/** Where `/docs/` leads. */
export function entrancePage({ title }: Version): string {
  return documentHtml({
    title,
    root: 'latest/',
    leadsTo: 'latest/index.html',
    body: html`<main>
      <p><a href="latest/index.html">${title}</a></p>
    </main>`,
  });
}
