/** A throwaway REST API whose authorizer does what the request's x-verdict header says. */

const AUTHORIZER = `
exports.handler = async (event) => {
  const verdict = Object.entries(event.headers || {}).find(([name]) => name.toLowerCase() === 'x-verdict')?.[1];
  console.log(JSON.stringify({ event: 'decision', verdict, requestId: event.requestContext.requestId }));
  const policy = (Effect, Resource) => ({
    principalId: 'ada',
    policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }] },
    context: { challenge: 'Bearer error="invalid_token"', reason: 'token_expired', count: 3, yes: true,
      requestId: String(event.requestContext.requestId), call: process.hrtime.bigint().toString() },
  });
  switch (verdict) {
    case 'allow': return policy('Allow', event.methodArn);
    case 'deny': return policy('Deny', event.methodArn);
    case 'elsewhere': return policy('Allow', event.methodArn + '/elsewhere');
    case 'throw': throw new Error('Unauthorized');
    case 'misspelt': throw new Error('unauthorized');
    case 'garbage': return 'garbage';
    default: throw new Error('broken');
  }
};`;

const BACK_END = `
exports.handler = async (event) => ({
  statusCode: 200,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({
    authorizer: event.requestContext.authorizer, requestId: event.requestContext.requestId,
    headers: event.headers, multiValueHeaders: event.multiValueHeaders, greeting: process.env.GREETING,
  }),
});`;

const GATEWAY_RESPONSES: Record<string, [status: string, parameters: object, template: string]> = {
  ACCESS_DENIED: [
    '401',
    {
      'gatewayresponse.header.WWW-Authenticate': 'context.authorizer.challenge',
      'gatewayresponse.header.X-Fixed': "'fixed'",
    },
    '{"reason":"$context.authorizer.reason","type":"$context.error.responseType"}',
  ],
  UNAUTHORIZED: ['403', {}, '{"type":"$context.error.responseType"}'],
  AUTHORIZER_FAILURE: ['403', {}, '{"type":"$context.error.responseType"}'],
  BAD_REQUEST_BODY: ['400', {}, '{"detail":"$context.error.validationErrorString"}'],
  BAD_REQUEST_PARAMETERS: ['400', {}, '{"detail":$context.error.messageString}'],
};

const ITEM = { type: 'object', required: ['count'], properties: { count: { type: 'integer' } } };
const SCHEMA = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, item: { $ref: '#/components/schemas/Item' } },
};

export function invocation(functionName: string): object {
  const arn = 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Arn}/invocations';
  return { 'Fn::Sub': [arn, { Arn: { 'Fn::GetAtt': [functionName, 'Arn'] } }] };
}

export function lambda(code: string): object {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Timeout: 10,
      Role: 'arn:aws:iam::000000000000:role/probe',
      Code: { ZipFile: code },
      Environment: { Variables: { GREETING: 'hello' } },
    },
  };
}

/** @param options.cacheSeconds of the authorizer's results @param options.extraField required by the body's model */
export function probeTemplate(options: { cacheSeconds?: number; extraField?: string } = {}): object {
  const { cacheSeconds = 0, extraField } = options;
  const schema = {
    ...SCHEMA,
    required: [...SCHEMA.required, ...(extraField === undefined ? [] : [extraField])],
  };
  return {
    Resources: {
      Authorizer: lambda(AUTHORIZER),
      BackEnd: lambda(BACK_END),
      ...importedApi(schema, cacheSeconds),
      ...explicitApi(),
    },
    Outputs: {
      Imported: { Value: { Ref: 'Api' } },
      Explicit: { Value: { Ref: 'PlainApi' } },
      ExplicitResource: { Value: { Ref: 'PlainResource' } },
      AuthorizerName: { Value: { Ref: 'Authorizer' } },
    },
  };
}

/** An API imported as one body, as the product deploys it. */
function importedApi(schema: object, cacheSeconds: number): object {
  const operation = (extra: object): object => ({
    responses: {},
    security: [{ frontDoor: [] }],
    'x-amazon-apigateway-request-validator': 'all',
    'x-amazon-apigateway-integration': { type: 'aws_proxy', httpMethod: 'POST', uri: invocation('BackEnd') },
    ...extra,
  });
  const requestBody = {
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Widget' } } },
  };
  const identitySource = 'method.request.header.X-Verdict, context.httpMethod, context.path';
  return {
    Api: {
      Type: 'AWS::ApiGateway::RestApi',
      Properties: {
        Body: {
          openapi: '3.0.1',
          info: { title: 'probe', version: '1' },
          paths: {
            '/open': { get: operation({ security: [] }) },
            '/widgets': {
              get: operation({ parameters: [{ name: 'page', in: 'query', required: true }] }),
              post: operation({ requestBody }),
            },
            '/things/{id}': { get: operation({}) },
          },
          components: {
            schemas: { Widget: schema, Item: ITEM },
            securitySchemes: {
              frontDoor: {
                type: 'apiKey',
                name: 'Unused',
                in: 'header',
                'x-amazon-apigateway-authtype': 'custom',
                'x-amazon-apigateway-authorizer': {
                  type: 'request',
                  authorizerUri: invocation('Authorizer'),
                  authorizerResultTtlInSeconds: cacheSeconds,
                  ...(cacheSeconds === 0 ? {} : { identitySource }),
                },
              },
            },
          },
          'x-amazon-apigateway-request-validators': {
            all: { validateRequestBody: true, validateRequestParameters: true },
          },
          'x-amazon-apigateway-gateway-responses': Object.fromEntries(
            Object.entries(GATEWAY_RESPONSES).map(([type, [statusCode, responseParameters, template]]) => [
              type,
              { statusCode, responseParameters, responseTemplates: { 'application/json': template } },
            ]),
          ),
        },
      },
    },
    ...stage('Api', []),
  };
}

/** The same in resources of their own, so that a gap shows which is not one of the import. */
function explicitApi(): object {
  const RestApiId = { Ref: 'PlainApi' };
  const responses = Object.fromEntries(
    Object.entries(GATEWAY_RESPONSES).map(([type, [StatusCode, ResponseParameters, template]]) => [
      `Plain${type.replaceAll('_', '')}`,
      {
        Type: 'AWS::ApiGateway::GatewayResponse',
        Properties: {
          RestApiId,
          ResponseType: type,
          StatusCode,
          ResponseParameters,
          ResponseTemplates: { 'application/json': template },
        },
      },
    ]),
  );
  const Schema = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };
  return {
    PlainApi: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'explicit' } },
    PlainModel: { Type: 'AWS::ApiGateway::Model', Properties: { RestApiId, Name: 'Widget', Schema } },
    PlainAuthorizer: {
      Type: 'AWS::ApiGateway::Authorizer',
      Properties: {
        RestApiId,
        Name: 'frontDoor',
        Type: 'REQUEST',
        AuthorizerUri: invocation('Authorizer'),
        AuthorizerResultTtlInSeconds: 300,
        IdentitySource: 'method.request.header.X-Verdict, context.httpMethod, context.path',
      },
    },
    PlainResource: {
      Type: 'AWS::ApiGateway::Resource',
      Properties: {
        RestApiId,
        ParentId: { 'Fn::GetAtt': ['PlainApi', 'RootResourceId'] },
        PathPart: 'widgets',
      },
    },
    PlainUncached: {
      Type: 'AWS::ApiGateway::Authorizer',
      Properties: {
        RestApiId,
        Name: 'uncached',
        Type: 'REQUEST',
        AuthorizerUri: invocation('Authorizer'),
        AuthorizerResultTtlInSeconds: 0,
      },
    },
    ...plainMethod('Post', 'POST', 'PlainUncached', { RequestModels: { 'application/json': 'Widget' } }),
    ...plainMethod('Get', 'GET', 'PlainAuthorizer', {}),
    ...responses,
    ...stage('PlainApi', ['PlainPost', 'PlainGet', 'PlainModel', ...Object.keys(responses)]),
  };
}

function plainMethod(name: string, HttpMethod: string, authorizer: string, extra: object): object {
  return {
    [`Plain${name}`]: {
      Type: 'AWS::ApiGateway::Method',
      DependsOn: ['PlainModel'],
      Properties: {
        RestApiId: { Ref: 'PlainApi' },
        ResourceId: { Ref: 'PlainResource' },
        HttpMethod,
        AuthorizationType: 'CUSTOM',
        AuthorizerId: { Ref: authorizer },
        Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: invocation('BackEnd') },
        ...extra,
      },
    },
  };
}

function stage(api: string, DependsOn: string[]): object {
  const RestApiId = { Ref: api };
  return {
    [`${api}Deployment`]: { Type: 'AWS::ApiGateway::Deployment', DependsOn, Properties: { RestApiId } },
    [`${api}Stage`]: {
      Type: 'AWS::ApiGateway::Stage',
      Properties: { RestApiId, DeploymentId: { Ref: `${api}Deployment` }, StageName: 'live' },
    },
  };
}
