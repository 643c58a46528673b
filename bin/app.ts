/** Configuration in, application out. */
import { join } from 'node:path';

import { App } from 'aws-cdk-lib';

import { ConfigError, settingsFor } from '../lib/config';
import { composeSallyport, DocumentError, readDocument } from '../lib';

const app = new App();
try {
  const { losses } = composeSallyport(app, {
    settings: settingsFor(app.node.tryGetContext('environment')),
    document: readDocument(join(__dirname, '../openapi.yaml')),
  });
  console.error('openapi.yaml in API Gateway, except for:');
  for (const { place, what, madeUpBy } of losses) console.error(`  ${place}: ${what} -> ${madeUpBy}`);
} catch (error) {
  // what the user can mend is one line; anything else keeps its stack trace
  if (!(error instanceof ConfigError) && !(error instanceof DocumentError)) throw error;
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
