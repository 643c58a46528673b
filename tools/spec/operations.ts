/** Pairs the operations of two documents. */
import { isObject, type JsonObject, type OpenApiDocument, resolve } from '../../lib/api/document';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

/** An operation as the document has it, with its path item. */
export interface RawOperation {
  /** `GET /widgets/{widgetId}`, as the document writes it. */
  readonly name: string;
  /** Upper case. */
  readonly method: string;
  readonly path: string;
  readonly pointer: string;
  readonly itemPointer: string;
  readonly operation: JsonObject;
  readonly item: JsonObject;
}

/**
 * Operations by method and path, where names of path parameters do not count: `/a/{id}` and `/a/{key}` are the same
 * place to a caller.
 */
export function rawOperations(document: OpenApiDocument): Map<string, RawOperation> {
  const found = new Map<string, RawOperation>();
  const paths = isObject(document['paths']) ? document['paths'] : {};
  for (const [path, rawItem] of Object.entries(paths)) {
    if (!path.startsWith('/')) continue;
    const itemPointer = `/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const item = resolve(document, rawItem, itemPointer);
    for (const method of METHODS) {
      const operation = item.value[method];
      if (!isObject(operation)) continue;
      const name = `${method.toUpperCase()} ${path}`;
      found.set(placeOf(name), {
        name,
        method: method.toUpperCase(),
        path,
        pointer: `${item.pointer}/${method}`,
        itemPointer: item.pointer,
        operation,
        item: item.value,
      });
    }
  }
  return found;
}

/** A name of an operation without the names of its parameters. */
function placeOf(name: string): string {
  return name.replace(/\{[^}]*\}/g, '{}');
}

/**
 * The operation which answered the requests that `operation` answers now.
 *
 * It is the one of the same place; else the most concrete one whose template has the new path among its paths, as
 * API Gateway chooses (a literal segment goes before a parameter).
 */
export function predecessor(
  before: ReadonlyMap<string, RawOperation>,
  operation: RawOperation,
): RawOperation | undefined {
  const same = before.get(placeOf(operation.name));
  if (same !== undefined) return same;
  return [...before.values()]
    .filter(({ method, path }) => method === operation.method && covers(path, operation.path))
    .sort((a, b) => concreteness(b.path).localeCompare(concreteness(a.path)))[0];
}

/** Whether every path of the template `path` is one of the template `wide`. */
function covers(wide: string, path: string): boolean {
  const [segments, others] = [wide.split('/'), path.split('/')];
  return (
    segments.length === others.length &&
    segments.every((segment, index) => isParameter(segment) || segment === others[index])
  );
}

/** Sorts templates: literal segments from the left count more. */
function concreteness(path: string): string {
  return path
    .split('/')
    .map((segment) => (isParameter(segment) ? '0' : '1'))
    .join('');
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{');
}
