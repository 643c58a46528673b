import { operationsOf, parseOpenApi, partitionDocument, type OpenApiDocument } from '../../lib/api';
import { lowerDocument } from '../../lib/api/lower';

const SCHEMES = {
  certificate: { type: 'mutualTLS' },
  token: { type: 'http', scheme: 'bearer' },
};

function documentOf(operations: Record<string, object[] | undefined>): OpenApiDocument {
  const paths = Object.fromEntries(
    Object.entries(operations).map(([operationId, security]) => [
      `/${operationId}`,
      {
        get: {
          operationId,
          ...(security === undefined ? {} : { security }),
          responses: { 200: { description: 'ok' } },
        },
      },
    ]),
  );
  return parseOpenApi(
    JSON.stringify({
      openapi: '3.1.0',
      info: { title: 'Sample', version: '1' },
      paths,
      components: { securitySchemes: SCHEMES },
    }),
  );
}

const securityOf = (document: OpenApiDocument): Record<string, unknown> =>
  Object.fromEntries(operationsOf(document).map(({ id, security }) => [id, security]));

describe('partitionDocument', () => {
  test('gives each API the alternatives that can be met there', () => {
    const { site, partner } = partitionDocument(
      documentOf({
        open: [],
        byToken: [{ token: ['read'] }],
        byCertificate: [{ certificate: [] }],
        byEither: [{ token: ['read'] }, { certificate: [] }],
        byBoth: [{ certificate: [], token: ['read'] }],
      }),
    );

    expect(securityOf(site)).toEqual({
      open: [],
      byToken: [{ token: ['read'] }],
      byEither: [{ token: ['read'] }],
    });
    expect(securityOf(partner)).toEqual({
      byCertificate: [{ certificate: [] }],
      byEither: [{ certificate: [] }],
      byBoth: [{ certificate: [], token: ['read'] }],
    });
  });

  test('leaves what says nothing, or has empty alternatives, to the lowering that refuses it', () => {
    const { site, partner } = partitionDocument(documentOf({ silent: undefined, optional: [{}] }));

    expect(securityOf(site)).toEqual({ silent: null, optional: [{}] });
    expect(securityOf(partner)).toEqual({});
  });
});

describe('AUTHZ-06 lowering', () => {
  const targets = {
    integrationUri: () => 'uri',
    authorizerUri: 'uri',
    resultCacheSeconds: 0,
    enforces: () => true,
  };
  const document = documentOf({ byCertificate: [{ certificate: [] }] });

  test('AUTHZ-06 refuses operations with client certificates on an API without a mutual TLS domain', () => {
    expect(() => lowerDocument(document, targets)).toThrow(
      'GET /byCertificate: security scheme certificate is mutualTLS, and this API has no mutual TLS domain',
    );
  });

  test('AUTHZ-06 disables the default endpoint of an API behind one, and of no other', () => {
    const endpointOf = (behindMutualTls: boolean, one: OpenApiDocument): unknown =>
      lowerDocument(one, { ...targets, behindMutualTls }).definition[
        'x-amazon-apigateway-endpoint-configuration'
      ];

    expect(endpointOf(true, document)).toEqual({ disableExecuteApiEndpoint: true });
    expect(endpointOf(false, documentOf({ open: [] }))).toBeUndefined();
  });
});
