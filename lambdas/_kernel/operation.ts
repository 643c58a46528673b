/** Wraps the code of one operation: what openapi.yaml says of its request and its answers is checked here. */
import { bodyOf, type Caller, decodeCaller, missingOf } from './caller';
import type { Cookie } from './cookies';
import { atFirstUse, RESPONSE_MISMATCH_METRIC, responsesEnv } from './env';
import { type Answer, type HttpResponse, isJson, problem, readRequest, render } from './http';
import {
  type CompiledInput,
  type CompiledParameter,
  readInput,
  readParameter,
  type Validator,
} from './input';
import { createLogger, type Logger } from './log';

/** Whether an operation needs a caller, and whether every alternative asks for a client certificate. */
type Security = boolean | 'certificate';

/**
 * One operation of openapi.yaml as `npm run generate` compiles it.
 *
 * `O` is the operation's type of generated/openapi, `Defaulted` the names of its parameters with a default.
 */
export interface CompiledOperation<
  O,
  Secured extends Security = Security,
  Defaulted extends string = never,
> extends CompiledInput {
  readonly id: string;
  readonly method: string;
  readonly secured: Secured;
  /** Whether it acts only on the body whose digest the front door let in. */
  readonly bodyBound: boolean;
  /** By status, by range of statuses (`4XX`), or `default`. */
  readonly responses: Readonly<Record<string, CompiledResponse>>;
  /** Names of members that the schemas of its answers speak of; no other name of an answer is ever logged. */
  readonly members: readonly string[];
  /** Carries the types only; never set. */
  readonly types?: { readonly operation: O; readonly defaulted: Defaulted };
}

interface CompiledResponse {
  readonly headers: readonly CompiledParameter[];
  /** Validators by media type; a response without content has none. */
  readonly content: Readonly<Record<string, Validator>>;
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
interface OperationInput<O, Secured extends Security, Defaulted extends string> {
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
type OperationAnswer<O> = O extends { responses: infer R }
  ? {
      [S in keyof R]: S extends number
        ? { readonly status: S } & AnswerBody<R[S]> & AnswerHeaders<R[S]> & AnswerCookies<R[S]>
        : never;
    }[keyof R]
  : never;

type AnyOperation = CompiledOperation<unknown, Security, string>;

/** The code of an operation; a type of its own, so that the compiler knows the answers when it reads the code. */
type OperationCode<C extends AnyOperation> =
  C extends CompiledOperation<infer O, infer Secured, infer Defaulted>
    ? (input: OperationInput<O, Secured, Defaulted>) => OperationAnswer<O> | Promise<OperationAnswer<O>>
    : never;

export interface OperationOptions {
  /** Default standard output. */
  readonly logger?: Logger;
  /** What decides about answers that do not fit the document; default what the API says in the environment. */
  readonly responses?: () => ReturnType<typeof responsesEnv.read>;
  /** From 0 up to but not including 1: which answers are compared, where not all are. */
  readonly random?: () => number;
}

const fromEnvironment = atFirstUse(() => responsesEnv.read(process.env));

/**
 * Makes the Lambda handler of one operation; the handler itself never throws.
 *
 * A request that does not fit the document is answered by 400 with every field that is wrong (RFC 9457). It fails
 * closed: an event that is not this operation's, or a secured operation without a caller, means that the deployment
 * does not stand behind the front door, and is 403. What `run` throws is 500 without detail.
 *
 * An answer that does not fit the document (status, headers, media type, body) is a mistake of the code. `refuse`
 * answers 500 and says in `detail` where; `report` sends it as it is, logs where and counts it. Where means places and
 * rules of the document, never a value.
 *
 * @param compiled from generated/operations
 * @param run the code of the operation
 */
export function operationHandler<C extends AnyOperation>(
  compiled: C,
  run: OperationCode<C>,
  { logger = createLogger(), responses = fromEnvironment, random = Math.random }: OperationOptions = {},
): (event: unknown) => Promise<HttpResponse> {
  const fail = (event: string, status: 403 | 500, requestId?: string, more?: More): HttpResponse => {
    logger.error(event, { operation: compiled.id, requestId, ...more?.fields }, more?.cause);
    logger.metric('OperationFailures', { operation: compiled.id, event });
    return render(problem(status, more?.detail === undefined ? {} : { detail: more.detail }));
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
      const {
        RESPONSE_VALIDATION_PERCENT: percent = 100,
        RESPONSE_MISMATCH: mismatch = 'refuse',
        RESPONSE_METRIC_API: api = 'unnamed',
      } = responses();
      const input = { ...read.input, cookies: request.cookies, caller };
      const answer = await (run as (input: object) => Answer | Promise<Answer>)(input);
      const response = responseOf(compiled, answer.status);
      const places = random() * 100 < percent ? mismatchesOf(compiled, response, answer) : [];
      if (places.length > 0) {
        const at = places.join(', ');
        const fields = { status: answer.status, at };
        const detail = `the answer does not fit the description of this operation: ${at}`;
        if (mismatch === 'refuse') return fail('answer_off_document', 500, requestId, { fields, detail });
        logger.error('answer_off_document', { operation: compiled.id, requestId, ...fields });
        logger.metric(RESPONSE_MISMATCH_METRIC, { Api: api }, { value: 1, unit: 'Count', together: true });
      }
      return render(answer, { mediaType: mediaTypeOf(response, answer), payload: request.payload });
    } catch (cause) {
      return fail('handler_failed', 500, requestId, { cause });
    }
  };
}

interface More {
  readonly fields?: Readonly<Record<string, string | number>>;
  readonly cause?: unknown;
  readonly detail?: string;
}

/** Fields named in one answer; a body may hold thousands. */
const MAX_ERRORS = 50;

function responseOf({ responses }: AnyOperation, status: number): CompiledResponse | undefined {
  return responses[String(status)] ?? responses[`${String(status).charAt(0)}XX`] ?? responses['default'];
}

function mediaTypeOf(response: CompiledResponse | undefined, { mediaType }: Answer): string | undefined {
  return mediaType ?? Object.keys(response?.content ?? {})[0];
}

/** The places where an answer does not fit the document: every one but in the body, where it is the first. */
function mismatchesOf(
  compiled: AnyOperation,
  response: CompiledResponse | undefined,
  answer: Answer,
): string[] {
  if (response === undefined) return ['status'];
  const headers = new Map(
    Object.entries(answer.headers ?? {}).map(([name, value]) => [name.toLowerCase(), [value]]),
  );
  const linesOf = (name: string): readonly string[] =>
    // each cookie is a field line of its own (RFC 6265 section 3)
    (name === 'set-cookie' ? answer.cookies : headers.get(name)) ?? [];
  const wrong = response.headers.filter((header) => {
    const lines = linesOf(header.name.toLowerCase());
    return lines.length === 0 ? header.required : lines.some((line) => !fits(header, line));
  });
  return [...wrong.map(({ name }) => `header ${name}`), ...bodyMismatch(compiled, response, answer)];
}

function fits(header: CompiledParameter, line: string): boolean {
  return readParameter(header, [line]).messages.length === 0;
}

function bodyMismatch(compiled: AnyOperation, { content }: CompiledResponse, answer: Answer): string[] {
  const { body } = answer;
  if (Object.keys(content).length === 0) return body === undefined ? [] : ['body'];
  const mediaType = mediaTypeOf({ headers: [], content }, answer) ?? '';
  const validate = Object.hasOwn(content, mediaType) ? content[mediaType] : undefined;
  if (validate === undefined) return ['header Content-Type'];
  if (body === undefined) return ['body'];
  if (validate(body)) return [];
  // what is sent is the JSON: a Date or an undefined member may not fit and still arrive as something that does
  if (isJson(mediaType) && validate(JSON.parse(JSON.stringify(body)))) return [];
  return (validate.errors ?? []).map(({ instancePath, keyword, params: { missingProperty } }) => {
    const place = instancePath.split('/').map((name) => {
      return /^\d*$/.test(name) || compiled.members.includes(name) ? name : '*';
    });
    return [
      'body',
      place.join('/'),
      ' ',
      keyword,
      ...(typeof missingProperty === 'string' ? [' ', missingProperty] : []),
    ].join('');
  });
}
