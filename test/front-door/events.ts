/** Events of a REQUEST authorizer as a REST API sends them, and the answers this front door gives to them. */
import type { PolicyAnswer } from '../../lambdas/front-door/core/render';
import type { Policy } from '../../lambdas/front-door/contract';

export const REQUEST_ID = 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef';
const API = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/live';

/** The policy most tests run: a route to read, one to write, one that any token opens. */
export const POLICY: Policy = {
  api: 'rest',
  schemes: { cognito: 'cognito-access-token' },
  operations: {
    'GET /widgets': [[{ scheme: 'cognito', scopes: ['widgets/read'] }]],
    'POST /widgets': [[{ scheme: 'cognito', scopes: ['widgets/write'] }]],
    'GET /widgets/{widgetId}': [[{ scheme: 'cognito', scopes: ['widgets/read'] }]],
    'GET /info': [[{ scheme: 'cognito', scopes: [] }]],
  },
};

export interface EventParts {
  readonly method?: string;
  /** Resource template. */
  readonly resource?: string;
  /** Path as it was typed. */
  readonly path?: string;
  readonly token?: string;
  /** Values of every header beside Authorization. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
}

/** An event as in https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html. */
export function authorizerEvent({
  method = 'GET',
  resource = '/widgets',
  path = resource,
  token,
  headers = {},
}: EventParts = {}): Record<string, unknown> & {
  methodArn: string;
  requestContext: Record<string, unknown>;
} {
  const all: Record<string, readonly string[]> = {
    Host: ['abcdef1234.execute-api.eu-west-1.amazonaws.com'],
    ...headers,
    ...(token === undefined ? {} : { Authorization: [`Bearer ${token}`] }),
  };
  return {
    type: 'REQUEST',
    methodArn: `${API}/${method}${path}`,
    resource,
    path,
    httpMethod: method,
    headers: Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values.at(-1)])),
    multiValueHeaders: all,
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    requestContext: {
      resourceId: 'r1',
      resourcePath: resource,
      httpMethod: method,
      requestTime: '21/Nov/2026:05:45:00 +0000',
      path: `/live${path}`,
      accountId: '123456789012',
      protocol: 'HTTP/1.1',
      stage: 'live',
      requestTimeEpoch: 1795000000000,
      requestId: REQUEST_ID,
      identity: { sourceIp: '203.0.113.7', userAgent: 'tests' },
      apiId: 'abcdef1234',
    },
  };
}

export const HTTP_REQUEST_ID = 'JKJaXmPLvHcESHA=';

/** The same request as an HTTP API with payload format 2.0 tells of it: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html. */
export function httpAuthorizerEvent({
  method = 'GET',
  resource = '/widgets',
  path = resource,
  token,
  headers = {},
}: EventParts = {}): Record<string, unknown> & { requestContext: Record<string, unknown> } {
  const joined: Record<string, string> = { host: 'abcdef1234.execute-api.eu-west-1.amazonaws.com' };
  const cookies: string[] = [];
  const all = token === undefined ? headers : { ...headers, authorization: [`Bearer ${token}`] };
  for (const [name, values] of Object.entries(all)) {
    if (name.toLowerCase() === 'cookie')
      cookies.push(...values.flatMap((value) => value.split(';')).map((one) => one.trim()));
    else if (values.length > 0) joined[name.toLowerCase()] = values.join(',');
  }
  const routeKey = `${method} ${resource}`;
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: `${API}/${method}${path}`,
    identitySource: [],
    routeKey,
    rawPath: `/live${path}`,
    rawQueryString: '',
    headers: joined,
    ...(cookies.length === 0 ? {} : { cookies }),
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdef1234',
      domainName: 'abcdef1234.execute-api.eu-west-1.amazonaws.com',
      domainPrefix: 'abcdef1234',
      http: {
        method,
        path: `/live${path}`,
        protocol: 'HTTP/1.1',
        sourceIp: '203.0.113.7',
        userAgent: 'tests',
      },
      requestId: HTTP_REQUEST_ID,
      routeKey,
      stage: 'live',
      time: '21/Nov/2026:05:45:00 +0000',
      timeEpoch: 1795000000000,
    },
  };
}

/** The caller that `accessToken` stands for, as context of the handlers behind the door. */
export const CALLER_CONTEXT = {
  subject: 'd1f0a1c2-7a55-4b0e-9f0e-0c8a3f1b2c3d',
  clientId: '4hkfd8m2q1sallyportclient0',
  scheme: 'cognito',
  scopes: 'widgets/read',
  groups: '',
};

/** The whole answer that opens one method. */
export function allowing(
  methodArn: string,
  context: Readonly<Record<string, string>> = CALLER_CONTEXT,
): PolicyAnswer {
  return {
    principalId: context['subject'] ?? '',
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: methodArn }],
    },
    context,
  };
}

/** The whole answer that asks for credentials, with the header a client sees. */
export function denying(challenge: string, reason: string): PolicyAnswer {
  return {
    principalId: 'unauthenticated',
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: 'Deny', Resource: '*' }],
    },
    context: { challenge, challengeJson: challenge.replaceAll('"', '\\"'), reason },
  };
}

/** Challenge of a request that carries no credentials (RFC 6750 section 3.1: no error code then). */
export function askingForToken(...scopes: readonly string[]): string {
  return scopes.length === 0
    ? 'Bearer realm="sallyport"'
    : `Bearer realm="sallyport", scope="${scopes.join(' ')}"`;
}

/** Challenge of a request whose token does not hold. */
export function refusingToken(description: string, ...scopes: readonly string[]): string {
  return `${askingForToken(...scopes)}, error="invalid_token", error_description="${description}"`;
}

export const NOT_A_JWT = 'not a signed JSON Web Token';
export const NOT_VALID = 'the access token is not valid';
