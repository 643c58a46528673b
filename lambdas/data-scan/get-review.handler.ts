/** GET /reviews/{reviewId}: shows what waits for a decision; nothing changes by it. */
import { getReview } from '../../generated/operations/getReview';
import { atFirstUse } from '../_kernel/env';
import { problem } from '../_kernel/http';
import { operationHandler } from '../_kernel/operation';
import { openDesk } from './adapters/open-desk';
import { notAReviewer, reviewBody } from './core/answers';
import { isReviewer, show } from './core/desk';

const desk = atFirstUse(() => openDesk());

export const handler = operationHandler(getReview, async ({ caller, params, query }) => {
  if (!isReviewer(caller, desk())) return notAReviewer();
  const shown = await show(params.reviewId, query.page, caller, desk());
  return shown === undefined ? problem(404) : { status: 200, body: reviewBody(shown) };
});
