/** Finds a table of a deployment by the output of its stack, for operators' commands. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';

/** @throws Error that says what to check when the stack or the output is missing */
export async function deployedTable(StackName: string, output: string): Promise<string> {
  const client = new CloudFormationClient({});
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
    const value = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === output)?.OutputValue;
    if (value === undefined)
      throw new Error(
        `stack ${StackName} has no output ${output}; is step-up deployed there? name it by --table`,
      );
    return value;
  } finally {
    client.destroy();
  }
}
