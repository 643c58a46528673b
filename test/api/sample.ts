/** Documents for tests: a small valid one, and a way to change one thing in it. */
import { stringify } from 'yaml';

import { parseOpenApi, type OpenApiDocument } from '../../lib/api';

export interface MutableDocument {
  [key: string]: unknown;
  paths: Record<string, Record<string, Record<string, unknown>>>;
  components: Record<string, Record<string, unknown>>;
}

/** A document of one public and two secured operations; every test that expects a refusal starts from it. */
export function sampleDocument(
  change: (document: MutableDocument) => void = () => undefined,
): OpenApiDocument {
  const document: MutableDocument = {
    openapi: '3.1.0',
    info: { title: 'Sample', version: '1.0.0' },
    paths: {
      '/ping': {
        get: { operationId: 'ping', security: [], responses: { 200: { description: 'fine' } } },
      },
      '/transfers': {
        post: {
          operationId: 'transfer',
          security: [{ token: ['money/move'] }],
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  additionalProperties: false,
                  required: ['amount', 'to'],
                  properties: {
                    amount: { type: 'integer', minimum: 1 },
                    to: {
                      type: 'object',
                      required: ['iban'],
                      properties: { iban: { type: 'string', pattern: '^[A-Z]{2}' } },
                    },
                  },
                },
              },
            },
          },
          responses: { 201: { description: 'made' } },
        },
      },
      '/transfers/{transferId}': {
        get: {
          operationId: 'getTransfer',
          security: [{ token: ['money/read'] }],
          parameters: [
            { name: 'transferId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
            { name: 'verbose', in: 'query', schema: { type: 'boolean' } },
          ],
          responses: { 200: { description: 'found' } },
        },
      },
    },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  };
  change(document);
  return parseOpenApi(stringify(document));
}

/** The operation of the sample that most tests change. */
export function transferOf(document: MutableDocument): Record<string, unknown> {
  return document.paths['/transfers']!['post']!;
}

/**
 * A document of as many secured operations as asked for, each with a path, a body and a parameter of its own. Every other
 * one needs `widgets/write`, the rest a scope that nobody has.
 */
export function largeDocument(operations: number): OpenApiDocument {
  return sampleDocument((document) => {
    document.paths = {};
    for (let index = 0; index < operations; index += 1) {
      document.paths[`/collections/c${index}/items/{itemId}`] = {
        put: {
          operationId: `putItem${index}`,
          security: [{ token: [index % 2 === 0 ? 'widgets/write' : 'others/write'] }],
          parameters: [{ name: 'itemId', in: 'path', required: true, schema: { type: 'string' } }],
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  required: ['name', 'size'],
                  properties: { name: { type: 'string' }, size: { type: 'integer' } },
                },
              },
            },
          },
          responses: { 200: { description: 'stored' } },
        },
      };
    }
  });
}
