import { lowerDocument, type Targets } from '../../lib/api/lower';
import type { OpenApiDocument } from '../../lib/api';
import { sampleDocument, transferOf, type MutableDocument } from './sample';

interface Definition {
  readonly paths: Record<string, Record<string, Record<string, unknown>>>;
  readonly components: {
    schemas: Record<string, unknown>;
    securitySchemes: Record<string, Record<string, unknown>>;
  };
  readonly [key: string]: unknown;
}

const targets: Targets = {
  integrationUri: ({ id }) => `arn:integration/${id}`,
  authorizerUri: 'arn:authorizer',
  resultCacheSeconds: 0,
  enforces: () => true,
};

function lower(document: OpenApiDocument, given: Partial<Targets> = {}): Definition {
  return lowerDocument(document, { ...targets, ...given }).definition as unknown as Definition;
}

function refusal(change: (document: MutableDocument) => void): string {
  try {
    lower(sampleDocument(change));
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

describe('lowering to API Gateway', () => {
  test('SPEC-01 every operation is bound to the front door unless it says security: []', () => {
    const { paths, components } = lower(sampleDocument());

    expect(paths['/transfers']!['post']!['security']).toEqual([{ frontDoor: [] }]);
    expect(paths['/transfers/{transferId}']!['get']!['security']).toEqual([{ frontDoor: [] }]);
    expect(paths['/ping']!['get']!['security']).toEqual([]);
    expect(components.securitySchemes['frontDoor']).toEqual({
      type: 'apiKey',
      name: 'Unused',
      in: 'header',
      'x-amazon-apigateway-authtype': 'custom',
      'x-amazon-apigateway-authorizer': {
        type: 'request',
        authorizerUri: 'arn:authorizer',
        authorizerResultTtlInSeconds: 0,
      },
    });
  });

  test.each<[string, (document: MutableDocument) => void, string]>([
    ['without security', (d) => delete transferOf(d)['security'], 'POST /transfers: security is missing'],
    [
      'with an undeclared scheme',
      (d) => (transferOf(d)['security'] = [{ tokn: [] }]),
      'POST /transfers: security scheme tokn is not declared',
    ],
    [
      'with optional credentials',
      (d) => (transferOf(d)['security'] = [{ token: [] }, {}]),
      'POST /transfers: an empty requirement ({}) makes the credentials optional',
    ],
    [
      'with a security extension nobody enforces',
      (d) => (transferOf(d)['x-step-up'] = { acr: 'urn:cognito:loa:2' }),
      'POST /transfers: x-step-up is not enforced by this deployment',
    ],
    [
      'with a misspelt extension',
      (d) => (transferOf(d)['x-stepup'] = true),
      'POST /transfers: x-stepup is not enforced by this deployment',
    ],
    [
      "with API Gateway's own extension",
      (d) => (transferOf(d)['x-amazon-apigateway-auth'] = { type: 'NONE' }),
      'POST /transfers: x-amazon-apigateway-auth is not enforced by this deployment',
    ],
    [
      'with a scope that could break out of a challenge',
      (d) => (transferOf(d)['security'] = [{ token: ['a", error="x'] }]),
      'is not a scope token (RFC 6749 section 3.3)',
    ],
    [
      'whose method the gateway has not',
      (d) => (d.paths['/ping']!['trace'] = { ...d.paths['/ping']!['get'], operationId: 'trace' }),
      'TRACE /ping: API Gateway does not serve this method',
    ],
    [
      'whose parameter is part of a segment',
      (d) => {
        d.paths['/transfers/{transferId}.json'] = d.paths['/transfers/{transferId}']!;
        delete d.paths['/transfers/{transferId}'];
      },
      'GET /transfers/{transferId}.json: a path parameter must be a whole segment',
    ],
    ...[
      '/transfers/',
      '//transfers',
      '/transfers//all',
      '/.',
      '/a/..',
      '/a%2fb',
      '/a;b',
      '/a b',
      '/a*',
      '/é',
    ].map((path): [string, (document: MutableDocument) => void, string] => [
      `at ${path}, which the gateway serves elsewhere or not at all`,
      (d) => (d.paths[path] = { get: { ...d.paths['/ping']!['get'], operationId: 'other' } }),
      `GET ${path}: API Gateway has no path segment`,
    ]),
    [
      'at the place of another, which differs in the name of a parameter',
      (d) => {
        const get = d.paths['/transfers/{transferId}']!['get']!;
        const parameters = [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }];
        d.paths['/transfers/{id}'] = { get: { ...get, operationId: 'other', security: [], parameters } };
      },
      'GET /transfers/{id}: is the same place as /transfers/{transferId}',
    ],
  ])('SPEC-01 refuses an operation %s', (_, change, message) => {
    expect(refusal(() => undefined)).toBe('accepted');
    expect(refusal(change)).toContain(message);
  });

  test.each(['/', '/ping/_.-,:09aZ', '/transfers/{transferId}/notes'])(
    'serves an operation at %s',
    (path) => {
      const { paths } = lower(
        sampleDocument((d) => {
          const own = path.includes('{') ? d.paths['/transfers/{transferId}']! : d.paths['/ping']!;
          d.paths[path] = { get: { ...own['get'], operationId: 'other' } };
        }),
      );

      expect(paths[path]!['get']!['operationId']).toBe('other');
    },
  );

  test('SPEC-01 refuses security at the root of the document, which API Gateway ignores', () => {
    expect(refusal((document) => (document['security'] = [{ token: [] }]))).toContain('security at the root');
  });

  test('SPEC-01 refuses an extension on a security scheme and one at the root', () => {
    const onScheme = (d: MutableDocument) =>
      ((d.components['securitySchemes']!['token'] as Record<string, unknown>)['x-issuer'] = 'other');

    expect(refusal(onScheme)).toContain('security scheme token: x-issuer is not enforced');
    expect(refusal((document) => (document['x-step-up'] = {}))).toContain(
      'the document: x-step-up is not enforced',
    );
    expect(refusal(({ paths }) => (paths['x-step-up'] = {}))).toContain('paths: x-step-up is not enforced');
    expect(refusal((document) => (document['x-tagGroups'] = []))).toBe('accepted');
  });

  test('SPEC-01 refuses an operation the front door has no policy for', () => {
    const without = (): unknown => lower(sampleDocument(), { enforces: ({ id }) => id !== 'transfer' });

    expect(without).toThrow('POST /transfers: the front door has no policy for it');
    expect(() => lower(sampleDocument(), { enforces: ({ id }) => id !== 'ping' })).not.toThrow();
  });

  test('AUTHZ-02 with the result cache on, method and path are part of the key', () => {
    const cached = lower(sampleDocument(), { resultCacheSeconds: 60 }).components.securitySchemes[
      'frontDoor'
    ]!;

    expect(cached['x-amazon-apigateway-authorizer']).toEqual({
      type: 'request',
      authorizerUri: 'arn:authorizer',
      authorizerResultTtlInSeconds: 60,
      identitySource: 'method.request.header.Authorization, context.httpMethod, context.path',
    });
  });

  test('keeps of a body what the gateway can name, and reports the rest', () => {
    const { definition, losses } = lowerDocument(sampleDocument(), targets);
    const { components } = definition as unknown as Definition;

    expect(components.schemas['transferBody']).toEqual({
      type: 'object',
      required: ['amount', 'to'],
      properties: { to: { required: ['iban'] } },
    });
    expect(losses).toContainEqual({
      place: 'POST /transfers body',
      what: 'additionalProperties, minimum, pattern, type',
      madeUpBy: 'the handler wrapper',
    });
  });

  test('reports the parts of the document and of an operation that the gateway has no place for', () => {
    const document = sampleDocument((d) => {
      d['servers'] = [{ url: '/api' }];
      transferOf(d)['servers'] = [{ url: '/other' }];
    });
    const dropped = lowerDocument(document, targets).losses.filter(({ what }) => what === 'dropped');

    expect(dropped.map(({ place }) => place)).toEqual(['POST /transfers servers', 'servers']);
  });

  test('follows references and ends a recursive schema', () => {
    const document = sampleDocument((d) => {
      d.components['schemas'] = {
        Node: {
          type: 'object',
          required: ['name'],
          properties: { child: { $ref: '#/components/schemas/Node' } },
        },
      };
      transferOf(d)['requestBody'] = {
        required: true,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Node' } } },
      };
    });

    const model = JSON.stringify(lower(document).components.schemas['transferBody']);

    expect(model.match(/"required":\["name"\]/g)).toHaveLength(5);
  });

  test('SPEC-02 has bodies and required parameters validated by the gateway', () => {
    const definition = lower(sampleDocument());
    const transfer = definition.paths['/transfers']!['post']!;

    expect(definition['x-amazon-apigateway-request-validators']).toEqual({
      all: { validateRequestBody: true, validateRequestParameters: true },
    });
    expect(transfer['x-amazon-apigateway-request-validator']).toBe('all');
    expect(transfer['requestBody']).toEqual({
      required: true,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/transferBody' } } },
    });
    expect(definition.paths['/transfers/{transferId}']!['get']!['parameters']).toEqual([
      { name: 'transferId', in: 'path', required: true, schema: { type: 'string' } },
      { name: 'verbose', in: 'query', required: false, schema: { type: 'string' } },
    ]);
  });

  test('answers denials as 401 with a challenge and everything else the front door refuses as 403', () => {
    const responses = lower(sampleDocument())['x-amazon-apigateway-gateway-responses'] as Record<
      string,
      {
        statusCode?: number;
        responseParameters: Record<string, string>;
        responseTemplates: Record<string, string>;
      }
    >;
    const statuses = Object.fromEntries(
      Object.entries(responses).map(([type, { statusCode }]) => [type, statusCode]),
    );

    expect(statuses).toMatchObject({
      ACCESS_DENIED: 401,
      UNAUTHORIZED: 403,
      AUTHORIZER_FAILURE: 403,
      AUTHORIZER_CONFIGURATION_ERROR: 403,
      MISSING_AUTHENTICATION_TOKEN: 404,
    });
    expect(responses['ACCESS_DENIED']!.responseParameters['gatewayresponse.header.WWW-Authenticate']).toBe(
      'context.authorizer.challenge',
    );
    expect(responses['UNAUTHORIZED']!.responseTemplates['application/json']).not.toContain(
      'context.authorizer',
    );
    for (const { responseTemplates, responseParameters } of Object.values(responses)) {
      expect(JSON.parse(responseTemplates['application/json']!)).toMatchObject({ type: 'about:blank' });
      expect(responseParameters['gatewayresponse.header.Cache-Control']).toBe("'no-store'");
      expect(responseParameters['gatewayresponse.header.Cross-Origin-Resource-Policy']).toBe("'same-origin'");
    }
  });
});
