/** Configuration in, application out. */
import { join } from 'node:path';

import { App } from 'aws-cdk-lib';

import { commandLineSettings, ConfigError, settingsFor } from '../lib/config';
import { composeSallyport, DocumentError, readDocument, SiteError } from '../lib';

const app = new App();
try {
  const environment: unknown = app.node.tryGetContext('environment');
  const { losses } = composeSallyport(app, {
    settings: settingsFor(environment, commandLineSettings(environment, app.node.tryGetContext('siteUrl'))),
    document: readDocument(join(__dirname, '../openapi.yaml')),
    web: join(__dirname, '../web'),
  });
  console.error('openapi.yaml in API Gateway, except for:');
  for (const { place, what, madeUpBy } of losses) console.error(`  ${place}: ${what} -> ${madeUpBy}`);
} catch (error) {
  // what the user can mend is one line; anything else keeps its stack trace
  if (![ConfigError, DocumentError, SiteError].some((mendable) => error instanceof mendable)) throw error;
  console.error(String(error));
  process.exitCode = 1;
}
