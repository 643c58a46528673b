/** Says how the handler wrapper has to read each parameter of an operation, or that it cannot. */
import {
  DocumentError,
  type Header,
  isObject,
  type JsonValue,
  type OpenApiDocument,
  type Operation,
  type Parameter,
  resolve,
} from '../../lib/api/document';

/** A parameter as generated modules describe it, still without its validator. */
export interface ParameterPlan {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly required: boolean;
  readonly type: string;
  readonly array: boolean;
  readonly default?: JsonValue;
  readonly schemaPointer: string;
}

const SCALARS: readonly unknown[] = ['string', 'integer', 'number', 'boolean'];

/** Header parameters of these names mean nothing (OpenAPI 3.1, Parameter Object, `name`). */
const RESERVED_HEADERS = ['accept', 'content-type', 'authorization'];

/**
 * Plans the parameters of an operation.
 *
 * @throws DocumentError for a parameter the wrapper could not read in one way only: a cookie, an object, several
 *   types, or a changed `explode`
 */
export function planParameters(document: OpenApiDocument, operation: Operation): ParameterPlan[] {
  const plans = operation.parameters
    .filter(({ in: place, name }) => place !== 'header' || !RESERVED_HEADERS.includes(name.toLowerCase()))
    .map((parameter) => planParameter(document, operation, parameter));
  checkExplode(document, operation);
  return plans;
}

/**
 * Plans a header of an answer, which is read like one of a request.
 *
 * @param status that the header belongs to, for messages
 * @throws DocumentError for a header that is not a scalar or a list of scalars
 */
export function planHeader(
  document: OpenApiDocument,
  { id }: Operation,
  status: string,
  header: Header,
): ParameterPlan {
  return plan(document, `${id}: header ${header.name} of ${status}`, 'header', header);
}

function planParameter(document: OpenApiDocument, { id }: Operation, parameter: Parameter): ParameterPlan {
  const { in: place, name } = parameter;
  const where = `${id}: ${place} parameter ${name}`;
  if (place === 'cookie') {
    throw new DocumentError(`${where} is not supported; use a header, or a security scheme for a session`);
  }
  return plan(document, where, place, parameter);
}

function plan(
  document: OpenApiDocument,
  where: string,
  place: ParameterPlan['in'],
  { name, required, schema, schemaPointer }: Header,
): ParameterPlan {
  const array = schema['type'] === 'array';
  const scalar = array ? resolve(document, schema['items'], `${schemaPointer}/items`).value : schema;
  const type = scalar['type'];
  if (typeof type !== 'string' || !SCALARS.includes(type)) {
    throw new DocumentError(
      `${where} has type ${JSON.stringify(type ?? null)}; give it one of ${SCALARS.join(', ')}, or an array of one`,
    );
  }
  return {
    in: place,
    name,
    required,
    type,
    array,
    ...(schema['default'] === undefined ? {} : { default: schema['default'] }),
    schemaPointer,
  };
}

/** `explode` is read from the raw document, as the list of operations does not carry it. */
function checkExplode(document: OpenApiDocument, operation: Operation): void {
  const raw = resolve(document, { $ref: `#${encodeURI(operation.pointer)}` }, operation.pointer).value;
  const item = resolve(
    document,
    document['paths'] !== undefined && isObject(document['paths'])
      ? document['paths'][operation.path]
      : undefined,
    operation.path,
  ).value;
  for (const list of [item['parameters'], raw['parameters']]) {
    if (!Array.isArray(list)) continue;
    for (const entry of list) {
      const { value } = resolve(document, entry, operation.pointer);
      const usual = value['in'] === 'query';
      if (value['explode'] !== undefined && value['explode'] !== usual) {
        throw new DocumentError(
          `${operation.id}: parameter ${JSON.stringify(value['name'])} sets explode to ${JSON.stringify(value['explode'])}; leave it out`,
        );
      }
    }
  }
}
