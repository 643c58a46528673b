/** Stacks are updated by change sets, as the CDK does it. */
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
} from '@aws-sdk/client-cloudformation';

import { clientSettings } from '../../local/aws';
import { startTestEmulator } from './instance';

const TOPIC = { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } };
const EXPORTED = { ...TOPIC, Outputs: { Topic: { Value: { Ref: 'Topic' }, Export: { Name: 'topic' } } } };

/** Deploys a stack, then what it exports by a change set. @returns the change set's status, and the outputs after it */
async function exportLater(plain: boolean): Promise<{ status: string; outputs: string[] }> {
  const emulator = await startTestEmulator({ plain });
  const client = new CloudFormationClient(clientSettings(emulator.url));
  const names = { StackName: 'stack', ChangeSetName: 'exports' };
  try {
    await emulator.deploy('stack', TOPIC);
    await client.send(new CreateChangeSetCommand({ ...names, TemplateBody: JSON.stringify(EXPORTED) }));
    const { Status = '' } = await client.send(new DescribeChangeSetCommand(names));
    if (Status === 'CREATE_COMPLETE') await client.send(new ExecuteChangeSetCommand(names));
    for (let tries = 0; tries < 50; tries += 1) {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'stack' }));
      const outputs = (Stacks?.[0]?.Outputs ?? []).map(({ ExportName }) => ExportName ?? '');
      if (Status !== 'CREATE_COMPLETE' || outputs.length > 0) return { status: Status, outputs };
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return { status: Status, outputs: [] };
  } finally {
    client.destroy();
    await emulator.stop();
  }
}

test('a template that differs in its outputs alone is a change', async () => {
  expect(await exportLater(false)).toEqual({ status: 'CREATE_COMPLETE', outputs: ['topic'] });
});

test('the gap is still open: the plain emulator says that nothing changes', async () => {
  expect(await exportLater(true)).toEqual({ status: 'FAILED', outputs: [] });
});
