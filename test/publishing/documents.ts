/** Small documents for the tests of `npm run spec`. */
import { parseOpenApi, type JsonObject, type OpenApiDocument } from '../../lib/api/document';

export const SCHEMES: JsonObject = {
  session: { type: 'apiKey', in: 'cookie', name: '__Host-session' },
  token: { type: 'http', scheme: 'bearer' },
  key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
  certificate: { type: 'mutualTLS' },
};

export interface Parts {
  readonly version?: string;
  readonly schemes?: JsonObject;
  readonly schemas?: JsonObject;
  readonly servers?: JsonObject[];
  readonly paths?: JsonObject;
  /** Members of the one operation `GET /things/{id}`, where `paths` is not given. */
  readonly operation?: JsonObject;
}

/** A valid document with one operation. */
export function documentOf({
  version = '1.0.0',
  schemes = SCHEMES,
  schemas = {},
  servers,
  operation = {},
  paths,
}: Parts = {}): OpenApiDocument {
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
  const given = {
    operationId: 'getThing',
    security: [{ token: [] }],
    parameters: [id],
    responses: { '200': { description: 'ok' } },
    ...operation,
  };
  return parseOpenApi(
    JSON.stringify({
      openapi: '3.1.0',
      info: { title: 'T', version },
      ...(servers === undefined ? {} : { servers }),
      paths: paths ?? { '/things/{id}': { get: given } },
      components: { securitySchemes: schemes, schemas },
    }),
  );
}
