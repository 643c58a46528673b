/** The front door on APIs that another app has already: what is attached, and what stops the synth. */
import { App, Stack } from 'aws-cdk-lib';
import {
  AuthorizationType,
  CfnMethod,
  LambdaIntegration,
  MockIntegration,
  RestApi,
  type IResource,
} from 'aws-cdk-lib/aws-apigateway';
import { CfnRoute, HttpApi, HttpMethod, HttpNoneAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';

import { FrontDoor, type ApiKind, type FrontDoorProps } from '../../lib';
import { parseOpenApi } from '../../lib/api';

const DOCUMENT = parseOpenApi(
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'orders', version: '1' },
    paths: {
      '/status': { get: operation('status', []) },
      '/orders/{orderId}': {
        parameters: [{ name: 'orderId', in: 'path', required: true, schema: { type: 'string' } }],
        get: operation('getOrder', [{ bearer: [] }]),
      },
    },
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  }),
);

function operation(operationId: string, security: object[]): object {
  return { operationId, security, responses: { '200': { description: 'ok' } } };
}

interface Ground {
  readonly stack: Stack;
  readonly frontDoor: FrontDoor;
  readonly backEnd: LambdaFunction;
}

function given(api: ApiKind, props: Partial<FrontDoorProps> = {}): Ground {
  // nothing here is about the code of the functions, so it is not bundled
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'Test', { env: { region: 'eu-west-1', account: '111111111111' } });
  const userPool = new UserPool(stack, 'Pool');
  const frontDoor = new FrontDoor(stack, 'FrontDoor', {
    document: DOCUMENT,
    api,
    accessTokens: { scheme: 'bearer', userPool, clients: [userPool.addClient('Client')] },
    ...props,
  });
  const backEnd = new LambdaFunction(stack, 'BackEnd', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => ({})'),
  });
  return { stack, frontDoor, backEnd };
}

interface RestGround extends Ground {
  readonly api: RestApi;
  readonly order: IResource;
  readonly integration: LambdaIntegration;
}

/** A REST API as the document has it, once `secure` has added `GET /orders/{orderId}`. */
function givenRest(secure: (ground: RestGround) => void): Stack {
  const ground = given('rest');
  const api = new RestApi(ground.stack, 'Api');
  const integration = new LambdaIntegration(ground.backEnd);
  api.root.addResource('status').addMethod('GET', integration);
  const order = api.root.addResource('orders').addResource('{orderId}');
  ground.frontDoor.guard(api);
  secure({ ...ground, api, order, integration });
  return ground.stack;
}

const good = ({ order, integration, frontDoor }: RestGround): void => {
  order.addMethod('GET', integration, { authorizer: frontDoor.requestAuthorizer() });
};

interface HttpGround extends Ground {
  readonly api: HttpApi;
  readonly integration: HttpLambdaIntegration;
}

function givenHttp(secure: (ground: HttpGround) => void): Stack {
  const ground = given('http');
  const api = new HttpApi(ground.stack, 'Api', { defaultAuthorizer: ground.frontDoor.httpAuthorizer() });
  const integration = new HttpLambdaIntegration('Integration', ground.backEnd);
  api.addRoutes({
    path: '/status',
    integration,
    methods: [HttpMethod.GET],
    authorizer: new HttpNoneAuthorizer(),
  });
  ground.frontDoor.guard(api);
  secure({ ...ground, api, integration });
  return ground.stack;
}

const ORDER = { path: '/orders/{orderId}', methods: [HttpMethod.GET] };
const goodRoute = ({ api, integration }: HttpGround): void => {
  api.addRoutes({ ...ORDER, integration });
};

const NOT_SECURED = 'is secured in the document but has not the authorizer of the front door; give it that';
const NOT_DESCRIBED = 'is in the API but not in the document; describe or remove it';
const NOT_PUBLIC = 'is public in the document (security: []) but has an authorizer; set it to none';

describe('an existing REST API', () => {
  test('the good twin: has an uncached REQUEST authorizer without identity sources, and the four answers', () => {
    const template = Template.fromStack(givenRest(good));

    template.hasResourceProperties('AWS::ApiGateway::Authorizer', {
      Type: 'REQUEST',
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: Match.absent(),
    });
    template.hasResourceProperties('AWS::ApiGateway::Method', {
      HttpMethod: 'GET',
      AuthorizationType: 'CUSTOM',
      AuthorizerId: { Ref: Match.stringLikeRegexp('^FrontDoorRequestAuthorizer') },
    });
    const statuses = Object.values(template.findResources('AWS::ApiGateway::GatewayResponse')).map(
      ({ Properties }) => [
        (Properties as Record<string, unknown>)['ResponseType'],
        (Properties as Record<string, unknown>)['StatusCode'],
      ],
    );
    expect(Object.fromEntries(statuses)).toEqual({
      ACCESS_DENIED: '401',
      UNAUTHORIZED: '403',
      AUTHORIZER_FAILURE: '403',
      AUTHORIZER_CONFIGURATION_ERROR: '403',
    });
    template.hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
      ResponseType: 'ACCESS_DENIED',
      ResponseParameters: Match.objectLike({
        'gatewayresponse.header.WWW-Authenticate': 'context.authorizer.challenge',
      }),
    });
  });

  test('AUTHZ-02 with the cache on, method and path are part of its key', () => {
    const { stack, frontDoor, backEnd } = given('rest', { resultCacheSeconds: 60 });
    const api = new RestApi(stack, 'Api');
    const integration = new LambdaIntegration(backEnd);
    api.root.addResource('status').addMethod('GET', integration);
    api.root
      .resourceForPath('/orders/{orderId}')
      .addMethod('GET', integration, { authorizer: frontDoor.requestAuthorizer() });
    frontDoor.guard(api);

    Template.fromStack(stack).hasResourceProperties('AWS::ApiGateway::Authorizer', {
      AuthorizerResultTtlInSeconds: 60,
      IdentitySource: 'method.request.header.Authorization,context.httpMethod,context.path',
    });
  });

  test('AUTHZ-01 a preflight that API Gateway answers itself needs no description', () => {
    const stack = givenRest((ground) => {
      good(ground);
      ground.order.addCorsPreflight({ allowOrigins: ['https://site.test'] });
    });

    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test.each<[string, string, (ground: RestGround) => void]>([
    [
      'a secured method without it',
      `GET /orders/{orderId} ${NOT_SECURED}`,
      ({ order, integration }) => order.addMethod('GET', integration),
    ],
    [
      'a secured method with IAM instead',
      `GET /orders/{orderId} ${NOT_SECURED}`,
      ({ order, integration }) =>
        order.addMethod('GET', integration, { authorizationType: AuthorizationType.IAM }),
    ],
    [
      'a secured method with the front door of another API',
      `GET /orders/{orderId} ${NOT_SECURED}`,
      ({ order, integration, stack }) => {
        const userPool = new UserPool(stack, 'OtherPool');
        const other = new FrontDoor(stack, 'Other', {
          document: DOCUMENT,
          accessTokens: { scheme: 'bearer', userPool, clients: [userPool.addClient('C')] },
        });
        order.addMethod('GET', integration, { authorizer: other.requestAuthorizer() });
      },
    ],
    [
      'a method that is not described',
      `DELETE /orders/{orderId} ${NOT_DESCRIBED}`,
      (ground) => {
        good(ground);
        ground.order.addMethod('DELETE', ground.integration);
      },
    ],
    [
      'a method for every method',
      `ANY /orders/{orderId} ${NOT_DESCRIBED}`,
      (ground) => {
        good(ground);
        ground.order.addMethod('ANY', ground.integration, {
          authorizer: ground.frontDoor.requestAuthorizer(),
        });
      },
    ],
    [
      'a greedy path',
      `ANY /{proxy+} ${NOT_DESCRIBED}`,
      (ground) => {
        good(ground);
        ground.api.root.addProxy({
          defaultIntegration: ground.integration,
          defaultMethodOptions: { authorizer: ground.frontDoor.requestAuthorizer() },
        });
      },
    ],
    [
      'another name of the path’s variable',
      `GET /orders/{id} ${NOT_DESCRIBED}`,
      ({ api, integration, frontDoor }) => {
        api.root
          .resourceForPath('/orders')
          .addResource('{id}')
          .addMethod('GET', integration, { authorizer: frontDoor.requestAuthorizer() });
      },
    ],
    [
      'OPTIONS that a function answers',
      `OPTIONS /orders/{orderId} ${NOT_DESCRIBED}`,
      (ground) => {
        good(ground);
        ground.order.addMethod('OPTIONS', ground.integration);
      },
    ],
    [
      'an answer of API Gateway’s own that is no preflight',
      `POST /orders/{orderId} ${NOT_DESCRIBED}`,
      (ground) => {
        good(ground);
        ground.order.addMethod('POST', new MockIntegration());
      },
    ],
    [
      'a method made without a resource construct',
      `Test/Loose ${NOT_DESCRIBED}`,
      (ground) => {
        good(ground);
        new CfnMethod(ground.stack, 'Loose', {
          restApiId: ground.api.restApiId,
          resourceId: ground.order.resourceId,
          httpMethod: 'PUT',
          authorizationType: 'NONE',
        });
      },
    ],
    [
      'an operation without a method',
      'GET /orders/{orderId} is in the document but not in the API; add or remove it',
      () => undefined,
    ],
  ])('AUTHZ-01 %s stops the synth', (_name, message, secure) => {
    expect(() => Template.fromStack(givenRest(secure))).toThrow(message);
    expect(() => Template.fromStack(givenRest(good))).not.toThrow();
  });

  test('AUTHZ-01 a public method behind the front door stops the synth: nobody could call it', () => {
    const { stack, frontDoor, backEnd } = given('rest');
    const api = new RestApi(stack, 'Api', {
      defaultMethodOptions: { authorizer: frontDoor.requestAuthorizer() },
    });
    for (const path of ['/status', '/orders/{orderId}'])
      api.root.resourceForPath(path).addMethod('GET', new LambdaIntegration(backEnd));
    frontDoor.guard(api);

    expect(() => Template.fromStack(stack)).toThrow(`GET /status ${NOT_PUBLIC}`);
  });

  test('methods that this app adds to an imported API are held to the document too', () => {
    const { stack, frontDoor, backEnd } = given('rest');
    const imported = RestApi.fromRestApiAttributes(stack, 'Api', {
      restApiId: 'abcdef1234',
      rootResourceId: 'root',
    });
    frontDoor.guard(imported);
    const order = imported.root.resourceForPath('/orders/{orderId}');
    const method = order.addMethod('GET', new LambdaIntegration(backEnd), {
      authorizer: frontDoor.requestAuthorizer(),
    });

    expect(() => Template.fromStack(stack)).not.toThrow();
    (method.node.defaultChild as CfnMethod).authorizationType = 'NONE';
    expect(frontDoor.node.validate()).toEqual([`GET /orders/{orderId} ${NOT_SECURED}`]);
  });
});

describe('an existing HTTP API', () => {
  test('the good twin: has an authorizer with simple responses, nothing cached and no identity source', () => {
    const template = Template.fromStack(givenHttp(goodRoute));

    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: [],
    });
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', {
      RouteKey: 'GET /orders/{orderId}',
      AuthorizationType: 'CUSTOM',
      AuthorizerId: { Ref: Match.stringLikeRegexp('FrontDoor') },
    });
  });

  test.each<[string, string, (ground: HttpGround) => void]>([
    [
      'a secured route without it',
      `GET /orders/{orderId} ${NOT_SECURED}`,
      ({ api, integration }) =>
        api.addRoutes({ ...ORDER, integration, authorizer: new HttpNoneAuthorizer() }),
    ],
    [
      'a secured route with IAM instead',
      `GET /orders/{orderId} ${NOT_SECURED}`,
      ({ api, integration }) => api.addRoutes({ ...ORDER, integration, authorizer: new HttpIamAuthorizer() }),
    ],
    [
      'a default route',
      `$default ${NOT_DESCRIBED}`,
      (ground) => {
        goodRoute(ground);
        new CfnRoute(ground.stack, 'Loose', { apiId: ground.api.apiId, routeKey: '$default' });
      },
    ],
    [
      'a route for every method',
      `ANY /orders/{orderId} ${NOT_DESCRIBED}`,
      (ground) => {
        goodRoute(ground);
        ground.api.addRoutes({ path: '/orders/{orderId}', integration: ground.integration });
      },
    ],
    [
      'an operation without a route',
      'GET /orders/{orderId} is in the document but not in the API; add or remove it',
      () => undefined,
    ],
  ])('AUTHZ-01 %s stops the synth', (_name, message, secure) => {
    expect(() => Template.fromStack(givenHttp(secure))).toThrow(message);
    expect(() => Template.fromStack(givenHttp(goodRoute))).not.toThrow();
  });

  test('AUTHZ-02 no verdict may be reused: what opened one route would open another', () => {
    expect(() => given('http', { resultCacheSeconds: 60 })).toThrow(/set resultCacheSeconds to 0/);
    expect(() => given('http', { resultCacheSeconds: 0 })).not.toThrow();
  });
});

describe('a front door for the other kind of API', () => {
  test.each<[ApiKind, string, (ground: Ground) => unknown]>([
    ['http', 'requestAuthorizer', ({ frontDoor }) => frontDoor.requestAuthorizer()],
    ['rest', 'httpAuthorizer', ({ frontDoor }) => frontDoor.httpAuthorizer()],
    [
      'http',
      'guard',
      ({ frontDoor, stack }) => {
        frontDoor.guard(new RestApi(stack, 'Api'));
      },
    ],
    [
      'rest',
      'guard',
      ({ frontDoor, stack }) => {
        frontDoor.guard(new HttpApi(stack, 'Api'));
      },
    ],
    ['http', 'Api', ({ frontDoor }) => frontDoor.enforces({ method: 'GET', path: '/status' } as never)],
  ])('AUTHZ-01 with api %s, %s says so at synth', (api, what, use) => {
    expect(() => use(given(api))).toThrow(`${what} is for a front door with api '`);
  });

  test('AUTHZ-01 an authorizer that is used without guard stops the synth', () => {
    const { stack, frontDoor, backEnd } = given('rest');
    const api = new RestApi(stack, 'Api');
    api.root.addMethod('GET', new LambdaIntegration(backEnd), { authorizer: frontDoor.requestAuthorizer() });

    expect(() => Template.fromStack(stack)).toThrow('no API is guarded; call guard(api)');
  });

  test('one front door guards one API', () => {
    const { stack, frontDoor } = given('rest');
    frontDoor.guard(new RestApi(stack, 'One'));

    expect(() => {
      frontDoor.guard(new RestApi(stack, 'Two'));
    }).toThrow(/guards an API already; make one front door for each API/);
  });
});
