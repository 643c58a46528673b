/** A stack of its own with another document over the setting table of a deployment: its seeds run against that table. */
import { join } from 'node:path';

import { App, Stack } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';

import { partitionDocument, readDocument, StepUp, StepUpTables } from '../../lib';
import { sampleDocument } from '../api/sample';

const app = new App();
const stack = new Stack(app, 'sallyport-seeding', { env: { account: '000000000000', region: 'us-east-1' } });
const own = new StepUpTables(stack, 'Own');
const settings = Table.fromTableName(stack, 'Settings', String(app.node.tryGetContext('table')));
const tables = { settings, sessions: own.sessions, factors: own.factors, key: own.key };
// the document of the deployment, which has rows already, and one whose operations have none
new StepUp(stack, 'Same', {
  document: partitionDocument(readDocument(join(__dirname, '../../openapi.yaml'))).site,
  userPool: null,
  tables,
});
new StepUp(stack, 'Other', { document: sampleDocument(), userPool: null, tables });
