/** Reads an OpenAPI 3.1 document, checks its structure, and lists its operations with all references resolved. */
import { readFileSync } from 'node:fs';

import { parseDocument } from 'yaml';

import { structureErrors } from './structure';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = Record<string, JsonValue>;

/** An OpenAPI 3.1 document whose structure has been checked. */
export type OpenApiDocument = JsonObject & { readonly __checked?: never };

/** One alternative of `security`: all named schemes together, each with the scopes it needs. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required: boolean;
  readonly schema: JsonObject;
  /** JSON pointer of the parameter's schema, to hand to a validator that knows the whole document. */
  readonly schemaPointer: string;
}

export interface Header {
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonObject;
  readonly schemaPointer: string;
}

interface Response {
  /** Without Content-Type, of which a description is to be ignored (OpenAPI 3.1, Response Object, `headers`). */
  readonly headers: readonly Header[];
  readonly content: Readonly<Record<string, MediaType>>;
}

export interface MediaType {
  readonly schema: JsonObject;
  readonly schemaPointer: string;
}

export interface Operation {
  readonly id: string;
  /** Upper case, as API Gateway and RFC 9110 write it. */
  readonly method: string;
  /** Path template, e.g. `/widgets/{widgetId}`. */
  readonly path: string;
  /** JSON pointer of the operation in the document. */
  readonly pointer: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly requestBody: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, MediaType>>;
  } | null;
  /** By status, by range of statuses (`4XX`), or `default`. */
  readonly responses: Readonly<Record<string, Response>>;
  /** `null` where the document does not say; the lowering refuses that. */
  readonly security: readonly SecurityRequirement[] | null;
  /** Every `x-…` key of the operation and of its path item. */
  readonly extensions: Readonly<Record<string, JsonValue>>;
  /** Keys of the operation and of its path item, as they stand in the document. */
  readonly keys: readonly string[];
}

/** A document that cannot be used; the message says where and what to do. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

export const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

/**
 * Reads a YAML or JSON file as an OpenAPI 3.1 document.
 *
 * @param file path of the document
 * @throws DocumentError when the file is unreadable, not 3.1, or not a valid document; the message names the place
 */
export function readDocument(file: string): OpenApiDocument {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DocumentError(`cannot read ${file}: ${(cause as Error).message}`);
  }
  return parseOpenApi(text, file);
}

/** The same for a text already read; `source` names it in messages. */
export function parseOpenApi(text: string, source = 'openapi.yaml'): OpenApiDocument {
  const parsed = parseDocument(text, { uniqueKeys: true });
  const [problem] = parsed.errors;
  if (problem !== undefined) throw new DocumentError(`${source}: ${problem.message.split('\n')[0] ?? ''}`);
  const document = parsed.toJS() as JsonValue;
  if (!isObject(document))
    throw new DocumentError(`${source}: is not a mapping; an OpenAPI document starts with "openapi: 3.1.0"`);
  const version = document['openapi'];
  if (typeof version !== 'string' || !/^3\.1\.\d+$/.test(version)) {
    throw new DocumentError(`${source}: openapi is ${JSON.stringify(version ?? null)}; write 3.1.0 or 3.1.1`);
  }
  const [error] = structureErrors(document);
  if (error !== undefined) throw new DocumentError(`${source}: ${error}`);
  return document;
}

/**
 * Lists every operation of the document in document order.
 *
 * @throws DocumentError for a reference that leads nowhere or outside the document, a missing or repeated
 *   `operationId`, or a path parameter that the template and the list of parameters do not agree on
 */
export function operationsOf(document: OpenApiDocument): Operation[] {
  const operations: Operation[] = [];
  const seen = new Map<string, string>();
  for (const [path, rawItem] of Object.entries(objectAt(document, 'paths'))) {
    // an extension of the Paths Object
    if (!path.startsWith('/')) continue;
    const itemPointer = `/paths/${escapePointer(path)}`;
    const item = resolve(document, rawItem, itemPointer).value;
    for (const method of METHODS) {
      const raw = item[method];
      if (!isObject(raw)) continue;
      const pointer = `${itemPointer}/${method}`;
      const id = raw['operationId'];
      if (typeof id !== 'string' || !/^[A-Za-z][A-Za-z0-9]*$/.test(id)) {
        throw new DocumentError(
          `${method.toUpperCase()} ${path}: operationId is ${JSON.stringify(id ?? null)}; give it a name of letters and digits`,
        );
      }
      const other = seen.get(id);
      if (other !== undefined) {
        throw new DocumentError(
          `${method.toUpperCase()} ${path}: operationId ${id} is already used by ${other}; rename one`,
        );
      }
      seen.set(id, `${method.toUpperCase()} ${path}`);
      const parameters = mergedParameters(document, item, itemPointer, raw, pointer);
      checkPathParameters(method.toUpperCase(), path, parameters);
      operations.push({
        id,
        method: method.toUpperCase(),
        path,
        pointer,
        tags: Array.isArray(raw['tags']) ? (raw['tags'] as string[]) : [],
        parameters,
        requestBody: requestBodyOf(document, raw, pointer),
        responses: responsesOf(document, raw, pointer),
        security: Array.isArray(raw['security'])
          ? (raw['security'] as unknown as SecurityRequirement[])
          : null,
        extensions: { ...extensionsOf(item), ...extensionsOf(raw) },
        keys: [...new Set([...Object.keys(item), ...Object.keys(raw)])],
      });
    }
  }
  return operations;
}

/** The `x-…` keys of an object. */
export function extensionsOf(value: JsonObject): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key.startsWith('x-')));
}

/**
 * Follows `$ref` until a value without one is reached.
 *
 * @param pointer JSON pointer (RFC 6901) of `value`, for messages
 * @returns the value and the pointer where it really stands
 * @throws DocumentError for a reference outside the document, to nothing, or in a circle
 */
export function resolve(
  document: OpenApiDocument,
  value: JsonValue | undefined,
  pointer: string,
): { value: JsonObject; pointer: string } {
  const seen = new Set<string>();
  let current = value;
  let place = pointer;
  while (isObject(current) && typeof current['$ref'] === 'string') {
    const ref = current['$ref'];
    if (!ref.startsWith('#/')) {
      throw new DocumentError(
        `${place}: $ref ${ref} leaves the document; bundle the document into one file first`,
      );
    }
    if (seen.has(ref)) throw new DocumentError(`${place}: $ref ${ref} leads to itself`);
    seen.add(ref);
    place = pointerOf(ref, place);
    current = at(document, place);
  }
  if (!isObject(current)) throw new DocumentError(`${place}: nothing is there to refer to`);
  return { value: current, pointer: place };
}

/** Pointer of a `$ref` within the document; a fragment is percent-encoded (RFC 6901 section 6). */
function pointerOf(ref: string, place: string): string {
  try {
    return decodeURIComponent(ref.slice(1));
  } catch {
    throw new DocumentError(`${place}: $ref ${ref} has a malformed percent escape`);
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Escapes one segment of a JSON pointer (RFC 6901 section 3). */
export function escapePointer(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}

function at(document: JsonObject, pointer: string): JsonValue | undefined {
  let current: JsonValue | undefined = document;
  for (const raw of pointer.slice(1).split('/')) {
    const segment = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(current)) current = current[Number(segment)];
    else if (isObject(current) && Object.hasOwn(current, segment)) current = current[segment];
    else return undefined;
  }
  return current;
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isObject(value) ? value : {};
}

function mergedParameters(
  document: OpenApiDocument,
  item: JsonObject,
  itemPointer: string,
  operation: JsonObject,
  pointer: string,
): Parameter[] {
  const merged = new Map<string, Parameter>();
  for (const [list, place] of [
    [item['parameters'], itemPointer],
    [operation['parameters'], pointer],
  ] as const) {
    if (!Array.isArray(list)) continue;
    list.forEach((raw, index) => {
      const parameter = resolve(document, raw, `${place}/parameters/${index}`);
      const { name, in: location } = parameter.value as unknown as { name: string; in: Parameter['in'] };
      const schema = resolve(document, parameter.value['schema'], `${parameter.pointer}/schema`);
      checkStyle(parameter.value, parameter.pointer);
      // an operation's parameter overrides the path item's of the same name and place (OpenAPI 3.1, Operation Object)
      merged.set(`${location} ${name}`, {
        name,
        in: location,
        required: parameter.value['required'] === true,
        schema: schema.value,
        schemaPointer: schema.pointer,
      });
    });
  }
  return [...merged.values()];
}

/** Styles the handler wrapper does not read would be left unvalidated, so they are refused. */
function checkStyle(parameter: JsonObject, pointer: string): void {
  const usual = parameter['in'] === 'query' || parameter['in'] === 'cookie' ? 'form' : 'simple';
  const style = parameter['style'] ?? usual;
  if (style !== usual) {
    throw new DocumentError(
      `${pointer}: style ${JSON.stringify(style)} is not supported; use ${usual}, the default`,
    );
  }
}

function checkPathParameters(method: string, path: string, parameters: readonly Parameter[]): void {
  const inTemplate = new Set([...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name));
  const declared = new Set(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name));
  for (const name of inTemplate) {
    if (!declared.has(name ?? ''))
      throw new DocumentError(
        `${method} ${path}: path parameter ${name ?? ''} is not declared; add it to parameters`,
      );
  }
  for (const name of declared) {
    if (!inTemplate.has(name))
      throw new DocumentError(`${method} ${path}: path parameter ${name} is not in the path; remove it`);
  }
}

function requestBodyOf(
  document: OpenApiDocument,
  operation: JsonObject,
  pointer: string,
): Operation['requestBody'] {
  if (operation['requestBody'] === undefined) return null;
  const body = resolve(document, operation['requestBody'], `${pointer}/requestBody`);
  return {
    required: body.value['required'] === true,
    content: contentOf(document, body.value, body.pointer),
  };
}

function responsesOf(
  document: OpenApiDocument,
  operation: JsonObject,
  pointer: string,
): Operation['responses'] {
  return Object.fromEntries(
    Object.entries(objectAt(operation, 'responses')).map(([status, raw]) => {
      const response = resolve(document, raw, `${pointer}/responses/${status}`);
      const content = contentOf(document, response.value, response.pointer);
      return [status, { headers: headersOf(document, response.value, response.pointer), content }];
    }),
  );
}

function headersOf(document: OpenApiDocument, response: JsonObject, pointer: string): Header[] {
  return Object.entries(objectAt(response, 'headers'))
    .filter(([name]) => name.toLowerCase() !== 'content-type')
    .map(([name, raw]) => {
      const header = resolve(document, raw, `${pointer}/headers/${escapePointer(name)}`);
      const schema = resolve(document, header.value['schema'], `${header.pointer}/schema`);
      const required = header.value['required'] === true;
      return { name, required, schema: schema.value, schemaPointer: schema.pointer };
    });
}

function contentOf(
  document: OpenApiDocument,
  holder: JsonObject,
  pointer: string,
): Record<string, MediaType> {
  return Object.fromEntries(
    Object.entries(objectAt(holder, 'content')).map(([type, media]) => {
      const place = `${pointer}/content/${escapePointer(type)}/schema`;
      const raw = isObject(media) ? media['schema'] : undefined;
      const schema =
        raw === undefined || raw === true ? { value: {}, pointer: place } : resolve(document, raw, place);
      return [type.toLowerCase(), { schema: schema.value, schemaPointer: schema.pointer }];
    }),
  );
}
