/** Composes the data scan, and the operations of its review page, from the settings. */
import { CfnOutput, Duration, type Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';

import type { Lifecycle } from './_kit/lifecycle';
import type { Settings } from './config';
import { DataScan, DataScanBuckets, ReviewDesk } from './data-scan';

export interface DataPipelineProps {
  /** Stack for what holds state: buckets, table, key. */
  readonly dataStack: Stack;
  /** Stack of the API, which the functions behind the review page belong to. */
  readonly apiStack: Stack;
  /** Stack for everything else. */
  readonly stack: Stack;
  readonly settings: NonNullable<Settings['dataScan']>;
  readonly siteUrl: string;
  readonly lifecycle: Lifecycle;
}

interface DataPipeline {
  /** Function behind each operation, by `operationId`. */
  readonly handlers: Readonly<Record<string, IFunction>>;
  /** Values of outputs, by name. */
  readonly dataOutputs: Readonly<Record<string, string>>;
}

/** Operations that are deployed with the data scan only. */
export const REVIEW_OPERATIONS: readonly string[] = ['getReview', 'decideReview'];

export function composeDataPipeline(props: DataPipelineProps): DataPipeline {
  const { dataStack, apiStack, stack, settings, siteUrl, lifecycle } = props;
  const { stateMachineName, bucketPrefix, expireAfterDays, auditLockDays, review, scan } = settings;
  const stores = new DataScanBuckets(dataStack, 'DataScan', {
    ...(bucketPrefix === null ? {} : { bucketPrefix }),
    expireAfterDays,
    auditLockDays,
    lifecycle,
  });
  const { pollSeconds, timeoutMinutes, resultsWaitSeconds, settleSeconds, malwareGate, ...options } = scan;
  const pipeline = new DataScan(stack, 'DataScan', {
    stores,
    stateMachineName,
    siteUrl,
    notify: settings.notify,
    every: settings.everyHours === null ? null : Duration.hours(settings.everyHours),
    onUpload: settings.onUpload,
    enableMacie: settings.enableMacie === 'yes',
    scan: options,
    rules: settings.rules,
    poll: Duration.seconds(pollSeconds),
    scanTimeout: Duration.minutes(timeoutMinutes),
    resultsWait: Duration.seconds(resultsWaitSeconds),
    settle: Duration.seconds(settleSeconds),
    reviewTime: Duration.days(review.days),
    denied: review.denied,
    uploaderTag: review.uploaderTag,
    malwareGate,
    retry: {
      attempts: settings.retry.attempts,
      interval: Duration.seconds(settings.retry.intervalSeconds),
    },
    maxConcurrency: settings.maxConcurrency,
    runObjects: settings.runObjects,
    multipartMiB: settings.multipartMiB,
    lifecycle,
  });
  new CfnOutput(stack, 'DataScanStateMachineArn', { value: pipeline.stateMachine.stateMachineArn });
  const desk = new ReviewDesk(apiStack, 'ReviewDesk', {
    stores,
    stateMachineName,
    reviewers: review.group,
    twoPeople: review.twoPeople,
    notUploader: review.notUploader,
    lifecycle,
  });
  return {
    handlers: desk.handlers,
    dataOutputs: {
      RawBucketName: stores.raw.bucketName,
      ScanStageBucketName: stores.stage.bucketName,
      ManualReviewBucketName: stores.review.bucketName,
      ScannedDataBucketName: stores.output.bucketName,
      ScanRecordsBucketName: stores.records.bucketName,
      DataScanTableName: stores.table.tableName,
    },
  };
}
