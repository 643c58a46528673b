/** Reads the parameters and the body of a request as openapi.yaml describes them. */
import { withoutBlanks } from './cookies';
import { type FieldError, type HttpRequest, isJson, mediaTypeOf } from './http';

/** A validator compiled ahead of time; `errors` tells of the last call. */
export interface Validator {
  (data: unknown): boolean;
  errors?: readonly ValidationError[] | null;
}

interface ValidationError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

type ScalarType = 'string' | 'integer' | 'number' | 'boolean';

export interface CompiledParameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly required: boolean;
  /** Type of the value, or of each item where `array` is set. */
  readonly type: ScalarType;
  readonly array: boolean;
  readonly default?: unknown;
  readonly validate: Validator;
}

/** What of an operation says how to read its requests. */
export interface CompiledInput {
  readonly parameters: readonly CompiledParameter[];
  readonly body: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, Validator>>;
  } | null;
}

export function readInput(
  compiled: CompiledInput,
  request: HttpRequest,
): { input: object; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const values: Record<CompiledParameter['in'], Record<string, unknown>> = {
    path: {},
    query: {},
    header: {},
  };
  for (const parameter of compiled.parameters) {
    const read = readParameter(parameter, textsOf(parameter, request));
    errors.push(
      ...read.messages.map((message) => ({ in: parameter.in, field: parameter.name, message }) as const),
    );
    if (read.value !== undefined) values[parameter.in][parameter.name] = read.value;
  }
  const body = compiled.body === null ? NO_BODY : readBody(compiled.body, request);
  errors.push(...body.errors);
  return {
    input: { params: values.path, query: values.query, headers: values.header, body: body.value },
    errors,
  };
}

function textsOf({ in: place, name }: CompiledParameter, request: HttpRequest): readonly string[] {
  if (place === 'query') return request.query.get(name) ?? [];
  const value = place === 'path' ? request.pathParameters.get(name) : request.headers.get(name.toLowerCase());
  return value === undefined ? [] : [value];
}

export function readParameter(
  parameter: CompiledParameter,
  texts: readonly string[],
): { value?: unknown; messages: string[] } {
  if (texts.length === 0) {
    if (parameter.default !== undefined) return { value: parameter.default, messages: [] };
    return { messages: parameter.required ? ['is required'] : [] };
  }
  let value: unknown;
  if (parameter.array) {
    // style `form` repeats the name, style `simple` separates by commas (OpenAPI 3.1, Parameter Object)
    const items =
      parameter.in === 'query' ? texts : texts.flatMap((text) => text.split(',').map(withoutBlanks));
    const converted = items.map((item) => parseScalar(parameter.type, item));
    if (converted.includes(undefined)) return { messages: [`each item ${EXPECTED[parameter.type]}`] };
    value = converted;
  } else {
    if (texts.length > 1) return { messages: ['must be given only once'] };
    value = parseScalar(parameter.type, texts[0] ?? '');
    if (value === undefined) return { messages: [EXPECTED[parameter.type]] };
  }
  if (parameter.validate(value)) return { value, messages: [] };
  return { messages: (parameter.validate.errors ?? []).map(messageOf) };
}

const EXPECTED: Readonly<Record<ScalarType, string>> = {
  string: 'must be string',
  integer: 'must be integer',
  number: 'must be number',
  boolean: 'must be true or false',
};

/**
 * Reads the text of a parameter as its type, in one spelling only: decimal, no sign but `-`, no leading zero, no
 * exponent, no space, `true` or `false` in lower case.
 *
 * @returns `undefined` for a text of any other form, and for an integer that a double cannot hold exactly
 */
export function parseScalar(type: ScalarType, text: string): string | number | boolean | undefined {
  switch (type) {
    case 'string':
      return text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'integer': {
      const value = /^(?:0|-?[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
      return Number.isSafeInteger(value) ? value : undefined;
    }
    case 'number':
      return /^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,16})?$/.test(text) ? Number(text) : undefined;
  }
}

const NO_BODY: { value?: unknown; errors: readonly FieldError[] } = { errors: [] };

function readBody(body: NonNullable<CompiledInput['body']>, request: HttpRequest): typeof NO_BODY {
  const present = request.body.length > 0;
  if (!present && !body.required) return NO_BODY;
  const errors: FieldError[] = present ? [] : [{ in: 'body', field: '', message: 'is required' }];
  const mediaType = mediaTypeOf(request.headers.get('content-type') ?? '');
  const validate = Object.hasOwn(body.content, mediaType) ? body.content[mediaType] : undefined;
  if (validate === undefined) {
    const expected = Object.keys(body.content).join(' or ');
    errors.push({ in: 'header', field: 'content-type', message: `must be ${expected} in UTF-8` });
  }
  if (!present || validate === undefined) return { errors };
  let value: unknown;
  try {
    value = parseBody(mediaType, request.body);
  } catch {
    return { errors: [{ in: 'body', field: '', message: wellFormed(mediaType) }] };
  }
  if (validate(value)) return { value, errors: [] };
  return {
    errors: (validate.errors ?? []).map((error) => ({
      in: 'body',
      field: fieldOf(error),
      message: messageOf(error),
    })),
  };
}

/** What `parseBody` takes. */
function wellFormed(mediaType: string): string {
  return isJson(mediaType)
    ? `must be JSON in UTF-8: every name once, integers below 2^53, at most ${DEEPEST} levels`
    : 'must be a form in UTF-8 with every name once';
}

function fieldOf({ instancePath, params }: ValidationError): string {
  const child = params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'];
  const pointer =
    typeof child === 'string'
      ? `${instancePath}/${child.replaceAll('~', '~0').replaceAll('/', '~1')}`
      : instancePath;
  // the sender chooses the names of unknown members: only what looks like a name is repeated
  return pointer
    .split('/')
    .map((segment) => (/^[\w$.-]{0,40}$/.test(segment) ? segment : '*'))
    .join('/');
}

function messageOf({ keyword, params, message }: ValidationError): string {
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'is not allowed here';
    case 'enum':
      return `must be one of ${JSON.stringify(params['allowedValues'])}`;
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue'])}`;
    default:
      return message ?? 'is not valid';
  }
}

/** Objects and lists within each other in a body; validators go down with it where a schema refers to itself. */
const DEEPEST = 100;

/**
 * The value of a body: of JSON what it says to every reader alike (I-JSON, RFC 7493 sections 2.2 and 2.3), of a form
 * (`application/x-www-form-urlencoded`) an object of texts. No name may come twice in either: forms of OAuth and OpenID
 * Connect have none (RFC 6749 section 3.2).
 *
 * @throws Error when it is not what its media type says, or not UTF-8
 */
function parseBody(mediaType: string, bytes: Uint8Array): unknown {
  // RFC 8259 section 8.1: JSON between systems is UTF-8, and a replaced byte would change the value in silence
  const content = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  if (isJson(mediaType)) {
    const value: unknown = JSON.parse(content);
    if (hasUniqueMembers(content, DEEPEST) && hasExactIntegers(content)) return value;
    throw new TypeError('a name comes twice, an integer is not exact, or it is nested too deep');
  }
  const fields = [...new URLSearchParams(content)];
  if (new Set(fields.map(([name]) => name)).size < fields.length) throw new TypeError('a name comes twice');
  return Object.fromEntries(fields);
}

/** Whether every integer of a JSON text is one that a double holds: another would be a neighbour of it in silence. */
function hasExactIntegers(json: string): boolean {
  // texts are passed over whole, so that what looks like a number in them is none
  const tokens = json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g);
  for (const [token] of tokens)
    if (/^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token))) return false;
  return true;
}

/**
 * Whether no object of a JSON text names a member twice, none is nested too deep and every string ends. Says nothing
 * else about whether the text is JSON: that is the parser's part.
 *
 * @param deepest objects and lists within each other
 */
export function hasUniqueMembers(json: string, deepest: number): boolean {
  const open: (Set<string> | null)[] = [];
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index];
    if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : null);
      if (open.length > deepest) return false;
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === '"') {
      const end = endOfString(json, index);
      if (end < 0) return false;
      if (isFollowedByColon(json, end)) {
        const name = nameOf(json.slice(index, end + 1));
        const names = open.at(-1);
        if (name === undefined || names?.has(name) === true) return false;
        names?.add(name);
      }
      index = end;
    }
  }
  return true;
}

/** Index of the quote that ends a string, -1 where none does. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (end > 0) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end;
    end = json.indexOf('"', end + 1);
  }
  return -1;
}

function isFollowedByColon(json: string, end: number): boolean {
  let index = end + 1;
  // white space of RFC 8259 section 2; after anything else the parser refuses the text
  while (' \t\n\r'.includes(json[index] ?? ':')) index += 1;
  return json[index] === ':';
}

/** A name without its quotes; escapes spell the same one in many ways. */
function nameOf(text: string): string | undefined {
  return text.includes('\\') ? unescape(text) : text.slice(1, -1);
}

function unescape(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}
