/** The sample back end: one function per operation, each with no more than its own access to the table. */
import { join } from 'node:path';

import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

import { widgetsEnv } from '../../lambdas/widgets/contract';
import { HouseFunction } from '../_kit/function';
import type { Lifecycle } from '../_kit/lifecycle';
import { HouseTable } from '../_kit/table';

const HANDLERS = join(__dirname, '../../lambdas/widgets');

/** DynamoDB actions each operation needs; an operation without any does not see the table. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  listWidgets: ['dynamodb:Scan'],
  createWidget: ['dynamodb:PutItem'],
  getWidget: ['dynamodb:GetItem'],
  putWidget: ['dynamodb:UpdateItem'],
  deleteWidget: ['dynamodb:DeleteItem'],
  ping: [],
  getInfo: [],
  transfer: [],
};

export interface WidgetsProps {
  /** Table with the string partition key `id`. */
  readonly table: ITable;
  /** @default logs a year, data kept */
  readonly lifecycle?: Lifecycle;
}

/** Table of the widgets, for a stack of its own. */
export class WidgetsTable extends HouseTable {
  constructor(scope: Construct, id: string, props: { readonly lifecycle?: Lifecycle } = {}) {
    super(scope, id, { partitionKey: 'id', ...props });
  }
}

export class Widgets extends Construct {
  /** Function behind each operation, by `operationId`. */
  readonly handlers: Readonly<Record<string, IFunction>>;

  constructor(scope: Construct, id: string, props: WidgetsProps) {
    super(scope, id);
    const handlers: Record<string, IFunction> = {};
    for (const [operationId, actions] of Object.entries(ACTIONS)) {
      const withTable = actions.length > 0;
      const handler = new HouseFunction(this, operationId, {
        entry: entryOf(operationId),
        description: `Widget API: ${operationId}`,
        ...(withTable
          ? { environment: widgetsEnv.provide({ WIDGETS_TABLE_NAME: props.table.tableName }) }
          : {}),
        ...(props.lifecycle === undefined ? {} : { lifecycle: props.lifecycle }),
      });
      if (withTable) props.table.grant(handler, ...actions);
      handlers[operationId] = handler;
    }
    this.handlers = handlers;
  }
}

/** `createWidget` is deployed from `create-widget.handler.ts`. */
function entryOf(operationId: string): string {
  const name = operationId.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return join(HANDLERS, `${name}.handler.ts`);
}
