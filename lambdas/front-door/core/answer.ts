/** From event to answer: finds the operation, runs its policy, renders what API Gateway expects. */
import { encodeCaller, type Caller } from '../../_kernel/caller';
import { operationKey, type Policy } from '../contract';
import { denialContext } from './challenge';
import { readAuthorizerEvent } from './request';
import { decide, type Check, type Reason, type Trail, type Verdict } from './verdict';

/** Output of a REST API's Lambda authorizer (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html). */
export interface AuthorizerAnswer {
  readonly principalId: string;
  readonly policyDocument: {
    readonly Version: '2012-10-17';
    readonly Statement: readonly [
      { readonly Action: 'execute-api:Invoke'; readonly Effect: 'Allow' | 'Deny'; readonly Resource: string },
    ];
  };
  readonly context: Readonly<Record<string, string>>;
}

/** What was decided, for the log; holds nothing of the caller or the token. */
export interface Decision {
  readonly requestId: string;
  readonly operation: string;
  readonly verdict: 'allow' | 'deny' | 'forbid';
  readonly reason: Reason | 'ok';
  readonly trail: readonly Trail[];
}

export interface Outcome {
  readonly decision: Decision;
  /** `forbidden` stands for the error `Unauthorized`, which API Gateway answers with its own gateway response. */
  readonly answer: AuthorizerAnswer | 'forbidden';
}

/** What is decided when the front door cannot be opened at all, for want of its settings say: it stays shut. */
export const BROKEN: Outcome = {
  decision: { requestId: '', operation: 'unknown', verdict: 'forbid', reason: 'check_failed', trail: [] },
  answer: 'forbidden',
};

/**
 * Answers one authorizer event. Never throws, and opens nothing but the one method the event names.
 *
 * An event or an operation that the policy does not know is denied: the gateway matched it, so the deployment and the
 * policy do not belong together.
 */
export async function answer(
  event: unknown,
  policy: Policy,
  checks: Readonly<Record<string, Check>>,
): Promise<Outcome> {
  const request = readAuthorizerEvent(event);
  if (request === undefined) return denied('', '', 'event_not_served');
  const key = operationKey(request.method, request.resource);
  const alternatives = Object.hasOwn(policy.operations, key) ? policy.operations[key] : undefined;
  if (alternatives === undefined) return denied(request.requestId, 'unknown', 'operation_unknown');
  const verdict = await decide(alternatives, checks, request);
  const decision = decisionOf(request.requestId, key, verdict);
  if (verdict.verdict === 'allow') return { decision, answer: allow(verdict.caller, request.methodArn) };
  if (verdict.verdict === 'forbid') return { decision, answer: 'forbidden' };
  return { decision, answer: deny({ ...denialContext(verdict.failure, verdict.reason, verdict.scopes) }) };
}

function decisionOf(requestId: string, operation: string, verdict: Verdict): Decision {
  const reason = verdict.verdict === 'allow' ? 'ok' : verdict.reason;
  return { requestId, operation, verdict: verdict.verdict, reason, trail: verdict.trail };
}

function denied(requestId: string, operation: string, reason: Reason): Outcome {
  return {
    decision: { requestId, operation, verdict: 'deny', reason, trail: [] },
    answer: deny({ ...denialContext('missing', reason, []) }),
  };
}

function allow(caller: Caller, methodArn: string): AuthorizerAnswer {
  return render('Allow', caller.subject, methodArn, encodeCaller(caller));
}

/** A denial names every resource: whatever the event was, it opens nothing. */
function deny(context: Readonly<Record<string, string>>): AuthorizerAnswer {
  return render('Deny', 'unauthenticated', '*', context);
}

function render(
  effect: 'Allow' | 'Deny',
  principalId: string,
  resource: string,
  context: Readonly<Record<string, string>>,
): AuthorizerAnswer {
  return {
    principalId,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: resource }],
    },
    context,
  };
}
