/** Executions of the state machine, for operators' commands: starts one, and says how it goes. */
import { randomUUID } from 'node:crypto';

import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';

export interface Executions {
  /** Starts a run, or goes on with it where it is held. @returns ARN of the execution */
  start(run: string): Promise<string>;
  /** @returns `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED` */
  status(execution: string): Promise<string>;
}

export function executions(stateMachineArn: string, client = new SFNClient({})): Executions {
  return {
    start: async (run) => {
      // a name is used once in 90 days, and has at most 80 characters; an id has at most 64
      const name = `${run}-${randomUUID().slice(0, 8)}`;
      const input = JSON.stringify({ id: run });
      const { executionArn = '' } = await client.send(
        new StartExecutionCommand({ stateMachineArn, name, input }),
      );
      return executionArn;
    },
    status: async (executionArn) =>
      (await client.send(new DescribeExecutionCommand({ executionArn }))).status ?? 'RUNNING',
  };
}
