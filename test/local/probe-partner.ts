/** A throwaway REST API behind a mutual TLS domain, whose functions say which client certificate they were given. */

const AUTHORIZER = `
exports.handler = async (event) => ({
  principalId: 'ada',
  policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: event.methodArn }] },
  context: { certificate: event.requestContext.identity?.clientCert ? JSON.stringify(event.requestContext.identity.clientCert) : 'none' },
});`;

const BACK_END = `
exports.handler = async (event) => ({
  statusCode: 200,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({
    integration: event.requestContext.identity.clientCert, authorizer: event.requestContext.authorizer.certificate,
    headers: event.multiValueHeaders, secret: process.env.SALLYPORT_PARTNER_SECRET ?? 'unknown',
  }),
});`;

function lambda(code: string): object {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Timeout: 10,
      Role: 'arn:aws:iam::000000000000:role/probe',
      Code: { ZipFile: code },
    },
  };
}

function invocation(functionName: string): object {
  const arn = 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Arn}/invocations';
  return { 'Fn::Sub': [arn, { Arn: { 'Fn::GetAtt': [functionName, 'Arn'] } }] };
}

export function partnerProbeTemplate(domain: string): object {
  const RestApiId = { Ref: 'Api' };
  const Body = {
    openapi: '3.0.1',
    info: { title: 'probe', version: '1' },
    paths: {
      '/who': {
        get: {
          responses: {},
          security: [{ frontDoor: [] }],
          'x-amazon-apigateway-integration': {
            type: 'aws_proxy',
            httpMethod: 'POST',
            uri: invocation('BackEnd'),
          },
        },
      },
    },
    components: {
      securitySchemes: {
        frontDoor: {
          type: 'apiKey',
          name: 'Unused',
          in: 'header',
          'x-amazon-apigateway-authtype': 'custom',
          'x-amazon-apigateway-authorizer': {
            type: 'request',
            authorizerUri: invocation('Authorizer'),
            authorizerResultTtlInSeconds: 0,
          },
        },
      },
    },
    'x-amazon-apigateway-endpoint-configuration': { disableExecuteApiEndpoint: true },
  };
  return {
    Resources: {
      Authorizer: lambda(AUTHORIZER),
      BackEnd: lambda(BACK_END),
      Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Body, DisableExecuteApiEndpoint: true } },
      Deployment: { Type: 'AWS::ApiGateway::Deployment', Properties: { RestApiId } },
      Stage: {
        Type: 'AWS::ApiGateway::Stage',
        Properties: { RestApiId, DeploymentId: { Ref: 'Deployment' }, StageName: 'live' },
      },
      Domain: {
        Type: 'AWS::ApiGateway::DomainName',
        Properties: {
          DomainName: domain,
          EndpointConfiguration: { Types: ['REGIONAL'] },
          MutualTlsAuthentication: { TruststoreUri: 's3://probe/truststore.pem' },
        },
      },
      Mapping: {
        Type: 'AWS::ApiGateway::BasePathMapping',
        DependsOn: ['Stage'],
        Properties: { DomainName: { Ref: 'Domain' }, RestApiId, Stage: 'live' },
      },
    },
    Outputs: { Api: { Value: RestApiId } },
  };
}
