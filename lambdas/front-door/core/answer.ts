/** From event to answer: finds the operation, runs its policy, renders what API Gateway expects. */
import { operationKey, type Policy } from '../contract';
import { denialContext, refreshContext } from './challenge';
import { renderingFor, type AuthorizerAnswer, type Rendering } from './render';
import { readAuthorizerEvent } from './request';
import { pathOf, type StepUpCheck, stepUpContext, type StepUpVerdict } from './step-up';
import { decide, type Check, type Reason, type Trail, type Verdict } from './verdict';

/** What was decided, for the log; holds nothing of the caller or the token. */
interface Decision {
  readonly requestId: string;
  readonly operation: string;
  readonly verdict: 'allow' | 'deny' | 'forbid';
  readonly reason: Reason | 'ok';
  readonly trail: readonly Trail[];
}

export interface Outcome {
  readonly decision: Decision;
  readonly answer: AuthorizerAnswer;
}

/** What is decided when the front door cannot be opened at all, for want of its settings say: it stays shut. */
export function broken(event: unknown): Outcome {
  return {
    decision: { requestId: '', operation: 'unknown', verdict: 'forbid', reason: 'check_failed', trail: [] },
    answer: renderingFor(event).forbid(),
  };
}

/**
 * Answers one authorizer event. Never throws, and opens nothing but the one method the event names.
 *
 * An event or an operation that the policy does not know is denied: the gateway matched it, so the deployment and the
 * policy do not belong together.
 *
 * @param stepUp decides about whoever an alternative lets in; none where the policy does not speak of step-up
 */
export async function answer(
  event: unknown,
  policy: Policy,
  checks: Readonly<Record<string, Check>>,
  stepUp: StepUpCheck = letPass,
): Promise<Outcome> {
  const rendering = renderingFor(event);
  const request = readAuthorizerEvent(event, policy.api);
  if (request === undefined) return denied(rendering, '', '', 'event_not_served');
  const key = operationKey(request.method, request.resource);
  const alternatives = Object.hasOwn(policy.operations, key) ? policy.operations[key] : undefined;
  if (alternatives === undefined) return denied(rendering, request.requestId, 'unknown', 'operation_unknown');
  const verdict = await decide(alternatives, checks, request);
  const decision = decisionOf(request.requestId, key, verdict);
  if (verdict.verdict === 'allow') {
    const { caller, session } = verdict;
    const { method, headers, methodArn } = request;
    const path = pathOf(methodArn);
    const further = await stepUp({ operation: key, method, path, headers, caller, session });
    if (!further.ok) return stoppedBy(further, decision, rendering);
    return { decision, answer: rendering.allow(caller, request, further.context) };
  }
  if (verdict.verdict === 'forbid') return { decision, answer: rendering.forbid() };
  const { failure, reason, scopes } = verdict;
  const context = { ...denialContext(failure, reason, scopes), ...refreshContext(reason, request.headers) };
  return { decision, answer: rendering.deny(context) };
}

const letPass: StepUpCheck = () => Promise.resolve({ ok: true, context: {} });

function stoppedBy(
  verdict: Extract<StepUpVerdict, { ok: false }>,
  decision: Decision,
  rendering: Rendering,
): Outcome {
  const { reason } = verdict;
  return verdict.failure === 'insufficient'
    ? { decision: { ...decision, verdict: 'deny', reason }, answer: rendering.deny(stepUpContext(verdict)) }
    : { decision: { ...decision, verdict: 'forbid', reason }, answer: rendering.forbid() };
}

function decisionOf(requestId: string, operation: string, verdict: Verdict): Decision {
  const reason = verdict.verdict === 'allow' ? 'ok' : verdict.reason;
  return { requestId, operation, verdict: verdict.verdict, reason, trail: verdict.trail };
}

function denied(rendering: Rendering, requestId: string, operation: string, reason: Reason): Outcome {
  return {
    decision: { requestId, operation, verdict: 'deny', reason, trail: [] },
    answer: rendering.deny(denialContext('missing', reason, [])),
  };
}
