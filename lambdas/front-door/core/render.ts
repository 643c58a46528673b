/** Renders verdicts as the API Gateway that asked expects them: docs/decisions/0003 and 0010. */
import { encodeCaller, type Caller } from '../../_kernel/caller';
import type { DenialContext } from '../contract';
import { isRecord } from './event-parts';
import type { AuthorizerRequest } from './request';

/** Output of a REST API's Lambda authorizer (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html). */
export interface PolicyAnswer {
  readonly principalId: string;
  readonly policyDocument: {
    readonly Version: '2012-10-17';
    readonly Statement: readonly [
      { readonly Action: 'execute-api:Invoke'; readonly Effect: 'Allow' | 'Deny'; readonly Resource: string },
    ];
  };
  readonly context: Readonly<Record<string, string>>;
}

/** Simple response to an HTTP API (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html). */
interface SimpleAnswer {
  readonly isAuthorized: boolean;
  readonly context: Readonly<Record<string, string>>;
}

/** `thrown` stands for the error `Unauthorized`: a 403 of a REST API, a 401 of an HTTP API. */
export type AuthorizerAnswer = PolicyAnswer | SimpleAnswer | 'thrown';

export interface Rendering {
  /** @param more context beside the caller */
  readonly allow: (
    caller: Caller,
    request: AuthorizerRequest,
    more: Readonly<Record<string, string>>,
  ) => AuthorizerAnswer;
  /** Asks for credentials: 401. */
  readonly deny: (context: DenialContext) => AuthorizerAnswer;
  /** Does not: 403. */
  readonly forbid: () => AuthorizerAnswer;
}

/** Only a Deny carries context, and the gateway response of its type makes a 401 of it. */
const REST: Rendering = {
  allow: (caller, { methodArn }, more) =>
    policy('Allow', caller.subject, methodArn, { ...encodeCaller(caller), ...more }),
  // names every resource: whatever the event was, it opens nothing
  deny: (context) => policy('Deny', 'unauthenticated', '*', { ...context }),
  forbid: () => 'thrown',
};

/** A simple response is about this request alone: it names no resource that could be read as a pattern. */
const HTTP: Rendering = {
  allow: (caller, _, more) => ({ isAuthorized: true, context: { ...encodeCaller(caller), ...more } }),
  deny: () => 'thrown',
  forbid: () => ({ isAuthorized: false, context: {} }),
};

/** The rendering that whoever sent the event understands, also where this deployment does not serve it. */
export function renderingFor(event: unknown): Rendering {
  return isRecord(event) && event['version'] === '2.0' ? HTTP : REST;
}

function policy(
  effect: 'Allow' | 'Deny',
  principalId: string,
  resource: string,
  context: Readonly<Record<string, string>>,
): PolicyAnswer {
  return {
    principalId,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: resource }],
    },
    context,
  };
}
