/** `npm run -s step-up -- <command>`: shows and tightens what operations demand at run time, in any environment. */
import './_kit/quiet-sdk';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { deployedOutput } from '../lambdas/step-up/adapters/deployed-output';
import { settingTable } from '../lambdas/step-up/adapters/setting-table';
import { settingsFor } from '../lib/config';
import { documentedSettings } from './step-up/document';
import { describe, plan, UsageError, type Command } from './step-up/plan';

const USAGE = `usage: npm run -s step-up -- <command> [<operation or group>] (--environment <name> | --table <name>)

  list                    every operation, what the document demands and what is in force
  deny <which>            shuts it, whoever has proven whatever
  require <which>         demands a step-up where the document demands none
  release <which>         back to what the document says, never below it

  <which>        "POST /transfer", or a group: every operation with that first tag
  --environment  finds the setting table by the outputs of the stack sallyport-<name>-data
  --table        names the setting table itself
  --document     openapi.yaml of that deployment; default the one of this folder

In force everywhere within five seconds. exit: 0 done; 1 failed; 2 wrong usage`;

async function main(): Promise<void> {
  const { values, positionals } = parse();
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const [command, which, ...rest] = positionals;
  if (!isCommand(command))
    throw new UsageError(`unknown command ${JSON.stringify(command ?? '')}\n\n${USAGE}`);
  if (rest.length > 0)
    throw new UsageError(`one operation or group at a time; quote "POST /transfer"\n\n${USAGE}`);
  if ((command === 'list') !== (which === undefined))
    throw new UsageError(
      `${command} takes ${command === 'list' ? 'no operation' : 'an operation or a group'}\n\n${USAGE}`,
    );
  const documented = documentedSettings(values.document ?? join(__dirname, '../openapi.yaml'));
  const table = settingTable(await tableName(values));
  const rows = await table.list();
  if (which === undefined || command === 'list') {
    for (const line of describe(documented, rows)) console.log(line);
    return;
  }
  for (const { id, group, before, after } of plan(command, which, documented, rows)) {
    if (before !== after) await table.set(id, group, after, new Date().toISOString());
    console.log(`${id}: ${before} -> ${after}${before === after ? ' (as it was)' : ''}`);
  }
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        environment: { type: 'string' },
        table: { type: 'string' },
        document: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function isCommand(text: string | undefined): text is Command {
  return text === 'list' || text === 'deny' || text === 'require' || text === 'release';
}

async function tableName({ environment, table }: ReturnType<typeof parse>['values']): Promise<string> {
  if ((environment === undefined) === (table === undefined))
    throw new UsageError(`give either --environment or --table\n\n${USAGE}`);
  if (table !== undefined) return table;
  const { region } = settingsFor(environment);
  // every client of this command goes where the environment is
  process.env['AWS_REGION'] = region;
  return deployedOutput(`sallyport-${environment ?? ''}-data`, 'StepUpSettingTableName');
}

main().catch((error: unknown) => {
  console.error(`step-up: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
