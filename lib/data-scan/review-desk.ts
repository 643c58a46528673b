/** The functions behind the review page: one shows, one decides. */
import { join } from 'node:path';

import { Stack } from 'aws-cdk-lib';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

import { AUDIT, EVENT_SOURCE, reviewEnv, RUNS } from '../../lambdas/data-scan/contract';
import { HouseFunction } from '../_kit/function';
import { KEEP, type Lifecycle } from '../_kit/lifecycle';
import { grantEvents } from '../_kit/telling';
import type { DataScanStores } from './stores';
import { grantRecords, machineArn } from './tasks';

export interface ReviewDeskProps {
  readonly stores: DataScanStores;
  /** Name of the state machine that waits for decisions. */
  readonly stateMachineName: string;
  /** Group whose members review. @default data-reviewers */
  readonly reviewers?: string;
  /** Whether it takes two people to release an object. */
  readonly twoPeople: boolean;
  /** Whether who uploaded an object may not release it; of an unknown uploader it takes two people then. */
  readonly notUploader: boolean;
  /** Where decisions are told. @default the account's default bus */
  readonly eventBus?: IEventBus;
  /** @default logs a year, data kept */
  readonly lifecycle?: Lifecycle;
}

const LAMBDAS = join(__dirname, '../../lambdas/data-scan');

export class ReviewDesk extends Construct {
  /** Function behind each operation, by `operationId`. */
  readonly handlers: Readonly<Record<'getReview' | 'decideReview', IFunction>>;

  constructor(scope: Construct, id: string, props: ReviewDeskProps) {
    super(scope, id);
    const { stores, lifecycle = KEEP } = props;
    const bus = props.eventBus ?? EventBus.fromEventBusName(this, 'DefaultBus', 'default');
    const yes = (setting: boolean): 'yes' | 'no' => (setting ? 'yes' : 'no');
    const environment = reviewEnv.provide({
      SCAN_RECORDS_BUCKET: stores.records.bucketName,
      SCAN_TABLE_NAME: stores.table.tableName,
      SCAN_EVENT_BUS_NAME: bus.eventBusName,
      SCAN_AUDIT_LOCK_DAYS: stores.auditLockDays,
      SCAN_REVIEWERS: props.reviewers ?? 'data-reviewers',
      SCAN_TWO_PEOPLE: yes(props.twoPeople),
      SCAN_NOT_UPLOADER: yes(props.notUploader),
    });
    const getReview = new HouseFunction(this, 'getReview', {
      entry: join(LAMBDAS, 'get-review.handler.ts'),
      description: 'Data scan: shows a review',
      environment,
      lifecycle,
    });
    grantRecords(getReview, stores, { reads: [`${RUNS}*`] });
    stores.table.grant(getReview, 'dynamodb:GetItem', 'dynamodb:Query');
    const decideReview = new HouseFunction(this, 'decideReview', {
      entry: join(LAMBDAS, 'decide-review.handler.ts'),
      description: 'Data scan: takes a decision',
      environment,
      memoryMiB: 1024,
      lifecycle,
    });
    grantRecords(decideReview, stores, { reads: [`${RUNS}*`, `${AUDIT}*`], writes: [`${AUDIT}*`] });
    stores.table.grant(
      decideReview,
      ...['GetItem', 'Query', 'PutItem', 'ConditionCheckItem'].map((action) => `dynamodb:${action}`),
    );
    decideReview.addToRolePolicy(
      new PolicyStatement({
        actions: ['states:SendTaskSuccess'],
        resources: [machineArn(Stack.of(this), props.stateMachineName)],
      }),
    );
    grantEvents(decideReview, bus, EVENT_SOURCE);
    this.handlers = { getReview, decideReview };
  }
}
