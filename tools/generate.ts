/** `npm run generate`: makes the types and validators of generated/ from openapi.yaml, when something has changed. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { generate } from './generate/generator';

const root = join(__dirname, '..');

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      document: { type: 'string', default: join(root, 'openapi.yaml') },
      out: { type: 'string', default: join(root, 'generated') },
    },
  });
  const { operations } = await generate({ document: values.document, out: values.out });
  console.log(operations === 'unchanged' ? 'generated: unchanged' : `generated: ${operations} operations`);
}

main().catch((error: unknown) => {
  console.error(`generate: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`);
  process.exitCode = 1;
});
