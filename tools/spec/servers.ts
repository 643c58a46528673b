/** Which addresses of a document send requests in the clear. */
import { isObject, type JsonObject, type JsonValue } from '../../lib/api/document';

/** A server that is not `https`, and where the document says so. */
export interface InsecureServer {
  readonly url: string;
  /** `servers` of the document, or the name of an operation. */
  readonly place: string;
}

/**
 * Servers of an operation that are reached without TLS: those of the operation, else of its path item, else of the
 * document (OpenAPI 3.1, Operation Object). A relative URL has the scheme of the page that has the document.
 */
export function insecureServers(
  document: JsonObject,
  item: JsonObject,
  operation: JsonObject,
  name: string,
): InsecureServer[] {
  const own = operation['servers'] ?? item['servers'];
  const place = own === undefined ? 'servers' : name;
  return listOf(own ?? document['servers'])
    .flatMap(addressesOf)
    .filter((url) => /^[a-z][a-z0-9+.-]*:/i.test(url) && !/^(?:https|wss):/i.test(url))
    .map((url) => ({ url, place }));
}

function listOf(servers: JsonValue | undefined): JsonValue[] {
  return Array.isArray(servers) ? servers : [];
}

/** A URL for each value of a variable that may decide about the scheme; one without `enum` may be anything. */
function addressesOf(server: JsonValue): string[] {
  if (!isObject(server) || typeof server['url'] !== 'string') return [];
  const variables = isObject(server['variables']) ? server['variables'] : {};
  let urls = [server['url']];
  for (const name of [...server['url'].matchAll(/\{([^}]+)\}/g)].map(([, found]) => found ?? '')) {
    const variable = variables[name];
    const values = isObject(variable) && Array.isArray(variable['enum']) ? variable['enum'] : undefined;
    const decidesScheme = server['url'].startsWith(`{${name}}`);
    const texts = values?.map(String) ?? [decidesScheme ? 'http://' : name];
    urls = urls.flatMap((url) => texts.map((text) => url.replace(`{${name}}`, text)));
  }
  return urls;
}
