/** `npm run -s contract`: asks a deployment from outside whether every answer is one that the document has. */
import { parseArgs } from 'node:util';

import { readDocument } from '../lib/api/document';
import { contract } from './contract/checks';
import { EXIT, lineOf } from './spec/outcome';

const USAGE = `usage: npm run -s contract -- --api <url> [options]

  --api <url>         address of the API, e.g. https://sallyport.example.com/api
  --document <file>   default openapi.yaml
  --left-out <ids>    operations that are not deployed there, with commas between them
  --examples <count>  requests that are made up for each operation and phase, at most; default 5

Sends no credentials, so what is behind them is only asked whether it is shut. Needs Python 3.10.

exit: 0 all answers fit; 1 some do not; 2 wrong usage, or it could not be run`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      api: { type: 'string' },
      document: { type: 'string', default: 'openapi.yaml' },
      'left-out': { type: 'string', default: '' },
      examples: { type: 'string', default: '5' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const { api, document } = values;
  if (api === undefined) throw new Error(`--api is missing\n\n${USAGE}`);
  const examples = Number(values.examples);
  if (!Number.isInteger(examples) || examples < 1)
    throw new Error(`--examples is ${JSON.stringify(values.examples)}; write a number from 1\n\n${USAGE}`);
  const address = api.replace(/\/+$/, '');
  const { requests, operations, findings } = await contract({
    api: address,
    file: document,
    document: readDocument(document),
    leftOut: values['left-out'].split(','),
    examples,
  });
  for (const finding of findings) console.log(lineOf(finding));
  console.log(
    `${address}: ${requests} requests to ${operations} operations, ${findings.length === 0 ? 'every answer fits' : `${findings.length} kinds of answer do not fit`}`,
  );
  process.exitCode = findings.length === 0 ? EXIT.ok : EXIT.findings;
}

main().catch((error: unknown) => {
  console.error(`contract: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = EXIT.usage;
});
