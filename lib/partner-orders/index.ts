/** The sample back end of partners: what a handler does with the certificate that its caller came with. */
import { join } from 'node:path';

import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

import { partnerOrdersEnv } from '../../lambdas/partner-orders/contract';
import { HouseFunction } from '../_kit/function';
import type { Lifecycle } from '../_kit/lifecycle';
import { HouseTable } from '../_kit/table';

const HANDLERS = join(__dirname, '../../lambdas/partner-orders');

/** The file behind each operation, and the one DynamoDB action it needs. */
const OPERATIONS = {
  listPartnerOrders: ['list-partner-orders', 'dynamodb:Query'],
  createPartnerOrder: ['create-partner-order', 'dynamodb:PutItem'],
} as const;

export interface PartnerOrdersProps {
  /** Table with the partition key `partner` and the sort key `position`, both strings. */
  readonly table: ITable;
  /** @default logs a year, data kept */
  readonly lifecycle?: Lifecycle;
}

/** Table of the orders, for a stack of its own. */
export class PartnerOrdersTable extends HouseTable {
  constructor(scope: Construct, id: string, props: { readonly lifecycle?: Lifecycle } = {}) {
    super(scope, id, { partitionKey: 'partner', sortKey: 'position', ...props });
  }
}

export class PartnerOrders extends Construct {
  /** Function behind each operation, by `operationId`. */
  readonly handlers: Readonly<Record<string, IFunction>>;

  constructor(scope: Construct, id: string, props: PartnerOrdersProps) {
    super(scope, id);
    const handlers = Object.entries(OPERATIONS).map(([operationId, [file, action]]) => {
      const handler = new HouseFunction(this, operationId, {
        entry: join(HANDLERS, `${file}.handler.ts`),
        description: `Partner API: ${operationId}`,
        environment: partnerOrdersEnv.provide({ PARTNER_ORDERS_TABLE_NAME: props.table.tableName }),
        ...(props.lifecycle === undefined ? {} : { lifecycle: props.lifecycle }),
      });
      props.table.grant(handler, action);
      return [operationId, handler] as const;
    });
    this.handlers = Object.fromEntries(handlers);
  }
}
