import { join } from 'node:path';

import { DocumentError, operationsOf, parseOpenApi, readDocument } from '../../lib/api/document';

/** A small good document; `operation` is the YAML flow mapping of its only operation. */
function givenDocument(operation: string, { path = '/a', item = '', rest = '' } = {}): string {
  return [
    'openapi: 3.1.0',
    'info: { title: T, version: "1" }',
    'paths:',
    `  ${path}:`,
    ...(item === '' ? [] : [`    ${item}`]),
    `    get: ${operation}`,
    rest,
  ].join('\n');
}

const OK = 'responses: { "200": { description: ok } }';

function operationOf(text: string): ReturnType<typeof operationsOf>[number] {
  const [operation] = operationsOf(parseOpenApi(text));
  return operation!;
}

describe('reading a document', () => {
  it('accepts the document of this repository and lists its operations in order', () => {
    const operations = operationsOf(readDocument(join(__dirname, '../../openapi.yaml')));
    const either = (...scopes: string[]): object[] => [{ cognito: scopes }, { session: scopes }];

    expect(operations.map(({ id, method, path, security }) => [id, method, path, security])).toEqual([
      ['listWidgets', 'GET', '/widgets', either('widgets/read')],
      ['createWidget', 'POST', '/widgets', either('widgets/write')],
      ['getWidget', 'GET', '/widgets/{widgetId}', either('widgets/read')],
      ['putWidget', 'PUT', '/widgets/{widgetId}', either('widgets/write')],
      ['deleteWidget', 'DELETE', '/widgets/{widgetId}', either('widgets/write')],
      ['ping', 'GET', '/ping', []],
      ['getInfo', 'GET', '/info', either()],
      ['transfer', 'POST', '/transfer', either('widgets/write')],
      ['initiateAuth', 'POST', '/initiate-auth', either()],
      ['respondToChallenge', 'POST', '/respond-to-challenge', either()],
      ['listFactors', 'GET', '/factors', either()],
      ['enrolTotp', 'POST', '/factors/totp', either()],
      ['removeTotp', 'DELETE', '/factors/totp', either()],
      ['confirmTotp', 'POST', '/factors/totp/confirm', either()],
      ['enrolPasskey', 'POST', '/factors/passkeys', either()],
      ['confirmPasskey', 'POST', '/factors/passkeys/confirm', either()],
      ['removePasskey', 'DELETE', '/factors/passkeys/{passkeyId}', either()],
      ['preferFactor', 'PUT', '/factors/preferred', either()],
      ['login', 'GET', '/auth/login', []],
      ['callback', 'GET', '/auth/callback', []],
      ['logout', 'POST', '/auth/logout', [{ session: [] }]],
      ['backchannelLogout', 'POST', '/auth/backchannel-logout', []],
      ['session', 'GET', '/auth/session', [{ session: [] }]],
      ['listPartnerOrders', 'GET', '/partner/orders', [{ clientCertificate: [] }]],
      ['createPartnerOrder', 'POST', '/partner/orders', [{ clientCertificate: [] }]],
      ['getReview', 'GET', '/reviews/{reviewId}', either()],
      ['decideReview', 'POST', '/reviews/{reviewId}/decisions', either()],
    ]);
  });

  it('accepts JSON as well as YAML', () => {
    const document = { openapi: '3.1.1', info: { title: 'T', version: '1' }, paths: {} };

    expect(operationsOf(parseOpenApi(JSON.stringify(document)))).toEqual([]);
  });

  it.each([
    ['a file that is not there', () => readDocument('no-such-file.yaml'), /cannot read no-such-file\.yaml/],
    ['text that is not YAML', () => parseOpenApi('a: [1'), /openapi\.yaml: /],
    ['a key given twice', () => parseOpenApi('openapi: 3.1.0\nopenapi: 3.1.0'), /unique/],
    ['a list', () => parseOpenApi('- a'), /is not a mapping/],
    ['an empty file', () => parseOpenApi('', 'mine.yaml'), /mine\.yaml: is not a mapping/],
    ['OpenAPI 3.0', () => parseOpenApi('openapi: 3.0.3'), /openapi is "3\.0\.3"; write 3\.1\.0/],
    ['Swagger 2.0', () => parseOpenApi('swagger: "2.0"'), /openapi is null/],
    ['no info', () => parseOpenApi('openapi: 3.1.0\npaths: {}'), /info/],
    ['a misspelt key', () => parseOpenApi(givenDocument(`{ operationID: a, ${OK} }`)), /operationID/],
  ])('refuses %s with one line', (_case, read, message) => {
    expect(read).toThrow(DocumentError);
    expect(read).toThrow(message);
    expect(read).not.toThrow(/\n/);
  });
});

describe('listing operations', () => {
  it('keeps the difference between no security and public', () => {
    expect(operationOf(givenDocument(`{ operationId: a, ${OK} }`)).security).toBeNull();
    expect(operationOf(givenDocument(`{ operationId: a, security: [], ${OK} }`)).security).toEqual([]);
  });

  it('merges parameters of the path item, the operation winning', () => {
    const { parameters } = operationOf(
      givenDocument(
        `{ operationId: a, parameters: [{ name: q, in: query, required: true, schema: { type: integer } }], ${OK} }`,
        {
          item: 'parameters: [{ name: q, in: query, schema: {} }, { name: q, in: header, schema: { type: string } }]',
        },
      ),
    );

    expect(parameters.map(({ name, in: place, required }) => [name, place, required])).toEqual([
      ['q', 'query', true],
      ['q', 'header', false],
    ]);
  });

  it('follows references and says where the schema stands', () => {
    const { parameters } = operationOf(
      givenDocument(`{ operationId: a, parameters: [{ $ref: '#/components/parameters/Q' }], ${OK} }`, {
        rest: 'components: { parameters: { Q: { name: q, in: query, schema: { $ref: "#/components/schemas/S" } } }, schemas: { S: { type: string } } }',
      }),
    );

    expect(parameters[0]).toMatchObject({
      schema: { type: 'string' },
      schemaPointer: '/components/schemas/S',
    });
  });

  it('collects extensions of the path item and the operation', () => {
    const { extensions } = operationOf(
      givenDocument(`{ operationId: a, x-step-up: { acr: high }, ${OK} }`, { item: 'x-owner: team' }),
    );

    expect(extensions).toEqual({ 'x-owner': 'team', 'x-step-up': { acr: 'high' } });
  });

  it.each<[string, string, RegExp]>([
    ['no operationId', givenDocument(`{ ${OK} }`), /GET \/a: operationId is null/],
    ['an operationId that is no name', givenDocument(`{ operationId: a-b, ${OK} }`), /letters and digits/],
    [
      'an operationId used twice',
      givenDocument(`{ operationId: a, ${OK} }`, { item: `put: { operationId: a, ${OK} }` }),
      /a is already used by/,
    ],
    [
      'a path parameter that is not declared',
      givenDocument(`{ operationId: a, ${OK} }`, { path: '/a/{id}' }),
      /path parameter id is not declared/,
    ],
    [
      'a path parameter that is not in the path',
      givenDocument(
        `{ operationId: a, parameters: [{ name: id, in: path, required: true, schema: {} }], ${OK} }`,
      ),
      /path parameter id is not in the path/,
    ],
    [
      'a reference to nothing',
      givenDocument(`{ operationId: a, parameters: [{ $ref: '#/components/parameters/Q' }], ${OK} }`),
      /nothing is there/,
    ],
    [
      'a reference out of the document',
      givenDocument(`{ operationId: a, parameters: [{ $ref: 'other.yaml#/Q' }], ${OK} }`),
      /leaves the document/,
    ],
    [
      'references in a circle',
      givenDocument(`{ operationId: a, parameters: [{ $ref: '#/components/parameters/Q' }], ${OK} }`, {
        rest: 'components: { parameters: { Q: { $ref: "#/components/parameters/R" }, R: { $ref: "#/components/parameters/Q" } } }',
      }),
      /leads to itself/,
    ],
    [
      'a reference that is no URI fragment',
      givenDocument(`{ operationId: a, parameters: [{ $ref: '#/components/parameters/%zz' }], ${OK} }`),
      /has a malformed percent escape/,
    ],
    [
      'a style the wrapper does not read',
      givenDocument(
        `{ operationId: a, parameters: [{ name: q, in: query, style: spaceDelimited, schema: {} }], ${OK} }`,
      ),
      /style "spaceDelimited" is not supported/,
    ],
  ])('refuses %s', (_case, text, message) => {
    const list = (): unknown => operationsOf(parseOpenApi(text));

    expect(list).toThrow(DocumentError);
    expect(list).toThrow(message);
  });
});
