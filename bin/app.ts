/** Configuration in, application out. */
import { join } from 'node:path';

import { App } from 'aws-cdk-lib';

import { commandLineSettings, ConfigError, pipelineSettings, settingsFor } from '../lib/config';
import {
  composePipeline,
  composeSallyport,
  DataScanError,
  DocumentError,
  readDocument,
  SiteError,
  TrustStoreError,
} from '../lib';

const app = new App();
try {
  const environment: unknown = app.node.tryGetContext('environment');
  const context = (key: string): unknown => app.node.tryGetContext(key);
  const given = { siteUrl: context('siteUrl'), trustStore: context('trustStore') };
  const sources = {
    document: readDocument(join(__dirname, '../openapi.yaml')),
    web: join(__dirname, '../web'),
    docs: join(__dirname, '../dist/docs'),
  };
  // an app of environments never holds the pipeline, so `--all` of one cannot deploy it
  const { losses } =
    environment === undefined
      ? composePipeline(app, { settings: pipelineSettings(), ...sources })
      : composeSallyport(app, {
          settings: settingsFor(environment, commandLineSettings(environment, given)),
          ...sources,
        });
  console.error('openapi.yaml in API Gateway, except for:');
  for (const { place, what, madeUpBy } of losses) console.error(`  ${place}: ${what} -> ${madeUpBy}`);
} catch (error) {
  // what the user can mend is one line; anything else keeps its stack trace
  const mendable = [ConfigError, DataScanError, DocumentError, SiteError, TrustStoreError];
  if (!mendable.some((kind) => error instanceof kind)) throw error;
  console.error(String(error));
  process.exitCode = 1;
}
