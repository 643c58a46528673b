/** What an existing API must look like for the document to be enforced: compared with the document at synth. */
import { Resource } from 'aws-cdk-lib';
import { CfnMethod, Method } from 'aws-cdk-lib/aws-apigateway';
import { CfnRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IConstruct } from 'constructs';

import { operationKey } from '../../lambdas/front-door/contract';
import type { ExistingHttpApi, ExistingRestApi } from '../_kit/existing';

/** One method or route as it will be deployed. */
interface Served {
  /** `METHOD /template`, or what stands for it where there is none. */
  readonly key: string;
  readonly authorizer: 'front door' | 'other' | 'none';
}

/** What the document says of an operation, by `METHOD /template`. */
export type Openness = ReadonlyMap<string, 'secured' | 'public'>;

/**
 * Where an existing API and the document do not say the same, one line each. Every method of the API that this app
 * defines is looked at, in whichever stack it is.
 *
 * @param authorizerId of the front door's authorizer; undefined when there is none
 */
export function differences(
  api: ExistingRestApi | ExistingHttpApi,
  document: Openness,
  authorizerId: string | undefined,
): string[] {
  const nodes = api.node.root.node.findAll();
  const served =
    'restApiId' in api
      ? nodes.flatMap((node) => methodAt(node, api, authorizerId))
      : nodes.flatMap((node) => routeAt(node, api, authorizerId));
  const wrong = served.flatMap(({ key, authorizer }) => problemOf(key, authorizer, document.get(key)));
  // the methods of an imported API may be in another app
  if (!Resource.isOwnedResource(api)) return wrong;
  const missing = [...document.keys()].filter((key) => !served.some((one) => one.key === key));
  return [
    ...wrong,
    ...missing.map((key) => `${key} is in the document but not in the API; add or remove it`),
  ];
}

function problemOf(
  key: string,
  authorizer: Served['authorizer'],
  said: 'secured' | 'public' | undefined,
): string[] {
  if (said === undefined) return [`${key} is in the API but not in the document; describe or remove it`];
  if (said === 'secured' && authorizer !== 'front door')
    return [`${key} is secured in the document but has not the authorizer of the front door; give it that`];
  if (said === 'public' && authorizer !== 'none')
    return [`${key} is public in the document (security: []) but has an authorizer; set it to none`];
  return [];
}

function methodAt(node: IConstruct, api: ExistingRestApi, authorizerId: string | undefined): Served[] {
  if (!(node instanceof CfnMethod) || node.restApiId !== api.restApiId) return [];
  // preflight of CORS: answered by API Gateway itself, and browsers send no credentials with it
  if (node.httpMethod === 'OPTIONS' && isMock(node.integration)) return [];
  const { scope } = node.node;
  // a method without a resource construct has no path that could be told before it is deployed
  const key = scope instanceof Method ? operationKey(node.httpMethod, scope.resource.path) : node.node.path;
  return [{ key, authorizer: authorizerOf(node, authorizerId) }];
}

function isMock(integration: CfnMethod['integration']): boolean {
  return typeof integration === 'object' && 'type' in integration && integration.type === 'MOCK';
}

function routeAt(node: IConstruct, api: ExistingHttpApi, authorizerId: string | undefined): Served[] {
  if (!(node instanceof CfnRoute) || node.apiId !== api.apiId) return [];
  return [{ key: node.routeKey, authorizer: authorizerOf(node, authorizerId) }];
}

function authorizerOf(node: CfnMethod | CfnRoute, own: string | undefined): Served['authorizer'] {
  if (node.authorizationType === undefined || node.authorizationType === 'NONE') return 'none';
  return own !== undefined && node.authorizerId === own ? 'front door' : 'other';
}
