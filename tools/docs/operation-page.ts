/** The page of one operation: what it does, who may call it, what goes in and comes out, samples, and a form to try it. */
import {
  isObject,
  type JsonObject,
  type JsonValue,
  resolve,
  type OpenApiDocument,
} from '../../lib/api/document';
import { callOf, serverOf, SITE } from './call';
import { exampleOf } from './examples';
import { html, Html, markdown, type Content } from './html';
import { methodHtml, operationPath, rootFrom, type Described, type Page } from './page';
import { alternativesOf, protectionOf, stepUpOf, titleOf, type Alternative } from './protection';
import { samplesOf } from './samples';
import { fieldHtml, schemaHtml, typeOf } from './schema';

/** Operations that the form to try others needs, by their ids; those of docs/cookie-auth.md and docs/step-up.md. */
const HELPERS = ['login', 'session', 'initiateAuth', 'respondToChallenge'] as const;

export function operationPage(
  document: OpenApiDocument,
  operation: Described,
  all: readonly Described[],
): Page {
  const root = rootFrom(operationPath(operation));
  const raw = resolve(document, at(document, operation), operation.pointer).value;
  return {
    title: operation.summary,
    path: operationPath(operation),
    tag: operation.tags[0] ?? '',
    content: html`<h1>${operation.summary}</h1>
      <p class="place">${methodHtml(operation.method)} <code>${serverOf(document)}${operation.path}</code></p>
      ${operation.deprecated ? html`<p class="warning">Deprecated: do not use it in new code.</p>` : undefined}
      ${markdown(operation.description)}
      <section>
        <h2 id="protection">Who may call this</h2>
        ${protectionOf(document, operation)}
      </section>
      ${parametersHtml(document, raw, operation, root)} ${bodyHtml(document, raw, root)}
      ${responsesHtml(document, raw, root)}
      <section>
        <h2 id="try">Try it</h2>
        ${tryItHtml(document, operation, all)}
      </section>
      ${samplesHtml(document, operation)}`,
  };
}

function at(document: OpenApiDocument, { path, method }: Described): JsonValue | undefined {
  const paths = document['paths'] as JsonObject;
  return resolve(document, paths[path], path).value[method.toLowerCase()];
}

function section(id: string, title: string, content: Content): Html {
  return html`<section>
    <h2 id="${id}">${title}</h2>
    ${content}
  </section>`;
}

/** Parameters of the operation and of its path, as the document describes them. */
function describedParameters(document: OpenApiDocument, raw: JsonObject, operation: Described): JsonObject[] {
  const item = resolve(document, (document['paths'] as JsonObject)[operation.path], operation.path).value;
  const lists = [raw['parameters'], item['parameters']].map((list) => (Array.isArray(list) ? list : []));
  return lists.flat().map((each) => resolve(document, each, operation.pointer).value);
}

function parametersHtml(
  document: OpenApiDocument,
  raw: JsonObject,
  operation: Described,
  root: string,
): Html | undefined {
  if (operation.parameters.length === 0) return undefined;
  const described = describedParameters(document, raw, operation);
  const fields = operation.parameters.map(({ name, in: place, required, schema }) => {
    const words = described.find((each) => each['name'] === name && each['in'] === place)?.['description'];
    const full = schemaHtml({ ...schema, description: words ?? schema['description'] ?? null }, root);
    return fieldHtml({ name, required, type: html`in the ${place}`, words: full });
  });
  return section('parameters', 'Parameters', html`<dl class="fields">${fields}</dl>`);
}

function bodyHtml(document: OpenApiDocument, raw: JsonObject, root: string): Html | undefined {
  if (raw['requestBody'] === undefined) return undefined;
  const body = resolve(document, raw['requestBody'], '/requestBody').value;
  return section(
    'body',
    'Request body',
    html`${markdown(body['description'])}${contentHtml(document, body, root)}`,
  );
}

/** Every media type of a body or answer, with its schema and an example. */
function contentHtml(document: OpenApiDocument, holder: JsonObject, root: string): Content {
  return Object.entries(isObject(holder['content']) ? holder['content'] : {}).map(([type, media]) => {
    const schema = isObject(media) ? media['schema'] : undefined;
    const named = isObject(schema) && typeof schema['$ref'] === 'string' ? typeOf(schema, root) : undefined;
    return html`<p><code>${type}</code>${named === undefined ? undefined : html`: ${named}`}</p>
      ${isObject(schema) ? schemaHtml(resolve(document, schema, '/schema').value, root) : undefined}
      ${schema === undefined ? undefined : codeHtml('Example', JSON.stringify(exampleOf(document, schema), null, 2))}`;
  });
}

function responsesHtml(document: OpenApiDocument, raw: JsonObject, root: string): Html {
  const responses = Object.entries(isObject(raw['responses']) ? raw['responses'] : {});
  return section(
    'responses',
    'Answers',
    responses.map(([status, each]) => {
      const response = resolve(document, each, `/responses/${status}`).value;
      const headers = Object.entries(isObject(response['headers']) ? response['headers'] : {}).map(
        ([name, header]) => {
          const { description, required, schema } = resolve(document, header, name).value;
          return fieldHtml({
            name,
            required: required === true,
            type: html`${isObject(schema) ? typeOf(schema, root) : undefined}`,
            words: markdown(description),
          });
        },
      );
      return html`<details class="answer">
        <summary>
          <span class="status s${status.charAt(0)}">${status}</span> ${firstSentence(response['description'])}
        </summary>
        ${markdown(response['description'])}
        ${
          headers.length === 0
            ? undefined
            : html`<h3>Headers</h3>
                <dl class="fields">${headers}</dl>`
        }
        ${contentHtml(document, response, root)}
      </details>`;
    }),
  );
}

function firstSentence(text: JsonValue | undefined): string {
  return typeof text === 'string' ? (text.split(/(?<=\.)\s/)[0] ?? '').replaceAll('`', '') : '';
}

/** Code in a box that can be scrolled by keyboard; the script of the page adds a button that copies it. */
function codeHtml(label: string, code: string): Html {
  // the page's script puts the origin of the site there
  const marked = code
    .split(SITE)
    .flatMap((part, index) => [
      ...(index === 0 ? [] : [html`<span class="origin">${SITE}</span>`]),
      html`${part}`,
    ]);
  return html`<div class="code">
    <pre tabindex="0" aria-label="${label}"><code>${marked}</code></pre>
  </div>`;
}

function samplesHtml(document: OpenApiDocument, operation: Described): Html {
  const alternatives: readonly Alternative[] = alternativesOf(document, operation);
  const several = alternatives.length > 1;
  const shown = alternatives.length === 0 ? [[]] : alternatives;
  return section(
    'samples',
    'Code samples',
    html`<p>
        Run them with <code>sh sample.sh</code>, <code>node sample.mjs</code>,
        <code>python3 sample.py</code> or <code>java Sample.java</code>. Secrets come from environment
        variables: <code>ACCESS_TOKEN</code>, <code>API_KEY</code>, <code>SESSION</code>; a client certificate
        from <code>client.pem</code> and <code>client.key</code>, in Java from <code>client.p12</code> with
        the password <code>changeit</code>.
      </p>
      ${shown.map((alternative, index) => {
        const title = alternative.length === 0 ? undefined : `With ${articleOf(titleOf(alternative))}`;
        const samples = samplesOf(callOf(document, operation, alternative)).map(
          ({ language, code }, place) =>
            html`<details class="sample" name="sample-${index}" ${place === 0 ? new Html('open') : ''}>
              <summary>${language}</summary>
              ${codeHtml(`${language}${several ? `, ${titleOf(alternative)}` : ''}`, code)}
            </details>`,
        );
        return html`${title === undefined ? undefined : html`<h3>${title}</h3>`}
          <div class="samples">${samples}</div>`;
      })}`,
  );
}

function articleOf(title: string): string {
  return /^[aeiou]/i.test(title) ? `an ${title}` : `a ${title}`;
}

function tryItHtml(document: OpenApiDocument, operation: Described, all: readonly Described[]): Html {
  const alternatives = alternativesOf(document, operation);
  const tried =
    alternatives.find((needs) => needs.some(({ kind }) => kind === 'session')) ??
    alternatives.find((needs) => needs.every(({ kind }) => kind === 'bearer' || kind === 'key'));
  if (alternatives.length > 0 && tried === undefined) {
    return html`<p>
      This operation cannot be tried from this page: it needs ${articleOf(titleOf(alternatives[0] ?? []))},
      which a page of the site does not have. Use a sample below.
    </p>`;
  }
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const data = {
    method: operation.method,
    path: operation.path,
    server: serverOf(document),
    type,
    digest: stepUpOf(operation)?.singleUse === true,
    needs: tried ?? [],
    helpers: Object.fromEntries(
      HELPERS.flatMap((id) => all.filter((each) => each.id === id).map((each) => [id, each.path])),
    ),
  };
  const fields = operation.parameters.filter(({ in: place }) => place !== 'cookie');
  return html`<p data-without-script>
      The form needs JavaScript, and a page that is served by the site of the API. A sample below does
      without.
    </p>
    <form class="try-it" data-call="${JSON.stringify(data)}" hidden>
      <p class="who" role="status"></p>
      ${fields.map(({ name, in: place, required, schema }) => {
        const id = `parameter-${place}-${name}`;
        const [first = ''] = required ? [exampleOf(document, schema)] : [];
        return html`<label for="${id}"
            >${name} <span class="type">in the ${place}${required ? ', required' : ''}</span></label
          >
          <input
            id="${id}"
            name="${place} ${name}"
            value="${typeof first === 'string' ? first : JSON.stringify(first)}"
            ${required ? new Html('required') : ''}
            autocomplete="off"
          />`;
      })}
      ${(tried ?? [])
        .filter(({ kind }) => kind === 'bearer' || kind === 'key')
        .map(
          ({ kind, name }) =>
            html`<label for="credential-${name}"
                >${kind === 'bearer' ? 'Access token' : `API key (${name})`}
                <span class="type">kept in this page alone</span></label
              >
              <input id="credential-${name}" name="credential ${name}" type="password" autocomplete="off" />`,
        )}
      ${
        media === undefined
          ? undefined
          : html`<label for="request-body">Body <span class="type">${type}</span></label>
              <textarea id="request-body" name="body" rows="8" spellcheck="false">
${JSON.stringify(exampleOf(document, media.schema), null, 2)}</textarea>`
      }
      <button type="submit">Send</button>
      <div class="answer-box" aria-live="polite"></div>
    </form>`;
}
