/** What API Gateway may reuse of a verdict, in the definition that is deployed. */
import type { JsonObject } from '../../lib/api/document';
import { lowerDocument } from '../../lib/api/lower';
import { sampleDocument } from '../api/sample';

function authorizerOf(resultCacheSeconds: number): unknown {
  const { definition } = lowerDocument(sampleDocument(), {
    integrationUri: () => 'arn:integration',
    authorizerUri: 'arn:authorizer',
    resultCacheSeconds,
    enforces: () => true,
  });
  const schemes = (definition['components'] as JsonObject)['securitySchemes'] as Record<string, JsonObject>;
  expect(Object.keys(schemes)).toEqual(['frontDoor']);
  return schemes['frontDoor']!['x-amazon-apigateway-authorizer'];
}

test('AUTHZ-02 with the cache on, method and path are part of its key', () => {
  expect(authorizerOf(60)).toEqual({
    type: 'request',
    authorizerUri: 'arn:authorizer',
    authorizerResultTtlInSeconds: 60,
    identitySource: 'method.request.header.Authorization, context.httpMethod, context.path',
  });
});

test('AUTHZ-02 with the cache off, which is said and not left to the default of 300 seconds, nothing is a key', () => {
  expect(authorizerOf(0)).toEqual({
    type: 'request',
    authorizerUri: 'arn:authorizer',
    authorizerResultTtlInSeconds: 0,
  });
});
