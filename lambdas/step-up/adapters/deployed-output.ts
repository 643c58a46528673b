/** Finds what a deployment made by the output of its stack, for operators' commands. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';

/** @throws Error that names the stack or the output that is missing */
export async function deployedOutput(StackName: string, output: string): Promise<string> {
  const client = new CloudFormationClient({});
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
    const value = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === output)?.OutputValue;
    if (value === undefined) throw new Error(`stack ${StackName} has no output ${output}`);
    return value;
  } finally {
    client.destroy();
  }
}
