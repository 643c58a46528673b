/** Compiles one operation into a module that needs no schema compiler at run time. */
import Ajv2020, { type Options } from 'ajv/dist/2020';
import standaloneCode from 'ajv/dist/standalone';
import addFormats from 'ajv-formats';

import {
  DocumentError,
  escapePointer,
  isObject,
  resolve,
  type JsonValue,
  type MediaType,
  type OpenApiDocument,
  type Operation,
} from '../../lib/api/document';
import { LENGTHS } from './lengths';
import { type ParameterPlan, planHeader, planParameters } from './parameters';

const BANNER = '/* made by npm run generate from the OpenAPI document; changes are overwritten */';

/** Keywords OpenAPI adds to JSON Schema as annotations (OpenAPI 3.1, Schema Object). */
const ANNOTATIONS = ['example', 'discriminator', 'xml', 'externalDocs'];

/**
 * Answers the CommonJS source of an operation's module.
 *
 * @throws DocumentError for a schema with an unknown keyword or format, a request body that is neither JSON nor a form, or no `security`
 */
export function compileOperation(document: OpenApiDocument, operation: Operation): string {
  if (operation.security === null) {
    throw new DocumentError(
      `${operation.id}: has no security; write security: [] if it is public on purpose`,
    );
  }
  const requests = new Validators('request', { useDefaults: true });
  // the first thing that is wrong is enough, and an answer is not changed by being looked at
  const answers = new Validators('answer', { allErrors: false, messages: false });
  const placed = (validators: Validators, { schemaPointer, ...plan }: ParameterPlan): object => ({
    ...plan,
    validate: validators.place(schemaPointer),
  });
  const body = operation.requestBody;
  const { id, method, responses } = operation;
  const compiled = {
    id,
    method,
    secured: securedBy(document, operation),
    bodyBound: isBodyBound(operation),
    parameters: planParameters(document, operation).map((plan) => placed(requests, plan)),
    body: body && { required: body.required, content: contentOf(requests, id, body.content, isRequestType) },
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, { headers, content }]) => [
        status,
        {
          headers: headers.map((header) => placed(answers, planHeader(document, operation, status, header))),
          content: contentOf(answers, id, content, isAnswerType),
        },
      ]),
    ),
  };
  const modules = [requests.compile(document, id), answers.compile(document, id)];
  const described = JSON.stringify({ ...compiled, members: membersOf(document, operation) }, null, 2);
  return [BANNER, "'use strict';", ...modules, `exports.${id} = ${linked(described)};\n`].join('\n');
}

/** Names that the schemas of an operation's answers give to members, wherever they stand. */
function membersOf(document: OpenApiDocument, { responses }: Operation): string[] {
  const names = new Set<string>();
  const seen = new Set<JsonValue>();
  const visit = (value: JsonValue): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    if (Array.isArray(value)) {
      value.forEach(visit);
      return;
    }
    if (typeof value['$ref'] === 'string') visit(resolve(document, value, value['$ref']).value);
    for (const name of Object.keys(isObject(value['properties']) ? value['properties'] : {})) names.add(name);
    Object.values(value).forEach(visit);
  };
  for (const { content } of Object.values(responses))
    for (const { schema } of Object.values(content)) visit(schema);
  return [...names].sort();
}

/**
 * Answers the declarations of an operation's module.
 *
 * @param kernel relative path from the module to the handler wrapper
 */
export function operationTypes(document: OpenApiDocument, operation: Operation, kernel: string): string {
  const defaulted = operation.parameters
    .filter(({ schema }) => schema['default'] !== undefined)
    .map(({ name }) => JSON.stringify(name));
  return `${BANNER}
import type { CompiledOperation } from ${JSON.stringify(kernel)};
import type { operations } from '../openapi';
export declare const ${operation.id}: CompiledOperation<
  operations[${JSON.stringify(operation.id)}],
  ${JSON.stringify(securedBy(document, operation))},
  ${defaulted.length === 0 ? 'never' : defaulted.join(' | ')}
>;
`;
}

/**
 * What handlers may tell about the service: title, version, and the path in front of every path of the document,
 * which is that of the first server (OpenAPI 3.1, Server Object) without its last slash.
 */
export function aboutModule(document: OpenApiDocument): { source: string; types: string } {
  const info = isObject(document['info']) ? document['info'] : {};
  const [server] = Array.isArray(document['servers']) ? document['servers'] : [];
  const url = isObject(server) && typeof server['url'] === 'string' ? server['url'] : '/';
  const about = {
    title: info['title'] ?? '',
    version: info['version'] ?? '',
    basePath: new URL(url, 'https://localhost').pathname.replace(/\/$/, ''),
  };
  return {
    source: `${BANNER}\n'use strict';\nexports.about = ${JSON.stringify(about, null, 2)};\n`,
    types: `${BANNER}\nexport declare const about: { readonly [K in 'title' | 'version' | 'basePath']: string };\n`,
  };
}

/** An empty requirement among the alternatives lets everybody in (OpenAPI 3.1, Security Requirement Object). */
function isSecured({ security }: Operation): boolean {
  return (
    security !== null &&
    security.length > 0 &&
    security.every((requirement) => Object.keys(requirement).length > 0)
  );
}

/** `certificate` where every alternative asks for one. */
function securedBy(document: OpenApiDocument, operation: Operation): boolean | 'certificate' {
  const isMutualTls = (scheme: string): boolean => {
    const $ref = `#/components/securitySchemes/${escapePointer(scheme)}`;
    return resolve(document, { $ref }, scheme).value['type'] === 'mutualTLS';
  };
  if (!isSecured(operation)) return false;
  const alternatives = operation.security ?? [];
  return alternatives.every((alternative) => Object.keys(alternative).some(isMutualTls))
    ? 'certificate'
    : true;
}

/** A single use of a step-up is bound to the body (`x-step-up`, docs/step-up.md). */
function isBodyBound({ extensions: { 'x-step-up': demand } }: Operation): boolean {
  return isObject(demand) && demand['singleUse'] === true;
}

function isJsonType(type: string): boolean {
  return type === 'application/json' || /^[\w.-]+\/[\w.-]+\+json$/.test(type);
}

/** Requests may be forms as well, whose schema is that of an object of texts. */
function isRequestType(type: string): boolean {
  return isJsonType(type) || type === 'application/x-www-form-urlencoded';
}

/** Answers may be texts as well: pages for people, whose schema is that of a string. */
function isAnswerType(type: string): boolean {
  return isJsonType(type) || type === 'text/html' || type === 'text/plain';
}

function contentOf(
  validators: Validators,
  id: string,
  content: Readonly<Record<string, MediaType>>,
  supported: (type: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schemaPointer }]) => {
      if (!supported(type)) {
        throw new DocumentError(`${id}: media type ${type} is not supported; use application/json`);
      }
      return [type, validators.place(schemaPointer)];
    }),
  );
}

/** Puts the validators in where {@link Validators.place} stands for them. */
function linked(json: string): string {
  return json.replace(/"@@(\w+)@@"/g, 'exports.$1');
}

/** Collects the schemas that one side of a module needs, each once, and compiles them together. */
class Validators {
  private readonly names = new Map<string, string>();
  private readonly side: string;
  private readonly options: Options;

  /** @param side part of every name, since a module has two sides */
  constructor(side: 'request' | 'answer', options: Options) {
    this.side = side;
    this.options = options;
  }

  /** Stands for the validator of a schema until it is {@link linked}. */
  place(schemaPointer: string): string {
    const name = this.names.get(schemaPointer) ?? `${this.side}${this.names.size}`;
    this.names.set(schemaPointer, name);
    return `@@${name}@@`;
  }

  compile(document: OpenApiDocument, id: string): string {
    const names = Object.fromEntries([...this.names.values()].map((name) => [name, name]));
    try {
      // first in strict mode, where a misspelt keyword is an error; defaults may stand anywhere, so they come second
      this.register(document, { strictSchema: true });
      const ajv = this.register(document, { strictSchema: false, ...this.options });
      // a scope of its own: both sides number their schemas from one
      return `{\n${standaloneCode(ajv, names)}\n}`;
    } catch (cause) {
      throw new DocumentError(`${id}: ${(cause as Error).message}`);
    }
  }

  private register(document: OpenApiDocument, options: Options): Ajv2020 {
    const ajv = new Ajv2020({
      strictTypes: false,
      strictTuples: false,
      strictRequired: false,
      allErrors: true,
      code: { source: true },
      ...options,
    });
    for (const definition of LENGTHS) ajv.removeKeyword(String(definition.keyword)).addKeyword(definition);
    // of an answer the form of a date or an address, of a request also whether there is such a day
    addFormats(ajv, { mode: this.side === 'answer' ? 'fast' : 'full' });
    // the document is the root in which pointers are followed, so its own keys must pass as keywords too
    ajv.addVocabulary([...new Set([...ANNOTATIONS, ...Object.keys(document), ...extensionKeys(document)])]);
    ajv.addSchema(document, 'document');
    for (const [pointer, name] of this.names) {
      const $ref = `document#${encodeURI(pointer)}`;
      ajv.addSchema({ $ref }, name);
      ajv.getSchema(name);
    }
    return ajv;
  }
}

/** Every `x-` key of the document: specification extensions are allowed in schemas. */
function extensionKeys(value: JsonValue, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const item of value) extensionKeys(item, found);
  else if (isObject(value)) {
    for (const [key, child] of Object.entries(value)) {
      if (key.startsWith('x-')) found.add(key);
      extensionKeys(child, found);
    }
  }
  return found;
}
