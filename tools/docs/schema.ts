/** Schemas as readers see them: properties with their types and bounds; named schemas are links. */
import { isObject, type JsonObject, type JsonValue } from '../../lib/api/document';
import { html, markdown, textOf, type Html } from './html';

const NAMED = '#/components/schemas/';

/** @param root path from the page to the folder of its version */
export function schemaHtml(raw: JsonValue | undefined, root: string): Html {
  if (!isObject(raw)) return html`<p>Anything.</p>`;
  const [properties, item] = [membersOf(raw, root), itemOf(raw)];
  return html`<p class="type">${typeOf(raw, root)}${boundsOf(raw)}</p>
    ${markdown(raw['description'])}${properties}${
      item === undefined || isNamed(item) ? undefined : membersOf(item, root)
    }`;
}

function membersOf(schema: JsonObject, root: string): Html | undefined {
  const properties = isObject(schema['properties']) ? Object.entries(schema['properties']) : [];
  if (properties.length === 0) return undefined;
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return html`<dl class="fields">
    ${properties.map(([name, raw]) => {
      const property = isObject(raw) ? raw : {};
      const item = itemOf(property);
      return fieldHtml({
        name,
        required: required.includes(name),
        type: html`${typeOf(property, root)}${boundsOf(property)}`,
        words: html`${markdown(property['description'])}${membersOf(property, root)}${
          item === undefined || isNamed(item) ? undefined : membersOf(item, root)
        }`,
      });
    })}
  </dl>`;
}

/** One entry of a `<dl class="fields">`. */
export function fieldHtml(field: { name: string; required: boolean; type: Html; words: Html }): Html {
  const { name, required, type, words } = field;
  return html`<div>
    <dt>
      <code>${name}</code> <span class="type">${type}</span>${
        required ? html` <span class="required">required</span>` : undefined
      }
    </dt>
    <dd>${words}</dd>
  </div>`;
}

/** `string (uuid)`, `array of Widget`, with links. */
export function typeOf(schema: JsonObject, root: string): Html {
  const reference = schema['$ref'];
  if (typeof reference === 'string' && reference.startsWith(NAMED)) {
    const name = reference.slice(NAMED.length);
    return html`<a href="${root}schemas.html#${name}">${name}</a>`;
  }
  for (const [key, word] of [
    ['oneOf', ' or '],
    ['anyOf', ' or '],
    ['allOf', ' and '],
  ] as const) {
    const parts = Array.isArray(schema[key]) ? schema[key].filter(isObject) : [];
    if (parts.length > 0)
      return html`${parts.map((part, index) => html`${index === 0 ? '' : word}${typeOf(part, root)}`)}`;
  }
  const item = itemOf(schema);
  if (item !== undefined) return html`array of ${typeOf(item, root)}`;
  const { type = 'any', format } = schema;
  const names = Array.isArray(type) ? type.map(textOf).join(' or ') : textOf(type);
  return html`${names}${format === undefined ? undefined : ` (${textOf(format)})`}`;
}

const BOUNDS: readonly (readonly [key: string, words: (value: string) => string])[] = [
  ['const', (value) => `always ${value}`],
  ['enum', (value) => `one of ${value}`],
  ['minimum', (value) => `at least ${value}`],
  ['exclusiveMinimum', (value) => `more than ${value}`],
  ['maximum', (value) => `at most ${value}`],
  ['exclusiveMaximum', (value) => `less than ${value}`],
  ['multipleOf', (value) => `a multiple of ${value}`],
  ['minLength', (value) => `${value} or more characters`],
  ['maxLength', (value) => `${value} characters at most`],
  ['pattern', (value) => `matches ${value}`],
  ['minItems', (value) => `${value} or more items`],
  ['maxItems', (value) => `${value} items at most`],
  ['default', (value) => `default ${value}`],
];

function boundsOf(schema: JsonObject): string {
  const bounds = BOUNDS.flatMap(([key, words]) => {
    const value = schema[key];
    if (value === undefined) return [];
    return [words(Array.isArray(value) ? value.map(textOf).join(', ') : textOf(value))];
  });
  if (schema['uniqueItems'] === true) bounds.push('each at most once');
  if (schema['additionalProperties'] === false) bounds.push('no other properties');
  return bounds.map((bound) => `, ${bound}`).join('');
}

function itemOf({ items }: JsonObject): JsonObject | undefined {
  return isObject(items) ? items : undefined;
}

function isNamed({ $ref }: JsonObject): boolean {
  return typeof $ref === 'string';
}
