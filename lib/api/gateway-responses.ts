/**
 * Errors that API Gateway answers itself, as problem JSON (RFC 9457).
 *
 * The status of a gateway response is fixed per type, and only a Deny carries context. So a denial that asks for
 * credentials is a Deny (ACCESS_DENIED, 401, challenge from the context), and one that does not is the thrown error
 * `Unauthorized` (UNAUTHORIZED, 403). An authorizer that fails is 403 too: the door stays shut.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
import { GatewayResponse, ResponseType, type IRestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';

import type { ExistingRestApi } from '../_kit/existing';
import type { JsonObject } from './document';

const SECURITY_HEADERS = {
  'Content-Type': "'application/problem+json'",
  'Cache-Control': "'no-store'",
  'Cross-Origin-Resource-Policy': "'same-origin'",
  'X-Content-Type-Options': "'nosniff'",
  'Strict-Transport-Security': "'max-age=63072000; includeSubDomains'",
};

interface Problem {
  readonly status?: number;
  readonly title: string;
  /** Further members; a text is written as it is given, with the variables API Gateway puts in. */
  readonly members?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

const FORBIDDEN: Problem = {
  status: 403,
  title: 'Forbidden',
  members: { detail: 'the credentials do not permit this operation, or could not be checked' },
};

const PROBLEMS = {
  ACCESS_DENIED: {
    status: 401,
    title: 'Unauthorized',
    members: { reason: '$context.authorizer.reason', challenge: '$context.authorizer.challengeJson' },
    // Refresh stands there for a page whose session is over; docs/cookie-auth.md
    headers: {
      'WWW-Authenticate': 'context.authorizer.challenge',
      Refresh: 'context.authorizer.refresh',
    },
  },
  UNAUTHORIZED: FORBIDDEN,
  AUTHORIZER_FAILURE: FORBIDDEN,
  AUTHORIZER_CONFIGURATION_ERROR: FORBIDDEN,
  BAD_REQUEST_BODY: {
    status: 400,
    title: 'Bad Request',
    members: { detail: 'body: $context.error.validationErrorString' },
  },
  BAD_REQUEST_PARAMETERS: {
    status: 400,
    title: 'Bad Request',
    members: { detail: '$context.error.message' },
  },
  // API Gateway says this of a path or method that no operation has
  MISSING_AUTHENTICATION_TOKEN: { status: 404, title: 'Not Found', members: { detail: 'no such operation' } },
  RESOURCE_NOT_FOUND: { status: 404, title: 'Not Found', members: { detail: 'no such operation' } },
  REQUEST_TOO_LARGE: { status: 413, title: 'Content Too Large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'Unsupported Media Type' },
  THROTTLED: { status: 429, title: 'Too Many Requests', headers: { 'Retry-After': "'1'" } },
  QUOTA_EXCEEDED: { status: 429, title: 'Too Many Requests' },
  INTEGRATION_FAILURE: { status: 502, title: 'Bad Gateway' },
  INTEGRATION_TIMEOUT: { status: 504, title: 'Gateway Timeout' },
  DEFAULT_4XX: { title: 'Request refused' },
  DEFAULT_5XX: { title: 'Request failed' },
} as const satisfies Readonly<Record<string, Problem>>;

/** Value of `x-amazon-apigateway-gateway-responses`. */
export function gatewayResponses(): JsonObject {
  return Object.fromEntries(Object.entries(PROBLEMS).map(([type, problem]) => [type, render(problem)]));
}

/** The responses that an authorizer's verdicts turn into. */
const OF_AUTHORIZERS = [
  'ACCESS_DENIED',
  'UNAUTHORIZED',
  'AUTHORIZER_FAILURE',
  'AUTHORIZER_CONFIGURATION_ERROR',
] as const;

/** Gives an existing API the answers of the front door; without them its 401 would be a 403, and its 403 a 401. */
export function addAuthorizerResponses(scope: Construct, api: ExistingRestApi): void {
  for (const type of OF_AUTHORIZERS) {
    const problem = PROBLEMS[type];
    new GatewayResponse(scope, type, {
      restApi: api as IRestApi,
      type: ResponseType.of(type),
      statusCode: String(problem.status),
      responseHeaders: { ...SECURITY_HEADERS, ...problem.headers },
      templates: { 'application/json': bodyOf(problem) },
    });
  }
}

function render(problem: Problem): JsonObject {
  const { status, headers } = problem;
  const parameters = Object.entries({ ...SECURITY_HEADERS, ...headers }).map(
    ([name, value]) => [`gatewayresponse.header.${name}`, value] as const,
  );
  return {
    ...(status === undefined ? {} : { statusCode: status }),
    responseParameters: Object.fromEntries(parameters),
    responseTemplates: { 'application/json': bodyOf(problem) },
  };
}

function bodyOf({ status, title, members }: Problem): string {
  return JSON.stringify({
    type: 'about:blank',
    title,
    ...(status === undefined ? {} : { status }),
    ...members,
  });
}
