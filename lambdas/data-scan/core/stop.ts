/** Which run stopped, as a step that failed or an execution that was ended tells it. */
import { isRunId } from './objects';

export interface Stop {
  readonly id: string;
  readonly execution: string;
  /** Name of an error; causes are left out, since they may quote what was worked on. */
  readonly error: string;
}

/**
 * Reads what a Catch of the state machine hands over, `{id, execution, error: {Error}}`, or an event of an execution that
 * failed, timed out or was aborted
 * (https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html).
 *
 * @returns `undefined` for anything else, and for an execution without the id of a run
 */
export function stopOf(event: unknown): Stop | undefined {
  const { id, execution, error, detail } = members(event);
  if (detail === undefined) {
    const name = members(error)['Error'];
    if (!isRunId(id) || typeof execution !== 'string') return undefined;
    return { id, execution, error: nameOf(name) };
  }
  const { executionArn, status, input } = members(detail);
  const run = members(parsed(input))['id'];
  if (!isRunId(run) || typeof executionArn !== 'string') return undefined;
  return { id: run, execution: executionArn, error: nameOf(status) };
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

function nameOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 100) : 'unknown';
}
