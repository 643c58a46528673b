/** The front door's step-up check, made of the tables of the deployed environment. */
import { systemClock } from '../_kernel/clock';
import { atFirstUse } from '../_kernel/env';
import { type AskedRequest, type StepUpResult, stepUpVerdict, type VerdictPorts } from './core/verdict';

/**
 * Makes the check. SDK clients are reached for with the first request that is let in.
 *
 * @param directory folder of the deployed bundle, with the compiled policy beside it
 */
export function stepUpCheck(directory: string): (request: AskedRequest) => Promise<StepUpResult> {
  const ports = atFirstUse(async (): Promise<VerdictPorts> => {
    const { openCheck } = await import('./adapters/open-check');
    return openCheck(directory, process.env, systemClock);
  });
  return async (request) => stepUpVerdict(request, await ports());
}
