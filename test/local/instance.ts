/** Emulators of their own for tests, on free ports and in folders that are removed with them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';

import { clientSettings } from '../../local/aws';
import { EMULATOR_PACKAGES, logTail, startEmulator } from '../../local/emulator';
import { freePort } from '../../local/ports';
import { ensurePython } from '../../tools/_kit/python';

const VENV = join(__dirname, '../../.local/venv');
let installed: Promise<string> | undefined;

export interface TestEmulator {
  readonly url: string;
  readonly home: string;
  /** Creates the stack or, if there is one of this name, updates it. @returns its outputs */
  deploy(stack: string, template: object): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

/** @param options.plain leaves the gaps of the emulator's API Gateway open @param options.home keep state here */
export async function startTestEmulator(
  options: { readonly plain?: boolean; readonly home?: string; readonly partnerSecret?: string } = {},
): Promise<TestEmulator> {
  const python = await (installed ??= ensurePython(VENV, EMULATOR_PACKAGES, () => undefined));
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  const persist = options.home !== undefined;
  const { url, stop } = await startEmulator({
    python,
    home,
    port: await freePort(),
    persist,
    plain: options.plain ?? false,
    ...(options.partnerSecret === undefined ? {} : { partnerSecret: options.partnerSecret }),
  });
  return {
    url,
    home,
    deploy: (stack, template) => deployTo(url, home, stack, template),
    stop: async () => {
      await stop();
      if (!persist) rmSync(home, { recursive: true, force: true });
    },
  };
}

/** URL under which the emulator serves a stage of a REST API. */
export function stageUrl(emulatorUrl: string, apiId: string, stage: string): string {
  return `${emulatorUrl}/_aws/execute-api/${apiId}/${stage}`;
}

/** Creates the stack or, if there is one of this name, updates it. @returns its outputs */
export async function deployTo(
  url: string,
  home: string,
  StackName: string,
  template: object,
): Promise<Record<string, string>> {
  const client = new CloudFormationClient(clientSettings(url));
  const input = {
    StackName,
    TemplateBody: JSON.stringify(template),
    Capabilities: ['CAPABILITY_IAM' as const],
  };
  const exists = await client.send(new DescribeStacksCommand({ StackName })).then(
    () => true,
    () => false,
  );
  await client.send(exists ? new UpdateStackCommand(input) : new CreateStackCommand(input));
  for (;;) {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
    const status = Stacks?.[0]?.StackStatus ?? '';
    if (/^(CREATE|UPDATE)_COMPLETE$/.test(status)) {
      return Object.fromEntries(
        (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [
          OutputKey ?? '',
          OutputValue ?? '',
        ]),
      );
    }
    if (!status.endsWith('_IN_PROGRESS')) {
      const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName }));
      const reasons = (StackEvents ?? []).flatMap((event) => event.ResourceStatusReason ?? []);
      throw new Error(`${StackName} is ${status}: ${reasons.join('; ')}\n${logTail(home)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
