/** `npm run -s scan -- <command>`: starts runs of the data scan, says how they go, checks their records, and decides reviews. */
import './_kit/quiet-sdk';
import { parseArgs } from 'node:util';

import { executions } from '../lambdas/data-scan/adapters/executions';
import { runsTable } from '../lambdas/data-scan/adapters/runs-table';
import { s3Client } from '../lambdas/data-scan/adapters/s3';
import { auditChain } from '../lambdas/data-scan/adapters/s3-records';
import { ConfigError } from '../lib/config';
import { showAudit, type Recorded } from './scan/audit';
import { askOnTerminal, decideReview, type Wanted } from './scan/decide';
import { EXIT, type Exit, type Say, UsageError } from './scan/outcome';
import { showStatus, startRun, type Watched } from './scan/runs';
import { type Target, targetOf } from './scan/target';

const USAGE = `usage: npm run -s scan -- <command> -c <environment>

  start [--id <id>] [--wait]                 starts a run over what is in the raw bucket, or goes on with a held one
  status [<id>] [--wait]                     one run, or every run that has not ended: state, counts, what waits
  audit <id>                                 the audit record of a run, and whether any of it was changed
  decide <review> (--approve | --deny) --reason <text> [--object <key> ...] [--false-positive]
                                             decides about these objects, or about all that is open

  <review>           the link of the mail, or its last part
  -c, --environment  local (the instance of npm start), dev, test or prod
  --wait             says each state, until the run has ended, is held or waits for people
  --object           a key of an object, with all its versions; may be given several times
  --false-positive   with --approve and --object: the findings are false, do not ask about them again

start, status and audit need AWS credentials of the environment's account. decide needs none: it calls the API with the access
token of a reviewer, from the variable SALLYPORT_TOKEN, and asks for a code where the API wants a step-up.

exit: 0 done; 1 failed, refused, held or changed; 2 wrong usage; 3 with --wait: people must decide`;

const say: Say = (line) => {
  console.log(line);
};

async function main(): Promise<Exit> {
  const { values, positionals } = parse();
  if (values.help === true) {
    say(USAGE);
    return EXIT.done;
  }
  const [command, argument, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`${rest.join(' ')} is too much\n\n${USAGE}`);
  const environment = needed(values.environment, '-c <environment>');
  switch (command) {
    case 'start':
      if (argument !== undefined) throw new UsageError(`write --id ${argument}\n\n${USAGE}`);
      return startRun(values.id, values.wait === true, await watchedOf(targetOf(environment)));
    case 'status':
      return showStatus(argument, values.wait === true, await watchedOf(targetOf(environment)));
    case 'audit':
      return showAudit(needed(argument, 'the id of a run'), recordedOf(targetOf(environment)));
    case 'decide': {
      const wanted = wantedOf(needed(argument, 'the review'), values);
      const token = needed(process.env['SALLYPORT_TOKEN'], 'an access token in SALLYPORT_TOKEN');
      return decideReview(wanted, {
        siteUrl: targetOf(environment).siteUrl,
        token,
        say,
        ask: askOnTerminal,
      });
    }
    case undefined:
    default:
      throw new UsageError(`unknown command ${JSON.stringify(command ?? '')}\n\n${USAGE}`);
  }
}

type Values = ReturnType<typeof parse>['values'];

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        environment: { type: 'string', short: 'c' },
        id: { type: 'string' },
        wait: { type: 'boolean' },
        approve: { type: 'boolean' },
        deny: { type: 'boolean' },
        object: { type: 'string', multiple: true },
        'false-positive': { type: 'boolean' },
        reason: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function wantedOf(review: string, values: Values): Wanted {
  const { approve = false, deny = false, object: objects = [] } = values;
  if (approve === deny) throw new UsageError(`give either --approve or --deny\n\n${USAGE}`);
  const falsePositive = values['false-positive'] === true;
  if (falsePositive && (deny || objects.length === 0))
    throw new UsageError(`--false-positive goes with --approve and --object\n\n${USAGE}`);
  const reason = needed(values.reason, '--reason <text>');
  const { length } = Array.from(reason);
  if (length < 3 || length > 1000) throw new UsageError(`--reason has ${length} characters; write 3 to 1000`);
  return { review, decision: approve ? 'approve' : 'deny', objects, falsePositive, reason };
}

async function watchedOf({ siteUrl, stateMachineArn, tableName }: Target): Promise<Watched> {
  return {
    runs: runsTable(await tableName()),
    executions: executions(await stateMachineArn()),
    siteUrl,
    say,
  };
}

function recordedOf({ recordsBucket }: Target): Recorded {
  const chain = async (run: string): Promise<readonly string[]> =>
    auditChain(s3Client(process.env['AWS_ENDPOINT_URL'] !== undefined), await recordsBucket(), run);
  return { chain, say };
}

function needed(value: string | undefined, what: string): string {
  if (value === undefined || value === '') throw new UsageError(`${what} is missing\n\n${USAGE}`);
  return value;
}

main().then(
  (exit) => {
    process.exitCode = exit;
  },
  (error: unknown) => {
    console.error(`scan: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = error instanceof UsageError || error instanceof ConfigError ? EXIT.usage : EXIT.failed;
  },
);
