/** Calls the wrapper of one operation and keeps everything that comes out of it. */
import type { Answer, FieldError, HttpResponse } from '../../lambdas/_kernel/http';
import { createLogger } from '../../lambdas/_kernel/log';
import { operationHandler, type OperationOptions } from '../../lambdas/_kernel/operation';
import type { Compiled } from './sample-operations';

export interface Called {
  answer: HttpResponse;
  /** What the code of the operation got; empty when it was not reached. */
  inputs: unknown[];
  lines: Record<string, unknown>[];
}

export async function calledWith(
  operation: Compiled,
  event: unknown,
  run: () => Answer = () => ({ status: 200, body: { name: 'n', kind: 'round' } }),
  options: OperationOptions = {},
): Promise<Called> {
  const lines: Called['lines'] = [];
  const inputs: unknown[] = [];
  const logger = createLogger({ sink: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) });
  const code = (input: unknown): Answer => {
    inputs.push(input);
    return run();
  };
  const handler = operationHandler(operation, code as never, { logger, ...options });
  return { answer: await handler(event), inputs, lines };
}

export function errorsOf({ answer }: Called): FieldError[] {
  return (JSON.parse(answer.body) as { errors: FieldError[] }).errors;
}

export function fieldsOf(called: Called): string[] {
  return errorsOf(called).map(({ in: place, field }) => `${place} ${field}`);
}
