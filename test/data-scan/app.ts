/** A data scan of its own, with other settings than the local environment's: rules, two people, a topic, a short review. */
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';

import { DataScan, DataScanBuckets, type DataScanStores, type Lifecycle, ReviewDesk } from '../../lib';

const app = new App();
const context = (key: string): string => String(app.node.tryGetContext(key));
const name = context('name');
const stack = new Stack(app, name);
const lifecycle: Lifecycle = { logs: RetentionDays.ONE_DAY, data: 'destroy' };
const own = new DataScanBuckets(stack, 'Stores', { lifecycle });
const stores: DataScanStores = {
  ...{ raw: own.raw, stage: own.stage, review: own.review, output: own.output },
  ...{ table: own.table, key: own.key, auditLockDays: own.auditLockDays },
  // where Macie writes its results is one setting of the Region, which the local environment has taken
  records: Bucket.fromBucketName(stack, 'Records', context('records')),
};
const { stateMachine, topic } = new DataScan(stack, 'Scan', {
  stores,
  stateMachineName: name,
  siteUrl: 'https://site.example',
  notify: { via: 'sns', to: ['data-reviewers@example.com'] },
  every: null,
  poll: Duration.seconds(1),
  scanTimeout: Duration.minutes(5),
  settle: Duration.seconds(1),
  reviewTime: Duration.seconds(Number(context('reviewSeconds'))),
  denied: 'keep',
  rules: [
    { types: ['CREDENTIALS'], action: 'drop' },
    { severities: ['LOW', 'MEDIUM'], types: ['CREDIT_CARD_NUMBER'], action: 'pass' },
  ],
  retry: { attempts: 2, interval: Duration.seconds(1) },
  lifecycle,
});
const { handlers } = new ReviewDesk(stack, 'Desk', {
  stores,
  stateMachineName: name,
  twoPeople: true,
  notUploader: true,
  lifecycle,
});
const outputs = {
  Raw: own.raw.bucketName,
  Review: own.review.bucketName,
  Output: own.output.bucketName,
  Table: own.table.tableName,
  StateMachine: stateMachine.stateMachineArn,
  Topic: topic?.topicArn ?? '',
  Show: handlers.getReview.functionName,
  Decide: handlers.decideReview.functionName,
};
for (const [output, value] of Object.entries(outputs)) new CfnOutput(stack, output, { value });
