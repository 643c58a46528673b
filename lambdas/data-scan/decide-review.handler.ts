/** POST /reviews/{reviewId}/decisions: takes a decision, once. */
import { decideReview } from '../../generated/operations/decideReview';
import { atFirstUse } from '../_kernel/env';
import { problem } from '../_kernel/http';
import { operationHandler } from '../_kernel/operation';
import { openDesk } from './adapters/open-desk';
import { conflict, notAReviewer, over } from './core/answers';
import { decide, isReviewer } from './core/desk';

const desk = atFirstUse(() => openDesk());

export const handler = operationHandler(decideReview, async ({ caller, params, body }) => {
  if (!isReviewer(caller, desk())) return notAReviewer();
  const { reason, decision, objects } = body;
  const numbers = objects?.map(({ number }) => number) ?? [];
  if ((decision === undefined) === (objects === undefined) || new Set(numbers).size < numbers.length) {
    const message = 'must have either decision or objects, and each object once';
    return problem(400, { errors: [{ in: 'body', field: '', message }] });
  }
  const said =
    decision === undefined
      ? {
          reason,
          objects: (objects ?? []).map(({ number: n, decision: one, falsePositive }) => ({
            n,
            decision: one,
            falsePositive,
          })),
        }
      : { reason, decision };
  const result = await decide(params.reviewId, said, caller, desk());
  switch (result.outcome) {
    case 'decided':
      return { status: 200, body: { complete: result.complete, pending: result.pending.map(String) } };
    case 'over':
      return over(result.by);
    case 'refused':
      return conflict(result.refused);
    case 'unknown':
    case 'not_of_this_review':
      return problem(404);
  }
});
