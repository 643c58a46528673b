/** Events as the two kinds of API send them, for tests of handlers. */
import { type Caller, encodeCaller } from '../../lambdas/_kernel/caller';

export const CALLER: Caller = {
  subject: 'user-1',
  clientId: 'client-1',
  scheme: 'cognito',
  scopes: ['widgets/read', 'widgets/write'],
  groups: ['staff'],
};

export interface Request {
  method: string;
  path?: Record<string, string>;
  /** Pairs, so that a name can come twice. */
  query?: [string, string][];
  headers?: Record<string, string>;
  body?: string;
  base64?: boolean;
  /** `null` for a request nobody has checked. */
  caller?: Caller | null;
}

/** A JSON request body with its content type. */
export function json(value: unknown): Pick<Request, 'headers' | 'body'> {
  return { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) };
}

export function restEvent({ method, path, query, headers, body, base64, caller = CALLER }: Request): object {
  const lists: Record<string, string[]> = {};
  for (const [name, value] of query ?? []) (lists[name] ??= []).push(value);
  return {
    resource: '/',
    path: '/',
    httpMethod: method,
    headers: headers ?? null,
    multiValueHeaders:
      headers === undefined
        ? null
        : Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: query === undefined ? null : Object.fromEntries(query),
    multiValueQueryStringParameters: query === undefined ? null : lists,
    pathParameters: path ?? null,
    requestContext: {
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      ...(caller === null
        ? {}
        : { authorizer: { ...encodeCaller(caller), principalId: 'p', integrationLatency: 3 } }),
    },
    body: body ?? null,
    isBase64Encoded: base64 ?? false,
  };
}

export function httpApiEvent({
  method,
  path,
  query,
  headers,
  body,
  base64,
  caller = CALLER,
}: Request): object {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: new URLSearchParams(query ?? []).toString(),
    headers: Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    ...(path === undefined ? {} : { pathParameters: path }),
    requestContext: {
      http: { method },
      requestId: 'JKJaXmPLvHcESHA=',
      ...(caller === null ? {} : { authorizer: { lambda: encodeCaller(caller) } }),
    },
    ...(body === undefined ? {} : { body }),
    isBase64Encoded: base64 ?? false,
  };
}

/** Values that are no request of an API this project serves. */
export const JUNK_EVENTS: readonly [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['a text', 'GET /'],
  ['an empty object', {}],
  ['a list', [1, 2]],
  ['null everywhere', { httpMethod: null, headers: null, requestContext: null, body: null }],
  ['numbers for texts', { httpMethod: 1, headers: { a: 1 }, pathParameters: 3, requestContext: 7 }],
  ['a TOKEN authorizer event', { type: 'TOKEN', authorizationToken: 'x', methodArn: 'arn' }],
  [
    'a load balancer event',
    { httpMethod: 'GET', path: '/', requestContext: { elb: { targetGroupArn: 'x' } } },
  ],
  ['payload 2.0 without a context', { version: '2.0', routeKey: 'GET /' }],
  ['payload 2.0 of a web socket', { version: '2.0', requestContext: { eventType: 'CONNECT' } }],
  ['a queue event', { Records: [{ body: '{}' }] }],
];
