/** Reads the event of a REQUEST authorizer on a REST API. */
import { isRecord, requestIdOf, type Json } from './event-parts';
import type { AuthorizerRequest } from './request';

/** Longest `Resource` of a policy that API Gateway takes. */
const MAX_RESOURCE = 512;

/**
 * @returns undefined for an HTTP API with either payload, a load balancer, a test of the console without a resource,
 *   anything malformed
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
 */
export function readRestEvent(event: Json): AuthorizerRequest | undefined {
  // an HTTP API says version 1.0 or 2.0; a REST API's authorizer event has no version
  if (event['version'] !== undefined) return undefined;
  const { methodArn, resource, httpMethod } = event;
  if (typeof methodArn !== 'string' || typeof resource !== 'string' || typeof httpMethod !== 'string')
    return undefined;
  if (!methodArn.startsWith('arn:') || methodArn.length > MAX_RESOURCE) return undefined;
  // the ARN ends in the path as it was typed, and a policy reads these as wildcards and variables
  // (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html)
  if (/[*?]|\$\{/.test(methodArn)) return undefined;
  const context = event['requestContext'];
  // the routed operation stands in the event twice; where the two differ, neither is believed
  if (!isRecord(context) || context['resourcePath'] !== resource || context['httpMethod'] !== httpMethod)
    return undefined;
  return {
    method: httpMethod,
    resource,
    methodArn,
    requestId: requestIdOf(context),
    headers: headersOf(event),
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html
    clientCertificate: isRecord(context['identity']) ? context['identity']['clientCert'] : undefined,
  };
}

/** Every value of every header: the single-value map hides all but the last of a repeated one. */
function headersOf(event: Json): Record<string, readonly string[]> {
  const headers: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  const multi = event['multiValueHeaders'];
  if (isRecord(multi)) {
    for (const [name, values] of Object.entries(multi)) {
      if (!Array.isArray(values)) continue;
      (headers[name.toLowerCase()] ??= []).push(...values.filter((value) => typeof value === 'string'));
    }
    return headers;
  }
  const single = event['headers'];
  if (isRecord(single)) {
    for (const [name, value] of Object.entries(single)) {
      if (typeof value === 'string') (headers[name.toLowerCase()] ??= []).push(value);
    }
  }
  return headers;
}
