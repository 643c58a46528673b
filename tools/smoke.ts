/** `npm run -s smoke`: asks a deployment from outside whether its doors are shut and open where the document says. */
import { parseArgs } from 'node:util';

import { readDocument } from '../lib/api/document';
import { smoke } from './smoke/checks';
import { EXIT, lineOf } from './spec/outcome';

const USAGE = `usage: npm run -s smoke -- --api <url> --origin <origin>

  --api <url>        address of the API, e.g. https://sallyport.example.com/api
  --origin <origin>  siteUrl of the environment
  --document <file>  default openapi.yaml
  --left-out <ids>   operations that are not deployed there, with commas between them

exit: 0 all holds; 1 something does not; 2 wrong usage`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      api: { type: 'string' },
      origin: { type: 'string' },
      document: { type: 'string', default: 'openapi.yaml' },
      'left-out': { type: 'string', default: '' },
    },
  });
  const { api, origin } = values;
  if (api === undefined || origin === undefined) throw new Error('--api or --origin is missing');
  const address = api.replace(/\/+$/, '');
  const { checks, findings } = await smoke({
    ...{ api: address, origin, document: readDocument(values.document) },
    leftOut: values['left-out'].split(','),
  });
  for (const finding of findings) console.log(lineOf(finding));
  console.log(`${address}: ${checks - findings.length} of ${checks} checks hold`);
  process.exitCode = findings.length === 0 ? EXIT.ok : EXIT.findings;
}

main().catch((error: unknown) => {
  console.error(`smoke: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = EXIT.usage;
});
