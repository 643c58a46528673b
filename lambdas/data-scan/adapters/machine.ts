/** The state machine: runs are started, and whoever waits for a decision goes on. */
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';

import type { Clock } from '../../_kernel/clock';
import type { Machine } from '../core/ports';

const STOPPED: readonly string[] = ['FAILED', 'TIMED_OUT', 'ABORTED'];

export function machine(clock: Clock, stateMachineArn?: string, client = sfnClient()): Machine {
  return {
    start: async (run) => {
      if (stateMachineArn === undefined) throw new TypeError('no state machine is named');
      const [name, input] = [`${run}-${clock().toString(36)}`.slice(-80), JSON.stringify({ id: run })];
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
      }
    },
    stopped: async (executionArn) => {
      try {
        const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
        return status === undefined || !STOPPED.includes(status) ? undefined : status;
      } catch (error) {
        // forgotten by Step Functions after 90 days
        if (error instanceof ExecutionDoesNotExist) return 'FORGOTTEN';
        throw error;
      }
    },
    decided: async (taskToken) => {
      try {
        await client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }));
        return true;
      } catch (error) {
        // nobody waits any more: the time is over, or another call was quicker
        if (
          error instanceof TaskTimedOut ||
          error instanceof TaskDoesNotExist ||
          error instanceof InvalidToken
        )
          return false;
        throw error;
      }
    },
  };
}

function sfnClient(): SFNClient {
  return new SFNClient({
    maxAttempts: 3,
    // without throwOnRequestTimeout the SDK only writes a warning when the time is over
    requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
  });
}
