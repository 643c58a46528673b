/** Stacks are updated by change sets, as the CDK does it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
async function exportLater(plain: boolean, home?: string): Promise<{ status: string; outputs: string[] }> {
  const emulator = await startTestEmulator({ plain, ...(home === undefined ? {} : { home }) });
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

test('what such a change set leaves behind can be saved and read again', async () => {
  const home = mkdtempSync(join(tmpdir(), 'sallyport-kept-'));
  try {
    expect(await exportLater(false, home)).toEqual({ status: 'CREATE_COMPLETE', outputs: ['topic'] });
    const emulator = await startTestEmulator({ home });
    const client = new CloudFormationClient(clientSettings(emulator.url));
    const kept = await client.send(new DescribeStacksCommand({ StackName: 'stack' }));
    client.destroy();
    await emulator.stop();

    expect(kept.Stacks?.[0]?.Outputs?.[0]?.ExportName).toBe('topic');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

test('the gap is still open: the plain emulator says that nothing changes', async () => {
  expect(await exportLater(true)).toEqual({ status: 'FAILED', outputs: [] });
});
