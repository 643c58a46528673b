/** Reads the event of a REQUEST authorizer on an HTTP API, payload format 2.0. */
import { isRecord, requestIdOf, type Json } from './event-parts';
import type { AuthorizerRequest } from './request';

/**
 * The operation is the route that API Gateway matched, never the path as it was typed, which may or may not begin with
 * the stage. `$default`, `ANY /…` and a greedy `{proxy+}` are no operation of a document: what they would open is not
 * known before the back end reads the path.
 *
 * @returns undefined for a REST API, payload 1.0, anything malformed
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export function readHttpEvent(event: Json): AuthorizerRequest | undefined {
  if (event['version'] !== '2.0') return undefined;
  const { routeArn, routeKey } = event;
  if (typeof routeArn !== 'string' || !routeArn.startsWith('arn:') || typeof routeKey !== 'string')
    return undefined;
  const context = event['requestContext'];
  // the route stands in the event twice; where the two differ, neither is believed
  if (!isRecord(context) || context['routeKey'] !== routeKey) return undefined;
  const http = context['http'];
  if (!isRecord(http) || typeof http['method'] !== 'string') return undefined;
  const method = http['method'];
  return {
    method,
    resource: routeKey.startsWith(`${method} /`) ? routeKey.slice(method.length + 1) : '',
    methodArn: routeArn,
    requestId: requestIdOf(context),
    headers: headersOf(event),
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mutual-tls.html
    clientCertificate: isRecord(context['authentication'])
      ? context['authentication']['clientCert']
      : undefined,
  };
}

/** Payload 2.0 joins repeated headers by commas and takes the cookies out of them, each into an entry of its own. */
function headersOf(event: Json): Record<string, readonly string[]> {
  const headers: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const [given, value] of Object.entries(isRecord(event['headers']) ? event['headers'] : {})) {
    if (typeof value !== 'string') continue;
    const name = given.toLowerCase();
    // no comma is in a bearer token, so one joins two header lines, of which neither is believed
    (headers[name] ??= []).push(...(name === 'authorization' ? value.split(',') : [value]));
  }
  const cookies = event['cookies'];
  if (Array.isArray(cookies))
    (headers['cookie'] ??= []).push(...cookies.filter((cookie) => typeof cookie === 'string'));
  return headers;
}
