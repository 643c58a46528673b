/** PUT /factors/preferred: which factor challenges take first. */
import { preferFactor } from '../../generated/operations/preferFactor';
import { atFirstUse } from '../_kernel/env';
import { problem } from '../_kernel/http';
import { operationHandler } from '../_kernel/operation';
import { openStepUp } from './adapters/open-step-up';
import { askerOf, insufficient, noSignIn } from './core/answers';
import { prefer } from './core/enrolment';

const parts = atFirstUse(() => openStepUp(__dirname));

export const handler = operationHandler(preferFactor, async ({ caller, body }) => {
  const asker = askerOf(caller);
  if (asker === undefined) return noSignIn();
  const result = await prefer(asker, body.factor, parts());
  if (result !== 'unknown') return result.ok ? { status: 204 } : insufficient(result);
  return problem(409, { detail: 'you have no such factor' });
});
