/** What client libraries of a document are called, in every registry. */
import { isObject, type OpenApiDocument } from './document';

export interface ClientNames {
  /** Title of the document in kebab case, with `-client`: `widget-api-client`. The same in npm, PyPI and Maven. */
  readonly name: string;
  /** Group id of the Java library. */
  readonly mavenGroup: string;
}

export function clientNamesOf(document: OpenApiDocument): ClientNames {
  const title = isObject(document['info']) ? document['info']['title'] : undefined;
  const words = (typeof title === 'string' ? title.toLowerCase().match(/[a-z0-9]+/g) : null) ?? ['api'];
  return { name: [...words, 'client'].join('-'), mavenGroup: 'io.sallyport.clients' };
}
