/** Wraps the code of one operation: what openapi.yaml says of its request and its answers is checked here. */
import { bodyOf, type Caller, decodeCaller, missingOf } from './caller';
import type { Cookie } from './cookies';
import {
  type Answer,
  type FieldError,
  type HttpRequest,
  type HttpResponse,
  isJson,
  mediaTypeOf,
  problem,
  readRequest,
  render,
} from './http';
import { createLogger, type Logger } from './log';

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

interface CompiledParameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly required: boolean;
  /** Type of the value, or of each item where `array` is set. */
  readonly type: ScalarType;
  readonly array: boolean;
  readonly default?: unknown;
  readonly validate: Validator;
}

/** Whether an operation needs a caller, and whether every alternative asks for a client certificate. */
type Security = boolean | 'certificate';

/**
 * One operation of openapi.yaml as `npm run generate` compiles it.
 *
 * `O` is the operation's type of generated/openapi, `Defaulted` the names of its parameters with a default.
 */
export interface CompiledOperation<O, Secured extends Security = Security, Defaulted extends string = never> {
  readonly id: string;
  readonly method: string;
  readonly secured: Secured;
  /** Whether it acts only on the body whose digest the front door let in. */
  readonly bodyBound: boolean;
  readonly parameters: readonly CompiledParameter[];
  readonly body: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, Validator>>;
  } | null;
  /** Validators by status, then by media type; a status without content has none. */
  readonly responses: Readonly<Record<string, Readonly<Record<string, Validator>>>>;
  /** Carries the types only; never set. */
  readonly types?: { readonly operation: O; readonly defaulted: Defaulted };
}

type Nothing = Readonly<Record<string, never>>;
type Given<T, Defaulted extends string> = [T] extends [never]
  ? Nothing
  : Readonly<Omit<T, Defaulted> & Required<Pick<T, Extract<keyof T, Defaulted>>>>;
type PathOf<O> = O extends { parameters: { path: infer P } } ? Readonly<P> : Nothing;
type QueryOf<O, D extends string> = O extends { parameters: { query?: infer Q } }
  ? Given<NonNullable<Q>, D>
  : Nothing;
type HeadersOf<O, D extends string> = O extends { parameters: { header?: infer H } }
  ? Given<NonNullable<H>, D>
  : Nothing;
type BodyOf<O> = O extends { requestBody: { content: infer C } }
  ? C[keyof C]
  : O extends { requestBody?: { content: infer C } }
    ? C[keyof C] | undefined
    : undefined;

/** What the code of an operation gets; everything has been checked against the document. */
export interface OperationInput<O, Secured extends Security, Defaulted extends string> {
  readonly params: PathOf<O>;
  readonly query: QueryOf<O, Defaulted>;
  /** By the name the document gives the header. */
  readonly headers: HeadersOf<O, Defaulted>;
  readonly body: BodyOf<O>;
  /** Of the request, in the order they were sent; no schema speaks of them. */
  readonly cookies: readonly Cookie[];
  readonly caller: Secured extends 'certificate'
    ? Caller & Required<Pick<Caller, 'certificate'>>
    : Secured extends true
      ? Caller
      : Caller | undefined;
}

type Named<H> = { [K in keyof H as string extends K ? never : K]: H[K] };
type AnswerBody<R> = R extends { content: infer C }
  ? { [M in keyof C]: { readonly body: C[M]; readonly mediaType?: M; readonly style?: string } }[keyof C]
  : { readonly body?: never };
/** An answer sets cookies only where the document says that it does. */
type AnswerCookies<R> = R extends { headers: { 'Set-Cookie'?: string } }
  ? { readonly cookies?: 'Set-Cookie' extends keyof Named<R['headers']> ? readonly string[] : never }
  : { readonly cookies?: never };
type AnswerHeaders<R> = R extends { headers: infer H }
  ? Partial<Named<H>> extends Named<H>
    ? { readonly headers?: Readonly<Record<string, string>> }
    : { readonly headers: Readonly<Record<string, string>> & Named<H> }
  : unknown;

/** The answers the document allows, told apart by `status`. */
export type OperationAnswer<O> = O extends { responses: infer R }
  ? {
      [S in keyof R]: S extends number
        ? { readonly status: S } & AnswerBody<R[S]> & AnswerHeaders<R[S]> & AnswerCookies<R[S]>
        : never;
    }[keyof R]
  : never;

type AnyOperation = CompiledOperation<unknown, Security, string>;

/** The code of an operation; a type of its own, so that the compiler knows the answers when it reads the code. */
export type OperationCode<C extends AnyOperation> =
  C extends CompiledOperation<infer O, infer Secured, infer Defaulted>
    ? (input: OperationInput<O, Secured, Defaulted>) => OperationAnswer<O> | Promise<OperationAnswer<O>>
    : never;

/**
 * Makes the Lambda handler of one operation; the handler itself never throws.
 *
 * A request that does not fit the document is answered by 400 with every field that is wrong (RFC 9457). It fails
 * closed: an event that is not this operation's, or a secured operation without a caller, means that the deployment
 * does not stand behind the front door, and is 403. What `run` throws, or an answer the document does not know, is
 * 500 without detail.
 *
 * @param compiled from generated/operations
 * @param run the code of the operation
 * @param options.logger default standard output
 */
export function operationHandler<C extends AnyOperation>(
  compiled: C,
  run: OperationCode<C>,
  { logger = createLogger() }: { logger?: Logger } = {},
): (event: unknown) => Promise<HttpResponse> {
  const fail = (event: string, status: 403 | 500, requestId?: string, more?: More): HttpResponse => {
    logger.error(event, { operation: compiled.id, requestId, ...more?.fields }, more?.cause);
    logger.metric('OperationFailures', { operation: compiled.id, event });
    return render(problem(status));
  };
  return async (event) => {
    let requestId: string | undefined;
    try {
      const request = readRequest(event);
      requestId = request?.requestId;
      if (request?.method !== compiled.method) return fail('unexpected_event', 403, requestId);
      const caller = decodeCaller(request.authorizer);
      const body = bodyOf(request.authorizer, request.body, compiled.bodyBound);
      const missing = missingOf(compiled.secured, caller, body);
      if (missing !== undefined) return fail(missing, 403, requestId);
      if (body === 'different')
        return render(problem(400, { detail: 'the body is not that of Content-Digest' }));
      const read = readInput(compiled, request);
      if (read.errors.length > 0) {
        const detail = 'the request does not fit the description of this operation';
        return render(problem(400, { detail, errors: read.errors.slice(0, MAX_ERRORS) }));
      }
      const input = { ...read.input, cookies: request.cookies, caller };
      const answer = await (run as (input: object) => Answer | Promise<Answer>)(input);
      const fit = fitAnswer(compiled, answer);
      if (typeof fit === 'object') {
        return fail('answer_off_document', 500, requestId, {
          fields: { status: answer.status, at: fit.join(' ') },
        });
      }
      return render(answer, { mediaType: fit, payload: request.payload });
    } catch (cause) {
      return fail('handler_failed', 500, requestId, { cause });
    }
  };
}

interface More {
  readonly fields?: Readonly<Record<string, string | number>>;
  readonly cause?: unknown;
}

/** Fields named in one answer; a body may hold thousands. */
const MAX_ERRORS = 50;

function readInput(compiled: AnyOperation, request: HttpRequest): { input: object; errors: FieldError[] } {
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

function readParameter(
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
    const items = parameter.in === 'query' ? texts : texts.flatMap((text) => text.split(/[ \t]*,[ \t]*/));
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

function readBody(body: NonNullable<AnyOperation['body']>, request: HttpRequest): typeof NO_BODY {
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
    // RFC 8259 section 8.1: JSON between systems is UTF-8, and a replaced byte would change the value in silence
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.body));
  } catch {
    return { errors: [{ in: 'body', field: '', message: 'must be JSON in UTF-8' }] };
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

/** Answers the media type of a good answer, or the places where it does not fit the document. */
function fitAnswer(
  compiled: AnyOperation,
  { status, body, mediaType: chosen }: Answer,
): string | undefined | string[] {
  const { responses } = compiled;
  const content =
    responses[String(status)] ?? responses[`${String(status).charAt(0)}XX`] ?? responses['default'];
  if (content === undefined) return ['status'];
  const documented = Object.entries(content).find(([type]) => type === (chosen ?? type));
  if (documented === undefined) return body === undefined ? undefined : ['body'];
  const [mediaType, validate] = documented;
  // what is sent is the JSON, so a Date or an undefined member is checked as it will arrive
  const sent: unknown = isJson(mediaType) && body !== undefined ? JSON.parse(JSON.stringify(body)) : body;
  return validate(sent) ? mediaType : (validate.errors ?? []).map(fieldOf).map((field) => `body${field}`);
}
