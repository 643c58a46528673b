/** Operations compiled by the real generator from a small document with every kind of parameter. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { generate } from '../../tools/generate/generator';
import type { CompiledOperation } from '../../lambdas/_kernel/operation';

export const SAMPLE_DOCUMENT = `
openapi: 3.1.0
info: { title: Sample, version: 1.2.3 }
servers: [{ url: 'https://api.test/base/' }]
paths:
  /things/{id}:
    get:
      operationId: readThing
      security: [{ token: [] }]
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer, minimum: 1 } }
        - { name: ratio, in: query, schema: { type: number, maximum: 1 } }
        - { name: deep, in: query, schema: { type: boolean, default: false } }
        - { name: tag, in: query, schema: { type: array, maxItems: 2, items: { type: string, maxLength: 3 } } }
        - { name: since, in: query, schema: { type: string, format: date } }
        - { name: X-Parts, in: header, schema: { type: array, items: { type: integer } } }
        - { name: X-Kind, in: header, required: true, schema: { $ref: '#/components/schemas/Kind' } }
        - { name: Accept, in: header, schema: { type: object } }
      responses:
        '200': { description: ok, content: { application/json: { schema: {} } } }
        '202': { description: later }
        '203':
          description: with headers
          headers:
            Location: { required: true, schema: { type: string, format: uri-reference } }
            X-Left: { schema: { type: integer, minimum: 0 } }
            X-Parts: { schema: { type: array, items: { type: integer } } }
            Set-Cookie: { schema: { type: string, pattern: ^a= } }
            Content-Type: { required: true, schema: { type: string, const: ignored } }
        '206':
          description: texts
          content:
            text/plain: { schema: { type: string, maxLength: 5 } }
            application/json: { schema: { type: object, additionalProperties: { type: integer } } }
        4XX: { description: no, content: { application/problem+json: { schema: { type: object } } } }
  /things:
    post:
      operationId: writeThing
      security: []
      requestBody:
        required: true
        content:
          application/json: { schema: { $ref: '#/components/schemas/Thing' } }
          application/merge-patch+json: { schema: { type: object } }
          application/x-www-form-urlencoded: { schema: { $ref: '#/components/schemas/Form' } }
      responses:
        '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }
    patch:
      operationId: touchThing
      security: [{ token: [] }, {}]
      requestBody:
        content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } }
      responses:
        '200': { description: ok, content: { application/json: { schema: {} } } }
components:
  securitySchemes: { token: { type: http, scheme: bearer } }
  schemas:
    Kind: { enum: [round, square], type: string }
    Form:
      type: object
      required: [name]
      properties: { name: { type: string, minLength: 1 } }
    Thing:
      type: object
      additionalProperties: false
      required: [name, kind]
      properties:
        name: { type: string, minLength: 1 }
        kind: { $ref: '#/components/schemas/Kind' }
        size: { type: integer, default: 3, x-unit: mm }
        when: { type: string, format: date-time }
        parts: { type: array, items: { $ref: '#/components/schemas/Thing' } }
`;

/** Folder of generated samples: below node_modules, where the validators find what they require. */
export function temporaryFolder(): { folder: string; remove: () => void } {
  const cache = join(__dirname, '../../node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'sallyport-test-'));
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

export type Compiled = CompiledOperation<unknown>;

export async function sampleOperations(): Promise<{
  operations: Record<'readThing' | 'writeThing' | 'touchThing', Compiled>;
  remove: () => void;
}> {
  const { folder, remove } = temporaryFolder();
  const document = join(folder, 'openapi.yaml');
  writeFileSync(document, SAMPLE_DOCUMENT);
  await generate({ document, out: join(folder, 'generated') });
  const load = async (id: string): Promise<Compiled> =>
    ((await import(join(folder, 'generated/operations', id))) as Record<string, Compiled>)[id]!;
  const [readThing, writeThing, touchThing] = [
    await load('readThing'),
    await load('writeThing'),
    await load('touchThing'),
  ];
  return { operations: { readThing, writeThing, touchThing }, remove };
}
